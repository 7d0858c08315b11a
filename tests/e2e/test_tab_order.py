"""Every control that is on the page is reached by the tabulator alone, and so is the way back."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.desk import NO_CASES, POINT_CASES, Desk

# What can be used and seen; of a group of radio buttons the tabulator takes one.
CONTROLS = """() => {
    let number = 0;
    const found = {};
    for (const element of document.querySelectorAll(
        'button, a[href], input, select, textarea, summary, [tabindex]')) {
        if (element.disabled || element.closest('[inert]') || !element.checkVisibility()) continue;
        if (element.tabIndex < 0 || element.type === 'radio') continue;
        element.dataset.control = ++number;
        found[number] = (element.ariaLabel || element.textContent || element.name).trim();
    }
    return found;
}"""
FOCUSED = "() => document.activeElement?.dataset.control ?? ''"
THERE = "() => [...document.querySelectorAll('[data-control]')].map((e) => e.dataset.control)"
MOST_TABS = 400


def unreached(desk: Desk) -> dict[str, str]:
    """The controls that no number of presses of the tabulator leads to, by what they say."""
    left: dict[str, str] = desk.page.evaluate(CONTROLS)
    assert left
    desk.page.evaluate("document.activeElement?.blur()")
    for _ in range(MOST_TABS):
        desk.page.keyboard.press("Tab")
        left.pop(desk.page.evaluate(FOCUSED), None)
        if not left:
            break
    # A row that went with a moved view is no control any more.
    there = set(desk.page.evaluate(THERE))
    return {number: said for number, said in left.items() if number in there}


def pointer_only(desk: Desk) -> list[str]:
    """What looks like something to press, but is nothing the tabulator knows."""
    found: list[str] = desk.page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter((element) => element.checkVisibility()
                && getComputedStyle(element).cursor === 'pointer'
                && !element.closest('button, a[href], label, select, summary, input, [inert]'))
            .map((element) => element.outerHTML.slice(0, 120))"""
    )
    return found


def test_every_control_of_desk_and_drawer_is_reached(desk: Desk) -> None:
    desk.open(POINT_CASES)  # few enough for the list to have an end
    assert unreached(desk) == {}
    assert pointer_only(desk) == []
    desk.rows.first.click()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    desk.wait()
    assert unreached(desk) == {}
    assert pointer_only(desk) == []


def test_map_and_drawer_are_not_behind_the_end_of_an_endless_list(desk: Desk) -> None:
    desk.open("time=all&state=all")
    desk.rows.first.click()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    desk.page.evaluate("document.activeElement?.blur()")
    for link, region in (("跳到地图", "#map"), ("跳到详情", "#drawer")):
        skip = desk.page.get_by_role("link", name=link)
        skip.focus()
        expect(skip).to_be_in_viewport()
        desk.page.keyboard.press("Enter")
        desk.page.keyboard.press("Tab")
        inside = f"document.querySelector('{region}').contains(document.activeElement)"
        assert desk.page.evaluate(inside), link
    # They come first of all.
    desk.page.reload()
    desk.wait()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    said = []
    for _ in range(3):
        desk.page.keyboard.press("Tab")
        said.append(desk.page.evaluate("document.activeElement.textContent"))
    assert said == ["跳到事件列表", "跳到地图", "跳到详情"]


def test_every_control_of_the_phone_s_map_and_list_is_reached(desk: Desk) -> None:
    desk.open(NO_CASES, "phone")
    assert unreached(desk) == {}
    desk.page.get_by_role("button", name="地图", exact=True).click()
    assert unreached(desk) == {}
    assert pointer_only(desk) == []


def test_every_control_of_the_door_is_reached(door: Desk) -> None:
    door.page.goto(door.base_url)
    expect(door.page.get_by_role("region", name="演示账号")).to_be_visible()
    assert unreached(door) == {}
    assert pointer_only(door) == []
