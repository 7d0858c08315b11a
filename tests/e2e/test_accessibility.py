"""What axe can see, it finds no fault with."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Desk, Size

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
# By an address of the page's own: its policy takes no scripts from elsewhere.
AXE_PATH = "/axe.min.js"
RUN = """async () => {
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
}"""


def add_axe(desk: Desk) -> None:
    """Put axe into the page that is open."""
    desk.page.route(f"**{AXE_PATH}", lambda route: route.fulfill(path=AXE))
    desk.page.add_script_tag(url=AXE_PATH)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_axe_finds_nothing_in_list_menus_and_drawer(desk: Desk, size: Size) -> None:
    desk.open("time=all", size)
    add_axe(desk)
    assert desk.page.evaluate(RUN) == []
    desk.page.get_by_role("button", name="类别").click()
    assert desk.page.evaluate(RUN) == []
    desk.page.keyboard.press("Escape")
    desk.rows.first.click()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    assert desk.page.evaluate(RUN) == []


def test_axe_would_have_found_something(desk: Desk) -> None:
    desk.open()
    add_axe(desk)
    desk.page.evaluate("document.body.append(document.createElement('button'))")
    assert [fault.split(":")[0] for fault in desk.page.evaluate(RUN)] == ["button-name"]


def test_who_asks_for_less_motion_gets_none(desk: Desk) -> None:
    desk.open()
    moves = "getComputedStyle(document.querySelector('aside')).animationName !== 'none'"
    settings: list[tuple[Literal["no-preference", "reduce"], bool]]
    settings = [("no-preference", True), ("reduce", False)]
    for motion, is_moved in settings:
        desk.page.emulate_media(reduced_motion=motion)
        desk.rows.first.click()
        expect(desk.drawer).to_be_visible()
        assert desk.page.evaluate(moves) is is_moved
        desk.page.keyboard.press("Escape")
