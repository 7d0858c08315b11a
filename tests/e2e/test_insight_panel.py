"""What the panel of the hotspots tells, read with the keyboard and held against the service."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.desk import SIZES, Desk


def said_counts(slider: Locator) -> int:
    """The cases of the step that the chart says."""
    found = re.search(r"([\d,]+) cases", slider.get_attribute("aria-valuetext") or "")
    assert found
    return int(found[1].replace(",", ""))


def test_chart_clock_and_table_are_read_with_the_keyboard_as_the_service_tells_them(
    door: Desk,
) -> None:
    door.sign_in("leader")
    page = door.page
    # On a phone no map is drawn beside it; cells this small make several places.
    width, height = SIZES["phone"]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{door.base_url}/insight?lang=en&res=9")
    panel = page.locator("#insight-panel")
    places = panel.locator("tbody th[scope=row] button")
    expect(places.first).to_be_visible()
    places.last.focus()
    with page.expect_response("**/api/hotspots/series*") as series:
        page.keyboard.press("Enter")
    told: dict[str, Any] = series.value.json()

    # Step by step, from the last to the one before, and at once to the first.
    chart = panel.get_by_role("slider")
    chart.focus()
    read = []
    for key in ("End", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        read.append(said_counts(chart))
    assert read == [told["counts"][-1], told["counts"][-2], told["counts"][0]]
    # The same as a table, for who cannot see the line.
    steps = panel.locator("figure tbody tr")
    expect(steps).to_have_count(len(told["starts"]))
    marked = steps.filter(has_text=re.compile("significantly (high|low)"))
    expect(marked).to_have_count(told["hot"] + told["cold"])

    # The clock is one stop; the arrows go on from there.
    with page.expect_response("**/api/hotspots/rhythm*") as rhythm:
        page.get_by_role("button", name="Close this place").click()
    counts = rhythm.value.json()["counts"]
    clock = panel.get_by_role("region", name="When it happens")
    expect(clock.get_by_text("all cases")).to_be_visible()
    grid = clock.get_by_role("grid")
    grid.locator("[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    named = re.compile(rf"^{counts[1][2]} cases,")
    expect(grid.locator(":focus")).to_have_attribute("aria-label", named)

    # The order of the table is chosen in its head.
    panel.get_by_role("button", name="Cases", exact=True).click()
    shown = panel.locator("tbody th[scope=row] + td b").all_inner_texts()
    assert len(shown) > 1
    figures = [int(figure.replace(",", "")) for figure in shown]
    assert figures == sorted(figures, reverse=True)
