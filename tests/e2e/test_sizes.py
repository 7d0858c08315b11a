"""The desk fits a wide screen, a small one and a phone, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import POINT_CASES, SIZES, Desk, Size

LEAST_FONT_PX = 12
# Visible texts that stick out of the screen, out of their own box, or are too small to read.
FAULTS = """(least) => {
    const faults = [];
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > room) faults.push('the page scrolls sideways');
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent.trim();
        const element = node.parentElement;
        if (!text || !element.checkVisibility() || element.closest('.visually-hidden,[inert]')) {
            continue;
        }
        const range = document.createRange();
        range.selectNodeContents(node);
        const { left, right, width } = range.getBoundingClientRect();
        const style = getComputedStyle(element);
        const isCut = element.closest('.one-line') !== null;
        if (width > 0 && !isCut && (left < -0.5 || right > room + 0.5)) {
            faults.push(`outside: ${text}`);
        }
        if (width > 0 && parseFloat(style.fontSize) < least) faults.push(`small: ${text}`);
    }
    for (const element of document.querySelectorAll('button, summary, a, h2, dd, p, li')) {
        if (!element.checkVisibility() || element.closest('.visually-hidden')) continue;
        const hides = getComputedStyle(element).overflowX !== 'visible';
        if (!hides && element.clientWidth && element.scrollWidth > element.clientWidth + 1) {
            faults.push(`wider than its box: ${element.textContent.trim().slice(0, 40)}`);
        }
    }
    return faults;
}"""


@pytest.mark.parametrize("size", ["wide", "middle", "phone"])
def test_nothing_overflows_in_either_language(desk: Desk, size: Size) -> None:
    desk.open("time=all", size)
    assert desk.page.evaluate(FAULTS, LEAST_FONT_PX) == []
    desk.page.get_by_role("button", name="English").click()
    assert desk.page.evaluate(FAULTS, LEAST_FONT_PX) == []
    desk.rows.first.click()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    assert desk.page.evaluate(FAULTS, LEAST_FONT_PX) == []
    desk.page.get_by_role("button", name="中文").click()
    assert desk.page.evaluate(FAULTS, LEAST_FONT_PX) == []


def test_a_small_screen_lets_the_case_replace_the_list(desk: Desk) -> None:
    desk.open("time=all", "middle")
    first = desk.rows.first
    first.click()
    expect(desk.drawer).to_be_visible()
    expect(first).to_be_hidden()
    desk.drawer.get_by_role("button", name="件").first.click()
    expect(first).to_be_visible()
    expect(desk.drawer).to_have_count(0)


def test_a_phone_shows_the_list_first_and_the_map_by_a_switch(desk: Desk) -> None:
    desk.open(POINT_CASES, "phone")
    first = desk.rows.first
    expect(first).to_be_in_viewport()
    expect(desk.page.get_by_text("演示数据").first).to_be_visible()
    desk.page.get_by_role("button", name="地图", exact=True).click()
    expect(first).to_be_hidden()
    desk.page.get_by_role("button", name="放大").click()
    desk.page.get_by_role("button", name="列表", exact=True).click()
    expect(first).to_be_visible()
    first.click()
    drawer = desk.drawer.bounding_box()
    assert drawer
    assert drawer["width"] == SIZES["phone"][0]
    desk.drawer.get_by_role("button", name="在地图上显示").click()
    expect(desk.drawer).to_have_count(0)
    expect(desk.page.get_by_role("button", name="列表", exact=True)).to_be_visible()


def test_what_a_finger_must_hit_is_large_enough(desk: Desk) -> None:
    desk.open("time=all", "phone")
    desk.page.get_by_role("button", name="地图", exact=True).click()
    small = desk.page.evaluate(
        """() => [...document.querySelectorAll('button, summary')]
            .filter((element) => element.checkVisibility() && !element.closest('[inert]'))
            .map((element) => [element.textContent.trim() || element.ariaLabel,
                element.getBoundingClientRect()])
            .filter(([, { width, height }]) => width > 0 && (width < 42 || height < 42))
            .map(([name]) => name)"""
    )
    assert small == []
