"""Cases arrive on the desk without a reload, and are seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Desk

URGENT = "fire_lane_blocked"


def test_a_reported_case_comes_to_list_map_and_counts(desk: Desk) -> None:
    grid = _a_grid(desk)
    desk.open(f"category={URGENT}&view={grid['lng']},{grid['lat']},15")
    listed, drawn, waiting = desk.total(), desk.drawn(), _waiting(desk)
    number = desk.report(grid["lng"], grid["lat"], URGENT)
    row = desk.page.locator(f"#case-{number}")
    expect(row).to_contain_text("紧急")
    expect(row).to_have_class(re.compile("fresh"))
    assert desk.numbers()[0] == number
    assert desk.total() == listed + 1
    expect(desk.map).to_have_attribute("data-cases", str(drawn + 1))
    desk.page.wait_for_function(
        """count => document.querySelectorAll('[aria-label="按所等的事分"] b')[1].textContent
            .replaceAll(',', '') === String(count)""",
        arg=waiting + 1,
    )
    expect(desk.page.get_by_test_id("news")).to_have_text("新到 1 件，其中紧急 1 件")
    row.click()
    expect(desk.drawer.get_by_text(grid["code"], exact=True)).to_be_visible()


def test_the_tiles_take_the_case_over_without_a_second_point(desk: Desk) -> None:
    grid = _a_grid(desk)
    desk.open(f"view={grid['lng']},{grid['lat']},16")
    drawn = desk.drawn()
    numbers = [desk.report(grid["lng"] + 1e-4 * i, grid["lat"]) for i in range(3)]
    expect(desk.page.locator(f"#case-{numbers[-1]}")).to_be_visible()
    expect(desk.map).to_have_attribute("data-cases", str(drawn + 3))
    # Asked for at once for the first, and again when the rest of a few seconds is over.
    for _ in range(2):
        with desk.page.expect_response(re.compile(r"/tiles/cases/16/")):
            desk.report(grid["lng"], grid["lat"] + 1e-4)
    expect(desk.map).to_have_attribute("data-cases", str(drawn + 5))
    desk.wait()
    singles = [symbol["number"] for symbol in desk.rendered("case-singles")]
    assert len(singles) == len(set(singles))


def test_what_does_not_pass_the_filter_does_not_come(desk: Desk) -> None:
    grid = _a_grid(desk)
    desk.open(f"category={URGENT}&view={grid['lng']},{grid['lat']},15")
    before = desk.total()
    desk.report(grid["lng"], grid["lat"], "garbage")
    number = desk.report(grid["lng"], grid["lat"], URGENT)
    expect(desk.page.locator(f"#case-{number}")).to_be_visible()
    assert desk.total() == before + 1


def test_rows_do_not_jump_under_a_reader_who_scrolled(desk: Desk) -> None:
    desk.open()
    grid = _a_grid(desk)
    desk.page.mouse.move(*_middle_of_list(desk))
    desk.page.mouse.wheel(0, 400)
    expect(desk.rows.first).not_to_be_in_viewport()
    before = desk.numbers()
    reported = [desk.report(grid["lng"], grid["lat"], URGENT) for _ in range(3)]
    news = desk.page.get_by_role("button", name="3 件新到")
    expect(news).to_be_visible()
    assert desk.numbers() == before
    news.click()
    expect(desk.page.locator(f"#case-{reported[-1]}")).to_be_in_viewport()
    assert desk.numbers()[:3] == sorted(reported, reverse=True)
    expect(news).to_have_count(0)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_ring_grows_once_where_a_case_came_unless_motion_is_unwanted(
    desk: Desk, motion: str
) -> None:
    desk.page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    grid = _a_grid(desk)
    desk.open(f"view={grid['lng']},{grid['lat']},15")
    desk.page.evaluate(
        """() => {
            window.rings = 0;
            new MutationObserver((changes) => {
                for (const { addedNodes } of changes) {
                    for (const node of addedNodes) {
                        if (node.classList?.contains('arrival-ring')) window.rings += 1;
                    }
                }
            }).observe(document.body, { childList: true, subtree: true });
        }"""
    )
    number = desk.report(grid["lng"], grid["lat"])
    expect(desk.page.locator(f"#case-{number}")).to_have_class(re.compile("fresh"))
    expect(desk.page.locator(".arrival-ring")).to_have_count(0)
    assert desk.page.evaluate("window.rings") == (1 if motion == "no-preference" else 0)


def test_a_case_of_a_sensitive_category_comes_without_a_point(desk: Desk) -> None:
    hidden = next(c["code"] for c in desk.api("/api/city")["categories"] if c["sensitive"])
    grid = _a_grid(desk)
    desk.open(f"category={hidden}&view={grid['lng']},{grid['lat']},13")
    number = desk.report(grid["lng"], grid["lat"], hidden)
    expect(desk.page.locator(f"#case-{number}")).to_be_visible()
    assert desk.drawn() == 0


def _a_grid(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.api("/api/grids", limit=1)["grids"][0]
    return found


def _waiting(desk: Desk) -> int:
    total: int = desk.api("/api/cases", state="received,registered", limit=1)["total"]
    return total


def _middle_of_list(desk: Desk) -> tuple[float, float]:
    box = desk.page.locator("#case-list").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
