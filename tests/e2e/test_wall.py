"""The wall: the city on a large screen, without controls."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Desk

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = [(1440, 900), (1920, 1080), (1024, 768)]
LEAST_PX = 12


def open_wall(desk: Desk, language: str = "zh", size: tuple[int, int] = SIZES[0]) -> None:
    desk.page.set_viewport_size({"width": size[0], "height": size[1]})
    desk.page.goto(f"{desk.base_url}/?wall=1&lang={language}")
    desk.page.wait_for_selector("[data-testid=wall-map][data-ready=true]")
    expect(desk.page.get_by_test_id("wall-figures").locator(".figure")).to_have_count(5)


def number(words: str) -> int:
    found = re.search(r"[\d,]+", words)
    assert found, words
    return int(found[0].replace(",", ""))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_is_readable_and_nothing_runs_over(
    desk: Desk, language: str, size: tuple[int, int]
) -> None:
    open_wall(desk, language, size)
    small = desk.page.evaluate(
        """() => [...document.querySelectorAll('.wall *')]
            .filter((element) => [...element.childNodes].some(
                (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim()))
            .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 12)
            .map((element) => element.outerHTML)"""
    )
    assert small == []
    over = desk.page.evaluate(
        """() => [...document.querySelectorAll(
                '.wall .figure, .wall header, .wall .events, .wall section svg')]
            .filter((box) => box.scrollWidth > box.clientWidth + 1
                || box.getBoundingClientRect().bottom > innerHeight + 1)
            .map((box) => box.outerHTML.slice(0, 200))"""
    )
    assert over == []
    said = desk.page.locator(".wall").inner_text()
    assert not re.search(r"undefined|null|NaN|\w+_\w+", said)


def test_axe_finds_nothing(desk: Desk) -> None:
    open_wall(desk)
    desk.page.evaluate(AXE.read_text("utf-8"))
    found = desk.page.evaluate(
        """async () => (await axe.run('.wall')).violations
            .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))"""
    )
    assert found == []


def test_the_wall_shows_what_the_service_counts(desk: Desk) -> None:
    open_wall(desk)
    told = desk.api("/api/desk")
    of_state = {state: sum(counts.values()) for state, counts in told["open"].items()}
    figures = desk.page.get_by_test_id("wall-figures").locator(".figure .value")
    shown = [number(words) for words in figures.all_inner_texts()]
    assert shown == [
        told["today"]["reports"],
        of_state["received"] + of_state["registered"],
        of_state["dispatched"] + of_state["handling"],
        of_state["fed_back"] + of_state["verified"] + of_state["evaluated"],
        told["on_duty"]["grids"],
    ]
    rings = desk.page.locator(".rings text").all_text_contents()
    in_townships = sum(sum(place["by_state"].values()) for place in told["townships"])
    assert sum(map(number, rings)) == in_townships
    assert desk.page.locator(".rings .place").count() == len(told["townships"])
    assert desk.page.locator(".events li").count() == 7


def test_a_report_comes_to_the_wall_by_itself(desk: Desk) -> None:
    open_wall(desk)
    before = number(desk.page.locator(".figure .value").first.inner_text())
    west, south, east, north = desk.api("/api/city")["bounds"]
    desk.report((west + east) / 2, (south + north) / 2, "manhole_cover")
    expect(desk.page.locator(".figure .value").first).to_have_text(f"{before + 1:,}")
    expect(desk.page.locator(".events li").first).to_contain_text("井盖缺失破损")


def test_the_wall_has_nothing_to_press_and_says_that_its_data_is_made_up(desk: Desk) -> None:
    open_wall(desk)
    assert desk.page.locator(".wall :is(button, input, select, [role=button])").count() == 0
    expect(desk.page.get_by_text("演示数据", exact=True)).to_be_visible()


def test_escape_leads_back_to_the_desk_and_w_to_the_wall(desk: Desk) -> None:
    open_wall(desk)
    desk.page.keyboard.press("Escape")
    desk.wait()
    desk.page.keyboard.press("w")
    desk.page.wait_for_selector("[data-testid=wall-map]")


def test_a_wall_that_hears_nothing_says_since_when(desk: Desk) -> None:
    open_wall(desk)
    desk.expected_errors.append("Failed to load resource")
    desk.page.route("**/api/desk*", lambda route: route.abort())
    expect(desk.page.get_by_role("status").first).to_contain_text("正在重连", timeout=20_000)
    assert desk.page.locator(".figure").count() == 5
    desk.page.unroute("**/api/desk*")
    expect(desk.page.get_by_role("status").first).to_contain_text("实时", timeout=30_000)
