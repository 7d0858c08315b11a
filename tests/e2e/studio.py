"""The boundary studio as a planner meets it: its map, its tools, its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.desk import DEMO_PASSWORD, SIZES, Desk, Size

Place = tuple[float, float]


class Studio:
    """A page on the studio of the service of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.page = desk, desk.page

    def open(self, query: str = "", size: Size = "wide") -> None:
        """Go to the studio; with a draft wait until all of its grids are drawn."""
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"{self.desk.base_url}/plan?{query}")
        if "draft=" in query:
            self.wait()

    def begin(self, name: str) -> int:
        """Begin a draft by the form of the list; its number."""
        self.page.get_by_label("方案名称").fill(name)
        self.page.get_by_role("button", name="起草方案").click()
        self.wait()
        return int(self.page.url.split("draft=")[1].split("&")[0])

    def wait(self) -> None:
        """Wait until the map stands still with the whole draft on it."""
        self.page.wait_for_function(
            "() => document.querySelector('[data-testid=map][data-ready=true]')"
        )

    @property
    def map(self) -> Locator:
        """The element the map lives in."""
        return self.page.get_by_test_id("map")

    @property
    def panel(self) -> Locator:
        """What is told of the selected grids, the checks, the operations."""
        return self.page.get_by_role("complementary")

    @property
    def refusal(self) -> Locator:
        """Why something was not done."""
        return self.page.get_by_role("alert")

    def tool(self, name: str) -> None:
        """Take up a tool by its button."""
        button = self.page.get_by_role("toolbar").get_by_role("button", name=name)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")

    def pixel(self, place: Place) -> Place:
        """Where a place is on the screen."""
        box = self.map.bounding_box()
        assert box
        x, y = self.map.evaluate(
            """(element, place) => {
                const { x, y } = element.studioMap.map.project(place);
                return [x, y];
            }""",
            list(place),
        )
        return box["x"] + x, box["y"] + y

    def click(self, place: Place, *, more: bool = False) -> None:
        """Click on the map; with Shift to add to what is selected."""
        if more:
            self.page.keyboard.down("Shift")
        self.page.mouse.click(*self.pixel(place))
        if more:
            self.page.keyboard.up("Shift")

    def draw(self, *places: Place) -> None:
        """Click from place to place, and end with Enter."""
        expect(self.page.locator(".drawing")).to_be_visible()
        for place in places:
            x, y = self.pixel(place)
            self.page.mouse.move(x - 6, y - 6)
            self.page.mouse.move(x, y, steps=3)
            self.page.mouse.click(x, y)
            # Two clicks at once would be one twice.
            self.page.wait_for_timeout(120)
        self.page.keyboard.press("Enter")

    def drag(self, start: Place, end: Place) -> None:
        """Take hold of a corner and let it go somewhere else."""
        self.page.mouse.move(*self.pixel(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.pixel(end), steps=6)
        self.page.mouse.up()

    def revision(self, number: int) -> None:
        """Wait until the page has this revision of the draft."""
        expect(self.page.get_by_text(f"第 {number} 次修订")).to_be_visible()

    def grids(self, draft: int) -> dict[str, Any]:
        """The grids of a draft as the service has them: outer rings by code."""
        told = self.desk.api(f"/api/drafts/{draft}/grids")["grids"]["features"]
        return {each["properties"]["code"]: each["geometry"]["coordinates"][0] for each in told}

    def confirm(self, step: str, action: str) -> None:
        """Ask for a step of the draft, and say yes."""
        self.page.get_by_role("button", name=step, exact=True).click()
        self.page.get_by_role("dialog").get_by_role("button", name=action, exact=True).click()


@contextmanager
def another(browser: Browser, url: str, name: str) -> Iterator[Page]:
    """A page of somebody else, signed in."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    credentials = {"username": name, "password": DEMO_PASSWORD}
    assert page.request.post(f"{url}/api/session", data=credentials).ok
    yield page
    context.close()
