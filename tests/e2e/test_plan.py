"""A planner redraws a city, somebody else publishes it, and the city lives in the new grids."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import watched
from tests.e2e.desk import Desk, Size
from tests.e2e.studio import (
    STEP,
    Place,
    Studio,
    another,
    at,
    base_url,
    begun,
    city_url,
    studio,
    told_by,
)
from tests.e2e.test_accessibility import RUN, add_axe
from tests.e2e.test_sizes import FAULTS, LEAST_FONT_PX

__all__ = ["base_url", "city_url", "studio"]

# Along the meridian, at 30 degrees.
METRES_PER_DEGREE = 110_852
# The grids in the tiles that the live desk has loaded.
CODES = """(element) => element.deskMap.map
    .querySourceFeatures('grids', { sourceLayer: 'grids' })
    .map(({ properties }) => properties.code)"""
# Whether the live desk has drawn all of these grids, and not one of those.
DRAWN = """([these, not]) => {
    const map = document.querySelector('[data-testid=map]').deskMap.map;
    const codes = new Set(map
        .querySourceFeatures('grids', { sourceLayer: 'grids' })
        .map(({ properties }) => properties.code));
    return these.every((code) => codes.has(code)) && !codes.has(not);
}"""
# Whether so much of the version that is compared with is cut off, in hundredths.
CUT_OFF = """(hundredths) => getComputedStyle(
    document.querySelector('[data-testid=base-map]').parentElement
).clipPath.split(' ')[1].startsWith(`${hundredths}%`)"""
REFUSED = "the server responded with a status of"


def test_what_a_planner_draws_is_approved_published_and_lived_in(
    studio: Studio, browser: Browser, city_url: str
) -> None:
    page = studio.page
    studio.open()
    expect(page.get_by_text("还没有方案")).to_be_visible()
    older = begun(studio, "基于第一版")
    draft = studio.begin("西片拆分")

    # Split: the two pieces are selected, and told with their sizes.
    studio.click(at(0.5, 1.5))
    expect(studio.panel.get_by_role("heading", name="方格01")).to_be_visible()
    studio.tool("拆分")
    # A few pixels inside the grid its ends are taken to be on the edge.
    studio.draw(at(0.03, 1.4), at(0.5, 1.5), at(0.97, 1.4))
    studio.revision(2)
    expect(studio.panel.get_by_role("heading", name="所选 2 个网格")).to_be_visible()
    pieces = sorted(studio.grids(draft).keys() - {f"{c}{r}" for c in range(4) for r in range(4)})
    assert len(pieces) == 2
    expect(page.get_by_role("tab", name="改动")).to_contain_text("3")

    # A corner that four grids share moves in all four.
    studio.tool("选择")
    studio.click(at(0.5, 2.5))
    studio.tool("移点")
    studio.drag(at(1, 3), at(1.2, 3.15))
    studio.revision(3)
    moved = {
        code
        for code, ring in studio.grids(draft).items()
        for lng, lat in ring
        if abs(lng - at(1.2, 3.15)[0]) < STEP / 50 and abs(lat - at(1.2, 3.15)[1]) < STEP / 50
    }
    assert moved == {"02", "03", "12", "13"}

    # Merge two neighbours, and take that back by the keys.
    studio.tool("选择")
    studio.click(at(3.5, 0.5))
    studio.click(at(3.5, 1.5), more=True)
    studio.tool("合并")
    page.keyboard.press("Enter")
    studio.revision(4)
    assert not {"30", "31"} <= studio.grids(draft).keys()
    page.keyboard.press("Control+z")
    studio.revision(5)
    assert {"30", "31"} <= studio.grids(draft).keys()

    studio.confirm("提交批准", "提交批准")
    expect(page.get_by_text("待批准", exact=True)).to_be_visible()
    expect(page.get_by_text("由负责人或其他规划员批准")).to_be_visible()

    # The live desk is open all the while, and shows the new grids by itself.
    with (
        another(browser, city_url, "dispatcher") as live_page,
        another(browser, city_url, "leader") as other,
    ):
        live = Desk(live_page, city_url)
        live.open()
        assert "01" in live.map.evaluate(CODES)
        live_page.evaluate("() => (window.stays = true)")

        leader = Studio(Desk(other, city_url))
        leader.open(f"draft={draft}", "phone")
        leader.confirm("批准方案", "批准方案")
        leader.confirm("发布…", "发布")
        expect(other.get_by_role("dialog")).to_contain_text("已发布为第 2 版")

        live_page.wait_for_function(DRAWN, arg=[pieces, "01"])
        assert live_page.evaluate("() => window.stays")
        placed = {}
        for name, place in (("north", at(0.5, 1.8)), ("south", at(0.5, 1.1))):
            placed[name] = _report(live, place)
            located = live.api(f"/api/locate?lng={place[0]}&lat={place[1]}")
            assert located["grid"]["code"] == placed[name]
        assert set(placed.values()) == set(pieces)

    # The page of who drew it knows of the new version too.
    expect(page.get_by_text("已发布", exact=True)).to_be_visible()

    # A draft of before is drawn on its own base, and moves to the new version by a button.
    studio.open(f"draft={older}&grid=01")
    expect(studio.panel.get_by_role("heading", name="方格01")).to_be_visible()
    page.get_by_role("button", name="换到最新版本").click()
    expect(page.get_by_text("基于第 2 版")).to_be_visible()
    studio.wait()
    expect(page.get_by_role("tab", name="全部网格")).to_contain_text("17")
    # Compared with its own base, then with the version before.
    page.keyboard.press("p")
    versions = page.get_by_label("对比的版本")
    expect(versions.locator("option")).to_have_count(2)
    versions.select_option("1")
    shown = "() => document.querySelector('[data-testid=base-map]').studioMap?.shows('01')"
    page.wait_for_function(shown)


def test_a_refusal_stays_with_its_drawing_and_its_place_until_it_is_allowed(
    studio: Studio,
) -> None:
    studio.desk.expected_errors = [REFUSED]
    studio.open(f"draft={begun(studio, '社区边界')}")
    studio.tool("划转")
    expect(studio.page.get_by_text("先在地图或表中选一个网格")).to_be_visible()
    studio.click(at(1.5, 1.5))
    studio.draw(at(1.7, 1.2), at(2.3, 1.3), at(2.3, 1.7), at(1.7, 1.8))
    expect(studio.refusal).to_contain_text("村社边界会跟着移动")
    assert studio.marked("mark-place", "mark-sketch") == [True, True]
    studio.refusal.get_by_role("button", name="允许改动村社边界").click()
    studio.revision(2)
    expect(studio.refusal).to_have_count(0)
    # A line that ends in the middle of a grid.
    studio.page.get_by_role("button", name="全市").click()
    studio.wait()
    studio.tool("拆分")
    studio.draw(at(0, 0.5), at(0.6, 0.5))
    expect(studio.refusal).to_contain_text("没有到达两侧")
    studio.page.keyboard.press("Escape")
    expect(studio.refusal).to_have_count(0)


def test_who_comes_second_is_told_who_was_first(
    studio: Studio, browser: Browser, city_url: str
) -> None:
    studio.desk.expected_errors = [REFUSED]
    draft = begun(studio, "两个人")
    studio.open(f"draft={draft}&grid=33")
    rename = {"op": "rename", "grid": "30", "name": "东南角"}
    with another(browser, city_url, "second") as other:
        told_by(Desk(other, city_url), f"/api/drafts/{draft}/operations", rename, revision=1)
    # What was asked for meanwhile is done on top of what was not known.
    studio.page.get_by_label("改名").fill("东北角")
    studio.page.keyboard.press("Enter")
    expect(studio.refusal).to_contain_text("second")
    studio.refusal.get_by_role("button", name="载入后再做我这一步").click()
    studio.revision(3)
    expect(studio.panel.get_by_role("heading", name="东北角")).to_be_visible()
    studio.choose("东南角")
    # Who only looks is told as well.
    with another(browser, city_url, "second") as other:
        again = {**rename, "name": "又一个角"}
        told_by(Desk(other, city_url), f"/api/drafts/{draft}/operations", again, revision=3)
    expect(studio.refusal).to_contain_text("second")
    studio.refusal.get_by_role("button", name="载入对方的修改").click()
    studio.revision(4)
    expect(studio.panel.get_by_role("heading", name="又一个角")).to_be_visible()


def test_table_and_keys_do_without_a_pointer(studio: Studio) -> None:
    draft = begun(studio, "只用键盘")
    studio.open(f"draft={draft}")
    page = studio.page
    corners = _corners(studio, draft)
    page.get_by_role("searchbox").fill("方格1")
    row = page.get_by_role("row", name="方格12")
    row.focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("row", name="方格11")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(row).to_be_focused()
    # A corner by the keys: taken, moved ten metres twice, put down.
    page.keyboard.press("e")
    page.keyboard.press("]")
    expect(studio.panel.get_by_role("heading", name="正在改")).to_be_visible()
    studio.map.locator("canvas").focus()
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    studio.revision(2)
    now = _corners(studio, draft)
    (((lng, before),), ((same, after),)) = corners - now, now - corners
    assert lng == pytest.approx(same, abs=1e-9)
    assert (after - before) * METRES_PER_DEGREE == pytest.approx(20, rel=0.01)
    page.keyboard.press("Control+z")
    studio.revision(3)
    page.keyboard.press("Control+Shift+z")
    studio.revision(4)
    page.keyboard.press("p")
    handle = page.get_by_label("对比分界")
    handle.focus()
    # The version lies over the draft as far as the handle is to the right.
    for key, share in (("Home", 0), ("End", 100)):
        page.keyboard.press(key)
        expect(handle).to_have_value(f"{share}")
        page.wait_for_function(CUT_OFF, arg=100 - share)


@pytest.mark.parametrize("size", ["wide", "middle", "phone"])
def test_the_studio_fits_and_axe_finds_nothing(studio: Studio, size: Size) -> None:
    draft = begun(studio, f"尺寸 {size}")
    studio.open(f"draft={draft}&grid=11", size)
    add_axe(studio.desk)
    if size != "phone":
        studio.tool("移点")
    expect(studio.page.get_by_text("方格11").first).to_be_visible()
    for language in ("English", "中文"):
        studio.page.get_by_role("button", name=language).click()
        assert studio.page.evaluate(FAULTS, LEAST_FONT_PX) == []
    assert studio.page.evaluate(RUN) == []
    studio.page.get_by_role("button", name="全部方案").click()
    expect(studio.page.get_by_role("link", name=f"尺寸 {size}")).to_be_visible()
    assert studio.page.evaluate(FAULTS, LEAST_FONT_PX) == []
    assert studio.page.evaluate(RUN) == []


def test_who_may_not_read_drafts_is_told_so(page: Page, city_url: str) -> None:
    with watched(page, city_url) as desk:
        desk.sign_in("dispatcher")
        page.goto(f"{city_url}/plan")
        expect(page.get_by_role("heading", name="这个账号没有边界页面")).to_be_visible()
        expect(page.get_by_role("link", name="边界")).to_have_count(0)


def _report(desk: Desk, place: Place) -> str:
    """Send a report as a resident does; the code of its case's grid."""
    lng, lat = place
    report = {
        "lng": lng,
        "lat": lat,
        "datum": "wgs84",
        "category": "garbage",
        "description": "Reported by a test.",
    }
    told = told_by(desk, "/api/reports", report)
    case = desk.api(f"/api/cases/{told['case']}")
    assert case["grid"]["code"] == case["grid_today"] == told["grid"]
    return str(told["grid"])


def _corners(studio: Studio, draft: int) -> set[Place]:
    grids = studio.grids(draft)
    return {(lng, lat) for ring in grids.values() for lng, lat in ring}
