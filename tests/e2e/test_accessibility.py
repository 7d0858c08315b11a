"""What axe can see, it finds no fault with."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.desk import Desk, Size

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`);
}"""


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_axe_finds_nothing_in_list_menus_and_drawer(desk: Desk, size: Size) -> None:
    desk.open("time=all", size)
    desk.page.add_script_tag(path=AXE)
    assert desk.page.evaluate(RUN) == []
    desk.page.get_by_role("button", name="类别").click()
    assert desk.page.evaluate(RUN) == []
    desk.page.keyboard.press("Escape")
    desk.rows.first.click()
    expect(desk.drawer.locator("dl").first).to_be_visible()
    # Its arrival is a fade, in which every text is pale.
    desk.page.wait_for_function("() => document.getAnimations().length === 0")
    assert desk.page.evaluate(RUN) == []


def test_axe_would_have_found_something(desk: Desk) -> None:
    desk.open()
    desk.page.add_script_tag(path=AXE)
    desk.page.evaluate("document.body.append(document.createElement('button'))")
    assert [fault.split(":")[0] for fault in desk.page.evaluate(RUN)] == ["button-name"]


def test_reduced_motion_moves_nothing(desk: Desk) -> None:
    desk.page.emulate_media(reduced_motion="reduce")
    desk.open()
    desk.rows.first.click()
    expect(desk.drawer).to_be_visible()
    assert desk.page.evaluate("document.getAnimations().length") == 0
