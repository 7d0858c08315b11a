"""The live desk: map, list and drawer tell the same."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, expect

from tests.e2e.desk import NO_CASES, Desk

TABS = {
    "待派": "received,registered",
    "办理中": "dispatched,handling,suspended",
    "待核查": "fed_back,verified,evaluated",
}
OPEN_STATES = ",".join(TABS.values())


def test_the_map_opens_with_every_township_and_the_edges_of_the_grids(desk: Desk) -> None:
    desk.open()
    city = desk.api("/api/city")
    townships = {ground["code"] for ground in desk.rendered("ground")}
    assert len(townships) == city["counts"]["townships"]
    assert desk.rendered("edges-city")
    assert desk.rendered("edges-township")
    expect(desk.page.get_by_text("演示数据")).to_be_visible()


def test_near_by_the_map_shows_grids_with_their_edges_and_names(desk: Desk) -> None:
    grid = desk.api("/api/grids", limit=1)["grids"][0]
    desk.open(f"{NO_CASES}&view={grid['lng']},{grid['lat']},16")
    assert desk.rendered("edges-grid")
    assert grid["name"] in {label["name"] for label in desk.rendered("label-grid")}


def test_a_click_tells_the_grid_and_why_it_is_that_one(desk: Desk) -> None:
    grid = desk.api("/api/grids", limit=1)["grids"][0]
    desk.open(f"{NO_CASES}&view={grid['lng']},{grid['lat']},15")
    desk.click(grid["lng"], grid["lat"])
    expect(desk.drawer.get_by_role("heading", level=2)).to_have_text(grid["name"])
    for told in (grid["code"], grid["community_name"], grid["township_name"], "点在网格内"):
        expect(desk.drawer.get_by_text(told, exact=True).first).to_be_visible()
    located = desk.api("/api/locate", lng=grid["lng"], lat=grid["lat"])
    answer = located["staff"]["name"] if located["staff"] else "此时无人值班"
    expect(desk.drawer.get_by_text(answer, exact=True)).to_be_visible()
    desk.wait()
    assert desk.rendered("selected-grid-line")


def test_a_click_outside_the_city_says_so(desk: Desk) -> None:
    west, south, _, _ = desk.api("/api/city")["bounds"]
    desk.open(f"{NO_CASES}&view={west},{south},11")
    desk.click(west - 0.02, south - 0.02)
    expect(desk.drawer.get_by_role("heading", name="此处不在网格内")).to_be_visible()
    expect(desk.drawer.get_by_text("责任人", exact=True)).to_have_count(0)


def test_a_typed_position_is_read_in_its_datum(desk: Desk) -> None:
    desk.open(NO_CASES)
    grid = desk.api("/api/grids", limit=1)["grids"][0]
    field = desk.page.get_by_role("textbox", name="按坐标查网格")
    field.fill("somewhere")
    field.press("Enter")
    expect(desk.page.get_by_role("alert")).to_contain_text("121.154, 30.037")
    field.fill(f"{grid['lng']}，{grid['lat']}")
    desk.page.get_by_label("坐标系").select_option("gcj02")
    field.press("Enter")
    located = desk.api("/api/locate", lng=grid["lng"], lat=grid["lat"], datum="gcj02")
    shown = f"{located['point']['lng']:.5f}, {located['point']['lat']:.5f}"
    expect(desk.drawer.get_by_text(shown)).to_be_visible()
    expect(desk.drawer.get_by_text("GCJ-02")).to_be_visible()


def test_category_and_time_change_list_and_map_alike(desk: Desk) -> None:
    week, of_week = _a_week(desk)
    desk.open(f"{week}&state=all")
    everything = desk.total()
    assert desk.drawn() == desk.shown_of(everything, **of_week)
    name = _commonest_category(desk, **of_week)

    desk.choose("类别", name)
    of_category = desk.total()
    assert 0 < of_category < everything
    assert desk.drawn() == of_category
    names = desk.rows.locator(".problem .one-line").all_inner_texts()
    assert set(names) == {name}

    desk.choose("时间", "近 24 小时")
    of_day = desk.total()
    assert of_day < of_category
    assert desk.drawn() == of_day

    desk.page.get_by_role("button", name="清除筛选").click()
    desk.wait()
    assert desk.total() == desk.api("/api/cases", state=OPEN_STATES, limit=1)["total"]


def test_states_are_filtered_by_who_has_the_case(desk: Desk) -> None:
    week, of_week = _a_week(desk)
    desk.open(f"{week}&state=all")
    everything = desk.total()
    desk.choose("状态", "待派", "办理中")
    of_two = desk.total()
    two = "received,registered,dispatched,handling"
    assert desk.drawn() == desk.shown_of(of_two, state=two, **of_week)
    desk.open(f"{week}&state=check,hold,done")
    assert desk.total() == everything - of_two


def test_a_link_brings_back_what_was_seen(desk: Desk) -> None:
    # A case chosen from the list and left outside the view by moving on stays there.
    case = _a_case(desk)
    number = case["number"]
    desk.open(f"time=all&case={number}&view={case['lng']},{case['lat']},14")
    desk.drag(-500, 0)
    desk.drag(-500, 0)
    seen = desk.page.url
    desk.page.reload()
    desk.wait()
    assert desk.page.url == seen
    expect(desk.drawer.get_by_text(f"事件 {number}")).to_be_visible()


def test_panning_changes_the_list_but_not_what_is_chosen(desk: Desk) -> None:
    case = _a_case(desk)
    desk.open(f"time=all&view={case['lng']},{case['lat']},14&case={case['number']}")
    before = desk.numbers()
    assert case["number"] in before
    desk.drag(-500, 0)
    assert desk.numbers() != before
    assert case["number"] not in desk.numbers()
    expect(desk.drawer.get_by_text(f"事件 {case['number']}")).to_be_visible()
    if desk.total() == len(desk.numbers()):
        singles = {symbol["number"] for symbol in desk.rendered("case-singles")}
        assert singles <= set(desk.numbers()) | _at_the_rim(desk)


def test_what_is_pointed_at_is_shared_by_list_and_map(desk: Desk) -> None:
    case = _a_case(desk)
    desk.open(f"time=all&view={case['lng']},{case['lat']},15.5")
    singles = [symbol["number"] for symbol in desk.rendered("case-singles")]
    number = next(number for number in desk.numbers() if number in singles)
    row = desk.page.locator(f"#case-{number}")
    row.hover()
    desk.page.wait_for_function(
        "() => document.querySelector('[data-testid=map]').deskMap.map"
        ".queryRenderedFeatures({ layers: ['hovered-ring'] }).length === 1"
    )
    place = desk.api(f"/api/cases/{number}")
    desk.page.mouse.move(*desk.pixel(place["lng"], place["lat"]))
    expect(row).to_have_class(re.compile("hovered"))
    desk.click(place["lng"], place["lat"])
    expect(row).to_have_attribute("aria-current", "true")
    expect(desk.drawer.get_by_text(f"事件 {number}")).to_be_visible()


def test_the_list_goes_on_where_it_is_scrolled_to(desk: Desk) -> None:
    desk.open("time=all")
    first = len(desk.numbers())
    assert desk.total() > first
    desk.rows.last.scroll_into_view_if_needed()
    expect(desk.rows).not_to_have_count(first)
    numbers = desk.numbers()
    assert len(numbers) == len(set(numbers))


def test_a_case_of_a_sensitive_category_is_told_but_never_shown_as_a_point(desk: Desk) -> None:
    hidden = next(c["code"] for c in desk.api("/api/city")["categories"] if c["sensitive"])
    found = desk.api("/api/cases", category=hidden, state=OPEN_STATES, limit=50)["cases"]
    listed = next(case for case in found if case["grid"])
    assert (listed["lng"], listed["lat"]) == (None, None)
    # Whoever handles it is told the place, in words; nobody sees a point.
    case = desk.api(f"/api/cases/{listed['number']}")
    view = f"view={case['lng']},{case['lat']},14"
    desk.open(f"category={hidden}&case={case['number']}&{view}")
    expect(desk.drawer.get_by_text("此类事件只归到网格，不在地图上标点。")).to_be_visible()
    expect(desk.drawer.get_by_text(f"{case['lng']:.5f}").first).to_be_visible()
    desk.page.locator(f"#case-{case['number']}").hover()
    desk.page.keyboard.press("f")
    desk.wait()
    assert desk.drawn() == 0
    assert desk.rendered("case-singles", "selected-disc", "selected-case", "hovered-ring") == []
    assert desk.rendered("selected-grid-line")


def test_a_leader_is_not_told_where_a_sensitive_case_is(door: Desk) -> None:
    door.sign_in("leader")
    hidden = next(c["code"] for c in door.api("/api/city")["categories"] if c["sensitive"])
    number = door.api("/api/cases", category=hidden, state=OPEN_STATES, limit=1)["cases"][0][
        "number"
    ]
    door.open(f"category={hidden}&case={number}")
    expect(door.drawer.get_by_text("此类事件只归到网格，不在地图上标点。")).to_be_visible()
    expect(door.drawer.get_by_text("WGS84")).to_have_count(0)
    assert door.drawn() == 0


def test_the_tabs_say_how_many_cases_wait_for_what(desk: Desk) -> None:
    desk.open()
    for tab, states in TABS.items():
        desk.tabs.get_by_role("button", name=tab).click()
        desk.wait()
        waiting = desk.api("/api/cases", state=states, limit=1)["total"]
        expect(desk.tabs.get_by_role("button", name=tab)).to_contain_text(f"{waiting:,}")
        expect(desk.tabs.get_by_role("button", name=tab)).to_have_attribute("aria-pressed", "true")
        assert desk.drawn() == desk.shown_of(desk.total(), state=states)


def test_urgent_cases_come_first_and_say_so_in_words(desk: Desk) -> None:
    desk.open()
    marked = desk.rows.evaluate_all("rows => rows.map((row) => row.innerText.includes('紧急'))")
    assert marked[0]
    assert marked == sorted(marked, reverse=True)


def test_the_command_room_lets_a_held_case_go(door: Desk, browser: Browser) -> None:
    door.sign_in("command_room")
    township = door.api("/api/me")["area"]["code"]
    grid = door.api("/api/grids", township=township, limit=1)["grids"][0]
    number = door.report_over_the_limit(grid["lng"], grid["lat"])
    door.open(f"case={number}&view={grid['lng']},{grid['lat']},14")
    expect(door.page.locator(f"#case-{number}")).to_contain_text("待放行")
    with browser.new_context() as elsewhere:
        dispatcher = Desk(elsewhere.new_page(), door.base_url)
        dispatcher.sign_in()
        dispatcher.open(f"view={grid['lng']},{grid['lat']},14")
        row = dispatcher.page.locator(f"#case-{number}")
        expect(row).to_have_count(0)
        release = door.drawer.get_by_role("button", name="放行此事件")
        release.click()
        expect(release).to_have_count(0)
        expect(row).to_be_visible()


def _a_week(desk: Desk) -> tuple[str, dict[str, str]]:
    """The last seven days with cases: as an address of the desk says them, and a request."""
    city = desk.api("/api/city")
    newest = datetime.fromisoformat(city["occurred"]["to"])
    last = newest.astimezone(ZoneInfo(city["timezone"])).date()
    first, after = last - timedelta(days=6), last + timedelta(days=1)
    start, end = (
        datetime.combine(day, time.min, ZoneInfo(city["timezone"])).isoformat()
        for day in (first, after)
    )
    return f"time={first}..{last}", {"from": start, "to": end}


def _commonest_category(desk: Desk, **of_week: str) -> str:
    """The name of the category with the most cases, so that a day has fewer than the week."""

    def total(category: dict[str, Any]) -> int:
        found = desk.api("/api/cases", category=category["code"], limit=1, **of_week)
        return int(found["total"])

    name: str = max(desk.api("/api/city")["categories"], key=total)["zh"]
    return name


def _a_case(desk: Desk) -> dict[str, Any]:
    """An open case that lies in a grid and may be shown."""
    hidden = [c["code"] for c in desk.api("/api/city")["categories"] if c["sensitive"]]
    cases = desk.api("/api/cases", state=OPEN_STATES, limit=200)["cases"]
    found: dict[str, Any] = next(
        case for case in cases if case["grid"] and case["category"] not in hidden
    )
    return found


def _at_the_rim(desk: Desk) -> set[int]:
    """Symbols that reach into the view from cases outside it."""
    box = desk.map.bounding_box()
    assert box
    rim_px = 16
    numbers: list[int] = desk.map.evaluate(
        """(element, rim) => {
            const map = element.deskMap.map;
            const { clientWidth: width, clientHeight: height } = element;
            return map.queryRenderedFeatures({ layers: ['case-singles'] })
                .filter(({ geometry }) => {
                    const { x, y } = map.project(geometry.coordinates);
                    return x < rim || y < rim || x > width - rim || y > height - rim;
                })
                .map(({ properties }) => properties.number);
        }""",
        rim_px,
    )
    return set(numbers)
