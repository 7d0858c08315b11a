"""Each gesture of the boundary studio in a browser, and what the planner is told meanwhile."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import expect

from tests.e2e.studio import (
    FLATS,
    STEP,
    Place,
    Studio,
    at,
    base_url,
    begun,
    city_url,
    households,
    studio,
    told_by,
)

__all__ = ["base_url", "city_url", "studio"]


def square(column: float, row: float, size: float) -> list[Place]:
    """Four corners around a place."""
    half = size / 2
    return [at(column + i * half, row + j * half) for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


@pytest.mark.slow
def test_what_the_hand_draws_is_counted_before_it_is_done(studio: Studio) -> None:
    studio.open(f"draft={begun(studio, '数一数')}&grid=11")
    figures = studio.panel.get_by_role("table")
    studio.tool("拆分")
    # One row of four buildings lies beyond the line.
    studio.draw(at(1, 1.75), at(1.5, 1.75), at(2, 1.75), end=False)
    row = figures.get_by_role("row", name="户数")
    both = sorted([households(1, FLATS), households(1, FLATS**2 - FLATS)])
    expect(row).to_contain_text(f"{households(1)}")
    for count in both:
        expect(row.get_by_role("cell", name=f"{count}", exact=True)).to_be_visible()
    studio.page.keyboard.press("Escape")
    # So are the grids that a corner is dragged out of.
    studio.tool("移点")
    studio.drag(at(1, 2), at(1.2, 2.2), drop=False)
    expect(figures.get_by_role("row")).to_have_count(5)
    expect(figures.get_by_role("row", name="方格12")).to_contain_text(f"{households(1)} →")
    studio.page.mouse.up()
    studio.revision(2)


# 80 s; the tools of most days are in test_plan.py.
@pytest.mark.slow
def test_every_tool_makes_its_operation(studio: Studio) -> None:
    draft = begun(studio, "每个工具")
    studio.open(f"draft={draft}&grid=10")
    page = studio.page
    revision = itertools.count(2)

    studio.tool("改线")
    studio.draw(at(1, 0.2), at(1.2, 0.5), at(1, 0.8))
    studio.revision(next(revision))
    assert at(1.2, 0.5) in rounded(studio, draft, "00")

    studio.tool("挖出")
    page.get_by_role("button", name="逐点").click()
    studio.draw(*square(0.5, 2.5, 0.4))
    page.get_by_label("专属网格名称").fill("方镇小学")
    page.get_by_role("button", name="挖出", exact=True).last.click()
    studio.revision(next(revision))
    expect(studio.panel.get_by_role("heading", name="方镇小学")).to_be_visible()

    studio.tool("并散")
    page.get_by_role("group", name="并散").get_by_role("button", name="并散").click()
    studio.revision(next(revision))
    assert "方镇小学" not in page.get_by_test_id("map").inner_text()

    studio.choose("方格31")
    studio.tool("重画")
    studio.draw(at(3, 0.8), at(4, 0.8), at(4, 2), at(3, 2))
    studio.revision(next(revision))
    assert at(3, 0.8) in rounded(studio, draft, "30")

    studio.choose("方格33")
    studio.tool("划转")
    page.get_by_role("button", name="手绘").click()
    circle = [at(3, 3.5), at(2.8, 3.4), at(2.7, 3.5), at(2.8, 3.6), at(3.2, 3.7), at(3.2, 3.3)]
    studio.sweep(*circle, at(3, 3.42))
    studio.revision(next(revision))

    page.get_by_label("改名").fill("东北角")
    page.keyboard.press("Enter")
    studio.revision(next(revision))
    page.get_by_label("改编码").fill("NE")
    page.keyboard.press("Enter")
    studio.revision(next(revision))
    page.get_by_label("换村社").select_option(label="西社区")
    page.get_by_label("换村社").press("Enter")
    page.locator("form", has=page.get_by_label("换村社")).get_by_role("button").click()
    studio.revision(next(revision))

    page.get_by_role("spinbutton", name="均分成").fill("2")
    page.get_by_role("button", name="均分", exact=True).click()
    studio.revision(next(revision))
    expect(studio.panel.get_by_role("heading", name="所选 2 个网格")).to_be_visible()
    expect(studio.panel).to_contain_text("按户数")

    # Back to the first of them, and forth again by the other key.
    studio.panel.get_by_role("button", name="移边").click()
    # One request a step: a key in the middle of them would be lost.
    expect(page.get_by_text("已撤销")).to_have_count(8)
    expect(page.get_by_role("button", name="重做")).to_be_enabled()
    studio.map.locator("canvas").focus()
    page.keyboard.press("Control+y")
    expect(page.get_by_role("tab", name="全部网格")).to_contain_text("17")


def test_a_finding_is_gone_to_and_its_place_is_drawn(studio: Studio) -> None:
    draft = begun(studio, "太小")
    tiny = [[*square(3.5, 3.5, 0.05), square(3.5, 3.5, 0.05)[0]]]
    carve = {"op": "carve", "name": "亭子", "area": {"type": "Polygon", "coordinates": tiny}}
    told_by(studio.desk, f"/api/drafts/{draft}/operations", carve, revision=1)
    studio.open(f"draft={draft}")
    expect(studio.page.get_by_text("项检查未过")).to_be_visible()
    expect(studio.page.get_by_role("button", name="提交批准")).to_be_disabled()
    studio.panel.get_by_role("listitem").filter(has_text="亭子").get_by_role("button").first.click()
    studio.wait()
    assert studio.marked("mark-place") == [True]
    box = studio.map.bounding_box()
    assert box
    x, y = studio.pixel(at(3.5, 3.5))
    assert box["x"] < x < box["x"] + box["width"]
    assert box["y"] < y < box["y"] + box["height"]
    assert studio.map.evaluate("(element) => element.studioMap.map.getZoom()") > 14


def test_the_impact_is_a_table_and_a_map(studio: Studio) -> None:
    draft = begun(studio, "影响谁")
    merge = {"op": "merge", "grids": ["00", "01"]}
    told_by(studio.desk, f"/api/drafts/{draft}/operations", merge, revision=1)
    studio.open(f"draft={draft}")
    studio.tab("影响")
    table = studio.page.get_by_role("region", name="网格前后")
    kept = table.get_by_role("row").filter(has_text=f"{households(0)} →")
    expect(kept).to_contain_text(f"{households(0) * 2}")
    expect(table.get_by_role("row").filter(has_text="撤销")).to_have_count(1)
    expect(studio.page.get_by_text("没有事件、责任人或值班易手").first).to_be_visible()
    assert studio.marked("mark-impact") == [True]
    shown = """(element) => new Set(element.studioMap.map.querySourceFeatures('mark-impact')
        .map(({ properties }) => properties.code)).size"""
    assert studio.map.evaluate(shown) == 1
    studio.page.get_by_role("button", name="之前").click()
    studio.wait()
    studio.page.wait_for_function(
        f"() => ({shown})(document.querySelector('[data-testid=map]')) === 2"
    )
    for file in ("GeoPackage", "网页"):
        link = studio.page.get_by_role("link", name=file)
        answer = studio.page.request.get(f"{studio.desk.base_url}{link.get_attribute('href')}")
        assert answer.ok
    # The same selection in the table and on the map.
    kept.get_by_role("button").click()
    expect(studio.panel.get_by_role("heading", name="方格0")).to_be_visible()
    assert studio.marked("mark-selected") == [True]


def test_what_goes_to_somebody_else_is_told_by_person_and_shown(studio: Studio) -> None:
    lng, lat = at(2.8, 2.5)
    report = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "garbage"}
    told_by(studio.desk, "/api/reports", {**report, "description": "Reported by a test."})
    draft = begun(studio, "换人")
    area = [[*square(2.8, 2.5, 0.6), square(2.8, 2.5, 0.6)[0]]]
    given = {"op": "transfer", "to": "32", "area": {"type": "Polygon", "coordinates": area}}
    told_by(studio.desk, f"/api/drafts/{draft}/operations", given, revision=1)
    studio.open(f"draft={draft}")
    studio.tab("影响")
    hands = studio.page.get_by_role("region", name="易手").get_by_role("table")
    row = hands.get_by_role("row").nth(1)
    expect(row.get_by_role("cell")).to_have_text(["甲", "乙", "1"])
    expect(hands.get_by_role("row")).to_have_count(2)
    # Of the two grids that change only the one that gets it is shaded.
    row.get_by_role("button").click()
    studio.page.wait_for_function(
        """() => {
            const { map } = document.querySelector('[data-testid=map]').studioMap;
            const found = map.querySourceFeatures('mark-impact');
            return found.length > 0 && found.every(({ properties }) => properties.code === '32');
        }"""
    )


@pytest.mark.slow
def test_grids_are_made_even_and_a_proposal_becomes_the_draft_in_hand(studio: Studio) -> None:
    studio.open(f"draft={begun(studio, '要均衡')}&grid=00")
    page = studio.page
    page.keyboard.press("b")
    page.get_by_role("button", name="均衡 西社区 全部网格").click()
    expect(page.get_by_role("img", name="最大偏差从")).to_be_visible(timeout=60_000)
    first = page.get_by_role("button", name="方案 1", exact=True)
    expect(first).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(
        """() => document.querySelector('[data-testid=map]').studioMap.map
            .querySourceFeatures('mark-impact').length > 0"""
    )
    page.get_by_role("link", name="打开").first.click()
    expect(page.get_by_role("heading", name="均衡方案")).to_be_visible()
    studio.wait()
    expect(studio.panel).to_contain_text("重画")
    expect(page.get_by_role("button", name="提交批准")).to_be_enabled()
    page.get_by_role("button", name="全部方案").click()
    # What nobody wants goes away again.
    row = page.get_by_role("row").filter(has_text="要均衡")
    row.get_by_role("button", name="作废 要均衡").click()
    row.get_by_role("button", name="确实作废").click()
    expect(row).to_have_count(0)


def test_a_file_edited_elsewhere_becomes_a_draft(studio: Studio, tmp_path: Path) -> None:
    page = studio.page
    studio.open(f"draft={begun(studio, '拿出去改')}")
    page.get_by_role("button", name="导出").click()
    address = page.get_by_role("link", name="GeoPackage").get_attribute("href")
    file = tmp_path / "网格.gpkg"
    file.write_bytes(page.request.get(f"{studio.desk.base_url}{address}").body())
    grids = gpd.read_file(file).set_index("code")
    grids.loc["20", "geometry"] = grids.loc[["20", "21"], "geometry"].union_all()
    grids.loc["33", "name"] = "东北角"
    grids.drop(index="21").reset_index().to_file(file, driver="GPKG", layer="grids")

    studio.open()
    page.get_by_text("导入编辑过的文件…").click()
    page.get_by_label("文件", exact=True).set_input_files(file)
    page.get_by_role("button", name="导入为方案").click()
    found = page.get_by_role("region", name="文件里找到")
    expect(found).to_contain_text("撤销 1")
    expect(found).to_contain_text("改了名 1")
    found.get_by_role("button", name="打开方案").click()
    expect(page.get_by_role("heading", name="网格", exact=True, level=2)).to_be_visible()
    studio.wait()
    expect(page.get_by_role("tab", name="全部网格")).to_contain_text("15")


def rounded(studio: Studio, draft: int, code: str) -> list[Place]:
    """The corners of a grid, as near to those of `at` as a pixel of the screen is."""
    ring = studio.grids(draft)[code]
    steps = [((lng - at(0, 0)[0]) / STEP, (lat - at(0, 0)[1]) / STEP) for lng, lat in ring]
    return [at(round(column, 1), round(row, 1)) for column, row in steps]
