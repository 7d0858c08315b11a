"""The page of hotspots as a leader meets it: what stands out, where, and who answers for it."""

from __future__ import annotations

import base64
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.desk import SIZES, Desk, Size
from tests.e2e.test_accessibility import RUN, add_axe

MAP = "[data-testid=cell-map][data-ready=true]"
# Size of a picture, and the colours of its middle part that cover a hundred pixels.
COLOURS_IN = """async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes]));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  const { data } = pen.getImageData(0, 64, image.width, image.height - 120);
  const found = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
    found.set(colour, (found.get(colour) ?? 0) + 1);
  }
  const wide = [...found].filter(([, pixels]) => pixels > 100).map(([colour]) => colour);
  return [image.width, image.height, wide];
}"""

# Whether every cell that a map draws has the tone that is known of it, or one where there is any.
AS_TOLD = """([at, isAny, known]) => {
  const { map } = document.querySelectorAll('[data-testid=cell-map]')[at].cellMap;
  const drawn = map.queryRenderedFeatures({ layers: ['cells'] });
  return drawn.length > 100 && drawn.every(({ properties, state }) =>
    (isAny ? Math.min(state.tone, 1) : state.tone) === known[properties.cell]);
}"""


@pytest.fixture
def insight(door: Desk) -> Desk:
    """The service as a leader sees it."""
    door.sign_in("leader")
    return door


def look(desk: Desk, query: str = "", size: Size = "wide") -> Locator:
    """Go to the page of hotspots; the panel, once the map stands and the places are told."""
    width, height = SIZES[size]
    desk.page.set_viewport_size({"width": width, "height": height})
    desk.page.goto(f"{desk.base_url}/insight?{query}")
    if size != "phone":
        desk.page.wait_for_selector(MAP)
    return desk.page.locator("#insight-panel")


def period(desk: Desk) -> dict[str, str]:
    """The days that are shown, as a request has them."""
    found = re.search(
        r"(\d{4}-\d\d-\d\d).*?(\d{4}-\d\d-\d\d)",
        str(desk.page.get_by_role("slider").first.get_attribute("aria-valuetext")),
    )
    assert found
    return {"from": found[1], "to": found[2]}


def painted(desk: Desk) -> dict[str, int]:
    """The tone of each cell that the map draws."""
    tones: dict[str, int] = desk.page.locator(MAP).first.evaluate(
        """(box) => Object.fromEntries(
            box.cellMap.map.queryRenderedFeatures({ layers: ['cells'] })
               .map(({ properties, state }) => [properties.cell, state.tone ?? -1]))"""
    )
    return tones


def days_of(
    desk: Desk,
    panel_query: dict[str, Any],
    days: dict[str, str] | None = None,
    route: str = "cells",
) -> dict[str, Any]:
    """What the service counts by cell for the period of the page, or for other days."""
    days = days or period(desk)
    after = date.fromisoformat(days["to"]) + timedelta(1)
    told: dict[str, Any] = desk.api(
        f"/api/hotspots/{route}", **{"from": days["from"], "to": f"{after}", **panel_query}
    )
    return told


def before(days: dict[str, str]) -> dict[str, str]:
    """As many days, just before."""
    first, last = (date.fromisoformat(days[end]) for end in ("from", "to"))
    length = last - first + timedelta(1)
    return {"from": f"{first - length}", "to": f"{last - length}"}


def wait_until_painted(desk: Desk, at: int, told: dict[str, Any], which: str) -> None:
    """Wait until a map draws what the service told: where there are cases, or what stands out."""
    levels = [1] if which == "counts" else [-2.58, -1.96, -1.65, 1.65, 1.96, 2.58]
    known = {
        cell: sum(value >= level for level in levels)
        for cell, value in zip(told["keys"], told[which], strict=True)
    }
    assert len(set(known.values())) > 1
    desk.page.wait_for_function(AS_TOLD, arg=[at, which == "counts", known])


def test_a_leader_sees_what_stands_out_how_it_went_the_cases_and_who_answers(
    insight: Desk, tmp_path: Path
) -> None:
    panel = look(insight, "category=fire_lane_blocked&lang=zh")
    told = days_of(insight, {"category": "fire_lane_blocked", "resolution": 8})
    tones = painted(insight)
    assert len(tones) > 100
    counts = dict(zip(told["keys"], told["counts"], strict=True))
    assert set(tones) <= set(counts)
    # One direction: of two cells the one with more cases is never paler.
    by_count = sorted((counts[cell], tone) for cell, tone in tones.items())
    assert [tone for _, tone in by_count] == sorted(tone for _, tone in by_count)
    assert len({tone for _, tone in by_count}) > 2
    expect(insight.page.get_by_text(f"{told['total']:,} 件").first).to_be_visible()

    row = panel.get_by_role("row").filter(has=insight.page.get_by_role("button")).nth(1)
    row.get_by_role("button").first.click()
    card = panel.locator("section.card")
    expect(card.locator("h2")).to_contain_text("一带")
    expect(card.get_by_text(re.compile(r"^近 \d+ 周"))).to_be_visible()
    button = card.get_by_role("button", name=re.compile("件事件"))
    button.click()
    counted = int(re.sub(r"\D", "", button.inner_text()))
    expect(card.locator("a[href*='/?case=']").first).to_be_visible()
    peak = insight.page.evaluate("new URLSearchParams(location.search).get('cell')")
    # A peak may have no case of its own: those around it make it one.
    asked = {"category": "fire_lane_blocked", "resolution": 8}
    places = days_of(insight, asked, route="places")["places"]
    (place,) = (each for each in places if peak == each["peak"])
    assert counted == place["count"] == sum(counts[cell] for cell in place["cells"]) > 0
    expect(card.get_by_text(re.compile(rf"\b{counted}\b")).first).to_be_visible()
    card.get_by_role("button", name=re.compile("网格")).click()
    expect(card.locator("a[href*='/?place=']").first).to_be_visible()

    add_axe(insight)
    assert insight.page.evaluate(RUN) == []
    check_what_is_taken_away(insight, told, tmp_path)
    insight.page.keyboard.press("Escape")
    panel.locator("h2").first.click()
    insight.page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def check_what_is_taken_away(insight: Desk, told: dict[str, Any], folder: Path) -> None:
    """The files hold the cells that are shown, the picture their map with its words around it."""
    menu = insight.page.get_by_role("button", name="导出")
    menu.click()
    for name, read in (("GeoPackage", gpd.read_file), ("GeoParquet", gpd.read_parquet)):
        with insight.page.expect_download() as downloading:
            insight.page.get_by_role("link", name=name).click()
        file = folder / downloading.value.suggested_filename
        downloading.value.save_as(file)
        cells = read(file)
        assert dict(zip(cells["cell"], cells["count"], strict=True)) == dict(
            zip(told["keys"], told["counts"], strict=True)
        )
    with insight.page.expect_download() as downloading:
        insight.page.get_by_role("button", name="图片 PNG").click()
    assert downloading.value.suggested_filename.endswith(".png")
    picture = base64.b64encode(downloading.value.path().read_bytes()).decode()
    width, height, colours = insight.page.evaluate(COLOURS_IN, picture)
    box = insight.page.locator(MAP).bounding_box()
    assert box
    assert (width, height) == (round(box["width"]), round(box["height"]) + 120)
    # The cells are in it: not a black canvas, nor the ground alone.
    assert {"246,244,236", "250,231,181"} <= set(colours)


def test_weeks_are_moved_and_played_with_the_keyboard_and_the_link_keeps_them(
    insight: Desk,
) -> None:
    look(insight, "category=noise&lang=en&pair=1&res=8")
    assert insight.page.locator(MAP).count() == 2
    first = period(insight)
    whole = insight.page.get_by_role("slider").first
    whole.focus()
    # Each map has its own period, also when it moves, and the categories that are chosen.
    insight.page.keyboard.press("PageUp")
    insight.page.keyboard.press("PageUp")
    assert period(insight) == before(before(first))
    asked = {"category": "noise", "resolution": 8}
    for at, days in enumerate((period(insight), before(period(insight)))):
        wait_until_painted(insight, at, days_of(insight, asked, days), "counts")
    insight.page.get_by_role("button", name="Category").click()
    insight.page.get_by_role("checkbox", name="Garbage").check()
    insight.page.keyboard.press("Escape")
    asked["category"] = "garbage,noise"
    wait_until_painted(insight, 0, days_of(insight, asked), "counts")
    insight.page.get_by_role("radio", name="z", exact=True).check(force=True)
    wait_until_painted(insight, 0, days_of(insight, asked), "z")
    whole.focus()
    insight.page.keyboard.press("Home")
    moved = period(insight)
    assert moved["to"] < first["from"]
    insight.page.keyboard.press("ArrowRight")
    insight.page.keyboard.press("ArrowLeft")
    assert period(insight) == moved
    insight.page.get_by_role("button", name="Play week by week").click()
    expect(whole).not_to_have_attribute("aria-valuetext", f"{moved['from']} – {moved['to']}")
    insight.page.get_by_role("button", name="Pause").click()
    # A week before the end it stops by itself, at the end.
    whole.focus()
    insight.page.keyboard.press("End")
    insight.page.keyboard.press("ArrowLeft")
    insight.page.get_by_role("button", name="Play week by week").click()
    expect(whole).to_have_attribute("aria-valuetext", f"{first['from']} – {first['to']}")
    expect(insight.page.get_by_role("button", name="Play week by week")).to_be_visible()
    whole.focus()
    insight.page.keyboard.press("PageUp")
    insight.page.get_by_text("Trend", exact=True).first.click()
    insight.page.wait_for_function("() => location.search.includes('metric=class')")
    insight.page.wait_for_function("() => location.search.includes('time=')")
    link = insight.page.url
    shown = period(insight)
    insight.page.goto(link)
    insight.page.wait_for_selector(MAP)
    assert period(insight) == shown
    expect(insight.page.get_by_role("radio", name="Trend")).to_be_checked()
    expect(insight.page.get_by_role("radio", name="Side by side")).to_be_checked()


def test_on_a_phone_the_sentences_come_first_and_the_map_when_asked_for(insight: Desk) -> None:
    panel = look(insight, "lang=zh", "phone")
    expect(panel.get_by_role("heading", name="显著热点")).to_be_visible()
    add_axe(insight)
    assert insight.page.evaluate(RUN) == []
    insight.page.get_by_role("button", name="地图").click()
    insight.page.wait_for_selector(MAP)
    assert len(painted(insight)) > 100
    width = insight.page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES["phone"][0]
    # Of a time without cases it says so, and no number is none.
    panel = look(insight, "lang=en&time=1990-01-01..1990-01-28", "phone")
    expect(panel.get_by_text("Not enough data").first).to_be_visible()
    assert not re.search(r"NaN|Infinity|undefined|null", panel.inner_text())


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", ["wide", "middle"])
@pytest.mark.parametrize("metric", ["count", "rate", "z", "class"])
def test_every_measure_is_drawn_without_a_fault_at_every_size(
    insight: Desk, lang: str, size: Size, metric: str
) -> None:
    look(insight, f"lang={lang}&metric={metric}&pair=1", size)
    insight.page.wait_for_function(
        """() => document.querySelector('[data-testid=cell-map]').cellMap.map
            .queryRenderedFeatures().some(({ state }) => state.tone > 0)"""
    )
    add_axe(insight)
    assert insight.page.evaluate(RUN) == []


def test_who_may_not_analyse_is_told_so(door: Desk) -> None:
    door.sign_in("worker")
    door.page.goto(f"{door.base_url}/insight?lang=zh")
    expect(door.page.get_by_role("heading", name="这个账号没有热点页面")).to_be_visible()
