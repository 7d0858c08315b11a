"""The live desk as a person meets it: its list, its map, its drawer."""

from __future__ import annotations

import json
import re
import urllib.request
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Locator, Page

Size = Literal["desk", "wide", "middle", "phone"]
SIZES: dict[Size, tuple[int, int]] = {
    "desk": (1280, 720),
    "wide": (1440, 900),
    "middle": (1024, 768),
    "phone": (390, 844),
}
# More than the example profile takes at once from one browser.
MOST_REPORTS = 60
DEMO_PASSWORD = "wangge-demo"
# A category no city has: the map then shows no case that a click could hit.
NO_CASES = "category=none"
# Cases that may be points of the map, whichever came last when the demo city was made.
POINT_CASES = "time=all&category=fire_lane_blocked"


@dataclass
class Desk:
    """A page on the live desk of the service at ``base_url``."""

    page: Page
    base_url: str
    expected_errors: list[str] = field(default_factory=list)

    def sign_in(self, name: str = "dispatcher") -> None:
        """Sign in as one of the demo accounts, beside the page."""
        credentials = {"username": name, "password": DEMO_PASSWORD}
        answer = self.page.request.post(f"{self.base_url}/api/session", data=credentials)
        assert answer.ok, answer.text()

    def report(self, lng: float, lat: float, category: str = "garbage") -> int:
        """Send a report, as a worker somewhere else does; the number of its case."""
        here = self.base_url
        session = _sent(f"{here}/api/session", {"username": "worker", "password": DEMO_PASSWORD})
        report = {"lng": lng, "lat": lat, "datum": "wgs84", "category": category}
        sent = _sent(
            f"{here}/api/reports",
            {**report, "description": "Reported by a test."},
            Authorization=f"Bearer {session['token']}",
        )
        return int(sent["case"])

    def report_over_the_limit(self, lng: float, lat: float) -> int:
        """Send reports from one browser until one is held; the number of its case."""
        report = {"lng": lng, "lat": lat, "datum": "wgs84", "category": "garbage"}
        for _ in range(MOST_REPORTS):
            sent = _sent(
                f"{self.base_url}/api/reports",
                {**report, "description": "One of too many."},
                Cookie="wangge_receipt=of-one-browser",
            )
            number = int(sent["case"])
            if self.api(f"/api/cases/{number}")["held"]:
                return number
        raise AssertionError(f"none of {MOST_REPORTS} reports was held")

    def open(self, query: str = "", size: Size = "desk") -> None:
        """Go to the desk and wait until its map stands still with everything drawn."""
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(f"{self.base_url}/?{query}")
        self.wait()

    def wait(self) -> None:
        """Wait until map and list have answered."""
        # Asked at every frame, while `expect` asks once a second in the end.
        self.page.wait_for_function(
            """() => document.querySelector('[data-testid=map][data-ready=true]')
                && document.querySelector('h2[aria-busy=false]')"""
        )

    def api(self, path: str, **query: str | float) -> Any:
        """What the service answers, asked beside the page."""
        answer = self.page.request.get(f"{self.base_url}{path}", params=dict(query))
        assert answer.ok, answer.text()
        return answer.json()

    @property
    def map(self) -> Locator:
        """The element the map lives in."""
        return self.page.get_by_test_id("map")

    @property
    def heading(self) -> Locator:
        """The head of the list, with its total."""
        return self.page.locator("h2[aria-busy]")

    @property
    def rows(self) -> Locator:
        """The cases of the list that are loaded."""
        return self.page.locator("#case-list li button")

    @property
    def drawer(self) -> Locator:
        """What is told of the chosen case or place."""
        return self.page.locator("aside")

    def total(self) -> int:
        """How many cases the list says are in view."""
        found = re.search(r"[\d,]+", self.heading.inner_text())
        assert found, self.heading.inner_text()
        return int(found[0].replace(",", ""))

    def drawn(self) -> int:
        """How many cases the map shows in view, in symbols and clusters."""
        return int(self.map.get_attribute("data-cases") or -1)

    def shown_of(self, total: int, **query: str) -> int:
        """How many of these cases a map may show: those of sensitive categories are no points."""
        hidden = [c["code"] for c in self.api("/api/city")["categories"] if c["sensitive"]]
        if not hidden:
            return total
        only = self.api("/api/cases", category=",".join(hidden), limit=1, **query)
        return total - int(only["total"])

    @property
    def tabs(self) -> Locator:
        """What waits for what, over the list."""
        return self.page.get_by_role("group", name="按所等的事分")

    def numbers(self) -> list[int]:
        """The case numbers of the loaded rows, in their order."""
        ids = self.rows.evaluate_all("rows => rows.map((row) => row.id)")
        return [int(row_id.removeprefix("case-")) for row_id in ids]

    def rendered(self, *layers: str) -> list[dict[str, Any]]:
        """Properties of the features the map draws in these layers of its style."""
        found: list[dict[str, Any]] = self.map.evaluate(
            """(element, layers) => element.deskMap.map
                .queryRenderedFeatures({ layers })
                .map(({ properties }) => properties)""",
            list(layers),
        )
        return found

    def pixel(self, lng: float, lat: float) -> tuple[float, float]:
        """Where a place is on the screen."""
        box = self.map.bounding_box()
        assert box
        x, y = self.map.evaluate(
            """(element, place) => {
                const { x, y } = element.deskMap.map.project(place);
                return [x, y];
            }""",
            [lng, lat],
        )
        return box["x"] + x, box["y"] + y

    def click(self, lng: float, lat: float) -> None:
        """Click on the map."""
        self.page.mouse.click(*self.pixel(lng, lat))

    def drag(self, dx: float, dy: float) -> None:
        """Pan the map by pixels, and wait until it has settled."""
        box = self.map.bounding_box()
        assert box
        # Let go without speed: the map would glide on.
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = self.page.url
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=5)
        self.page.wait_for_timeout(250)
        self.page.mouse.up()
        # Let go beside the map, it is told by the next move only.
        self.page.mouse.move(x, y)
        self.page.wait_for_function("before => location.href !== before", arg=before)
        self.wait()

    def choose(self, menu: str, *names: str) -> None:
        """Choose in a filter of the page bar, and close it again."""
        before = self.page.url
        self.page.get_by_role("button", name=menu).click()
        panel = self.page.get_by_role("group", name=menu)
        for name in names:
            panel.get_by_label(name, exact=True).click()
        self.page.keyboard.press("Escape")
        self.page.wait_for_function("before => location.href !== before", arg=before)
        self.wait()


def _sent(url: str, body: dict[str, Any], **headers: str) -> Any:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)
