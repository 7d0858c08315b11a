"""Everything on the desk can be done without a pointer."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.desk import NO_CASES, POINT_CASES, Desk


def test_j_k_enter_f_and_escape_walk_through_the_cases(desk: Desk) -> None:
    desk.open(POINT_CASES)
    press = desk.page.keyboard.press
    first, second = desk.rows.nth(0), desk.rows.nth(1)
    press("j")
    expect(first).to_be_focused()
    press("j")
    expect(second).to_be_focused()
    press("Enter")
    expect(second).to_have_attribute("aria-current", "true")
    expect(desk.drawer).to_be_visible()
    press("k")
    expect(first).to_have_attribute("aria-current", "true")
    zoom = desk.page.url
    press("f")
    desk.page.wait_for_function("before => location.href !== before", arg=zoom)
    desk.wait()
    assert desk.rendered("selected-disc")
    press("Escape")
    expect(desk.drawer).to_have_count(0)


def test_letters_typed_into_a_field_are_letters(desk: Desk) -> None:
    desk.open()
    field = desk.page.get_by_role("textbox", name="按坐标查网格")
    field.press("j")
    expect(field).to_have_value("j")
    expect(field).to_be_focused()


def test_escape_closes_a_menu_before_the_drawer(desk: Desk) -> None:
    desk.open()
    desk.rows.first.click()
    menu = desk.page.get_by_role("button", name="类别")
    menu.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    desk.page.keyboard.press("Escape")
    expect(menu).to_have_attribute("aria-expanded", "false")
    expect(menu).to_be_focused()
    expect(desk.drawer).to_be_visible()
    desk.page.keyboard.press("Escape")
    expect(desk.drawer).to_have_count(0)


def test_the_map_is_panned_by_arrows_and_asked_by_enter(desk: Desk) -> None:
    grid = desk.api("/api/grids", limit=1)["grids"][0]
    desk.open(f"{NO_CASES}&view={grid['lng']},{grid['lat']},16")
    canvas = desk.page.get_by_label("城市网格地图")
    canvas.focus()
    desk.page.keyboard.press("Enter")
    expect(desk.drawer.get_by_text(grid["code"], exact=True)).to_be_visible()
    before = desk.page.url
    desk.page.keyboard.press("ArrowRight")
    desk.page.wait_for_function("before => location.href !== before", arg=before)


def test_the_first_tab_offers_to_skip_to_the_list(desk: Desk) -> None:
    desk.open()
    desk.page.keyboard.press("Tab")
    skip = desk.page.get_by_role("link", name="跳到事件列表")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    desk.page.keyboard.press("Enter")
    desk.page.keyboard.press("Tab")
    expect(desk.rows.first).to_be_focused()
