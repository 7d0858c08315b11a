"""The line that brings changes: one for all tabs, lost and found again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import watched
from tests.e2e.cut_line import CutLine, cut_line
from tests.e2e.desk import Desk

# Said by the browser of every request that meets a cut line.
CUT = ["ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET", "ERR_INCOMPLETE"]
WITHOUT_SHARED_WORKER = "delete window.SharedWorker;"


@pytest.fixture
def line(base_url: str) -> Iterator[CutLine]:
    with cut_line(base_url) as line:
        yield line


@pytest.mark.parametrize("sharing", ["worker", pytest.param("elected tab", marks=pytest.mark.slow)])
def test_three_tabs_are_live_on_one_connection(
    desk: Desk, line: CutLine, page: Page, sharing: str
) -> None:
    grid = desk.api("/api/grids", limit=1)["grids"][0]
    if sharing != "worker":
        page.context.add_init_script(WITHOUT_SHARED_WORKER)
    tabs = [Desk(tab, line.url) for tab in (page, page.context.new_page(), page.context.new_page())]
    tabs[0].sign_in()
    for tab in tabs:
        tab.open()
        expect(tab.page.get_by_text("实时", exact=True)).to_be_visible()
    assert line.count("/api/stream") == 1
    number = desk.report(grid["lng"], grid["lat"], "fire_lane_blocked")
    for tab in tabs:
        expect(tab.page.locator(f"#case-{number}")).to_be_visible()
    assert line.count("/api/stream") == 1
    # Whoever holds the line may go: the others go on.
    tabs[0].page.close()
    for tab in tabs[1:]:
        expect(tab.page.get_by_text("实时", exact=True)).to_be_visible()
    number = desk.report(grid["lng"], grid["lat"], "fire_lane_blocked")
    for tab in tabs[1:]:
        expect(tab.page.locator(f"#case-{number}")).to_be_visible(timeout=15_000)
    assert line.count("/api/stream") == 1


def test_a_lost_line_is_told_and_what_was_missed_is_brought_when_it_is_back(
    desk: Desk, line: CutLine, page: Page
) -> None:
    grid = desk.api("/api/grids", limit=1)["grids"][0]
    with watched(page, line.url) as cut_desk:
        cut_desk.expected_errors = CUT
        cut_desk.sign_in()
        cut_desk.open()
        lost = page.locator("header").get_by_role("status")
        expect(page.get_by_text("实时", exact=True)).to_be_visible()
        line.cut()
        expect(lost).to_contain_text("起未更新，正在重连")
        expect(cut_desk.rows.first).to_be_visible()
        number = desk.report(grid["lng"], grid["lat"], "fire_lane_blocked")
        line.mend()
        expect(page.locator(f"#case-{number}")).to_be_visible(timeout=20_000)
        expect(lost).to_have_text("", timeout=20_000)
        expect(page.get_by_text("实时", exact=True)).to_be_visible()


def test_who_signs_out_in_one_tab_is_out_in_the_others(desk: Desk, page: Page) -> None:
    other = Desk(page.context.new_page(), desk.base_url)
    for tab in (desk, other):
        tab.open()
    desk.expected_errors = ["401"]
    page.get_by_role("button", name="账号：dispatcher").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("button", name="登录", exact=True)).to_be_visible()
    expect(other.page.get_by_role("dialog", name="请重新登录")).to_be_visible(timeout=20_000)
