"""When the service is slow, refuses or is away, the page says so and comes back."""

from __future__ import annotations

import json

from playwright.sync_api import Route, expect

from tests.e2e.desk import Desk

PROBLEM = {
    "type": "about:blank",
    "title": "Unavailable",
    "status": 503,
    "detail": "The database is away.",
    "code": "database_away",
}


def _refuse(route: Route) -> None:
    route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(PROBLEM))


def test_a_refused_list_names_the_problem_and_can_be_asked_again(desk: Desk) -> None:
    desk.expected_errors = ["503"]
    desk.page.route("**/api/cases?*", _refuse)
    desk.open()
    trouble = desk.page.locator("#case-list").get_by_role("alert")
    expect(trouble).to_contain_text("The database is away.")
    expect(trouble).to_contain_text("database_away")
    desk.page.unroute("**/api/cases?*")
    trouble.get_by_role("button", name="重试").click()
    expect(desk.rows.first).to_be_visible()
    expect(trouble).to_have_count(0)


def test_a_slow_list_says_what_is_awaited(desk: Desk) -> None:
    held: list[Route] = []
    desk.page.route("**/api/cases?*", lambda route: held.append(route))
    desk.page.goto(desk.base_url)
    expect(desk.page.get_by_text("正在读取事件…")).to_be_visible()
    # The urgent cases and the others are asked for apart.
    for route in held:
        route.continue_()
    expect(desk.rows.first).to_be_visible()


def test_without_the_city_there_is_a_message_and_a_way_on(desk: Desk) -> None:
    desk.expected_errors = ["503"]
    desk.page.route("**/api/city", _refuse)
    desk.page.goto(desk.base_url)
    expect(desk.page.get_by_text("城市信息没有取到，页面无法打开")).to_be_visible()
    desk.page.unroute("**/api/city")
    desk.page.get_by_role("button", name="重试").click()
    expect(desk.rows.first).to_be_visible()


def test_a_lost_service_is_told_with_its_time_and_found_again(desk: Desk) -> None:
    desk.expected_errors = ["ERR_INTERNET_DISCONNECTED"]
    desk.open()
    desk.page.context.set_offline(True)
    desk.page.get_by_role("button", name="放大").click()
    lost = desk.page.locator("header").get_by_role("status")
    missing = desk.map.locator("..").get_by_text("部分地图没有取到")
    expect(lost).to_contain_text("起未更新，正在重连")
    expect(missing).to_be_visible()
    expect(desk.rows.first).to_be_visible()
    desk.page.context.set_offline(False)
    expect(lost).to_have_text("", timeout=15_000)
    expect(missing).to_have_count(0)
    assert_every_tile_comes(desk)


def test_tiles_that_were_refused_come_when_cases_change_or_when_asked_for(desk: Desk) -> None:
    desk.expected_errors = ["503"]
    desk.open()
    desk.page.route("**/tiles/**", _refuse)
    desk.page.get_by_role("button", name="放大").click()
    missing = desk.map.locator("..").get_by_text("部分地图没有取到")
    expect(missing).to_be_visible()
    desk.page.unroute("**/tiles/**")
    # A change asks for the tiles of the cases anew, those that were refused among them.
    west, south, east, north = desk.api("/api/city")["bounds"]
    with desk.page.expect_response(lambda answer: "/tiles/cases/" in answer.url and answer.ok):
        desk.report((west + east) / 2, (south + north) / 2)
    desk.page.get_by_role("button", name="重试").click()
    expect(missing).to_have_count(0)
    assert_every_tile_comes(desk)


def assert_every_tile_comes(desk: Desk) -> None:
    """The tiles that failed are asked for again, and no source waits for one for ever."""
    desk.page.wait_for_function(
        "() => document.querySelector('[data-testid=map]').deskMap.map.areTilesLoaded()"
    )
    desk.wait()


def test_an_empty_view_offers_the_whole_city(desk: Desk) -> None:
    west, south, _, _ = desk.api("/api/city")["bounds"]
    desk.open(f"time=all&view={west - 1},{south - 1},14")
    expect(desk.page.get_by_text("这个范围内没有未办结事件")).to_be_visible()
    desk.page.locator("#case-list").get_by_role("button", name="看全市").click()
    expect(desk.rows.first).to_be_visible()


def test_a_case_that_does_not_exist_is_said_to_be_missing(desk: Desk) -> None:
    desk.expected_errors = ["404"]
    desk.open("case=999999999999")
    expect(desk.drawer.get_by_role("alert")).to_contain_text("case_not_found")
