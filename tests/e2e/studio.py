"""The boundary studio as a planner meets it: its map, its tools, its tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import geopandas as gpd
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from shapely import box

from tests.api.cli.conftest import NewCity
from tests.api.cli.serving import free_port
from tests.e2e.conftest import run_commands, served, watched
from tests.e2e.desk import DEMO_PASSWORD, SIZES, Desk, Size

Place = tuple[float, float]

WEST, SOUTH, STEP = 121.0, 30.0, 0.004
COLUMNS = "--code code --name name --community community --township township --city-name 方格市"
STAFF = "code,name,role,area,from,to\nA,甲,worker,22,2020-01-01,\nB,乙,worker,32,2020-01-01,\n"
FLATS = 4
"""Buildings along each side of a square; one in column c has c + 1 households."""


def at(column: float, row: float) -> Place:
    """A place of the city, in squares from its south-west corner."""
    return WEST + column * STEP, SOUTH + row * STEP


def households(column: int, buildings: int = FLATS**2) -> int:
    """How many households so many buildings of a column have."""
    return buildings * (column + 1)


@pytest.fixture(scope="module")
def city_url(new_city: NewCity) -> Iterator[str]:
    """Four by four squares; the two western columns are one community, the eastern another."""
    city = new_city().given(port=free_port())
    squares = [(column, row) for column in range(4) for row in range(4)]
    gpd.GeoDataFrame(
        {
            "code": [f"{column}{row}" for column, row in squares],
            "name": [f"方格{column}{row}" for column, row in squares],
            "community": ["西社区" if column < 2 else "东社区" for column, _ in squares],
            "township": ["方镇"] * len(squares),
        },
        geometry=[box(*at(column, row), *at(column + 1, row + 1)) for column, row in squares],
        crs="EPSG:4326",
    ).to_file(city.folder / "grids.geojson", driver="GeoJSON")
    along = [(number + 0.5) / FLATS for number in range(4 * FLATS)]
    flats = [(column, row) for column in along for row in along]
    gpd.GeoDataFrame(
        {"households": [int(column) + 1 for column, _ in flats]},
        geometry=gpd.points_from_xy(*zip(*(at(*flat) for flat in flats), strict=True)),
        crs="EPSG:4326",
    ).to_file(city.folder / "counts.geojson", driver="GeoJSON")
    (city.folder / "staff.csv").write_text(STAFF, "utf-8")
    people = ["planner", "leader", "dispatcher"]
    run_commands(
        city,
        ["import", "grids", "grids.geojson", *COLUMNS.split()],
        ["import", "counts", "counts.geojson", "--households", "households"],
        ["import", "staff", "staff.csv"],
        *[["users", "add", who, "--role", who, "--password", DEMO_PASSWORD] for who in people],
        ["users", "add", "second", "--role", "planner", "--password", DEMO_PASSWORD],
    )
    with served(city.environment) as url:
        yield url


@pytest.fixture(scope="session")
def base_url() -> str:
    """Playwright asks for it; the demo city, which it would be otherwise, is not needed here."""
    return ""


@pytest.fixture
def studio(page: Page, city_url: str) -> Iterator[Studio]:
    """The studio of a planner."""
    with watched(page, city_url) as desk:
        desk.sign_in("planner")
        yield Studio(desk)


def begun(studio: Studio, name: str) -> int:
    """A draft that was begun beside the page; its number."""
    return int(told_by(studio.desk, "/api/drafts", {"name": name})["id"])


def told_by(desk: Desk, path: str, data: dict[str, Any], revision: int | None = None) -> Any:
    """What the service answers when somebody's browser asks for a change."""
    headers = {"X-CSRF-Token": _csrf(desk)}
    if revision is not None:
        headers["If-Match"] = f'"{revision}"'
    answer = desk.page.request.post(f"{desk.base_url}{path}", data=data, headers=headers)
    assert answer.ok, answer.text()
    return answer.json()


def _csrf(desk: Desk) -> str:
    cookies = desk.page.context.cookies()
    return next(each["value"] for each in cookies if each["name"] == "wangge_csrf")


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

    def draw(self, *places: Place, end: bool = True) -> None:
        """Click from place to place, and end with Enter."""
        expect(self.page.locator(".drawing")).to_be_visible()
        for place in places:
            x, y = self.pixel(place)
            self.page.mouse.move(x - 6, y - 6)
            self.page.mouse.move(x, y, steps=3)
            self.page.mouse.click(x, y)
            # Two clicks at once would be one twice.
            self.page.wait_for_timeout(120)
        if end:
            self.page.keyboard.press("Enter")

    def sweep(self, first: Place, *places: Place) -> None:
        """Draw freehand: hold the button down from the first place to the last."""
        expect(self.page.locator(".drawing")).to_be_visible()
        self.page.mouse.move(*self.pixel(first))
        self.page.mouse.down()
        for place in places:
            self.page.mouse.move(*self.pixel(place), steps=3)
            # Faster than a hand ever is, places would be left out.
            self.page.wait_for_timeout(60)
        self.page.mouse.up()

    def drag(self, start: Place, end: Place, *, drop: bool = True) -> None:
        """Take hold of a corner and let it go somewhere else."""
        self.page.mouse.move(*self.pixel(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.pixel(end), steps=6)
        if drop:
            self.page.mouse.up()

    def revision(self, number: int) -> None:
        """Wait until the page has this revision of the draft."""
        expect(self.page.get_by_text(f"第 {number} 次修订")).to_be_visible()

    def marked(self, *marks: str) -> list[bool]:
        """Whether something is drawn under each of these marks of the map."""
        drawn: list[bool] = self.map.evaluate(
            """(element, marks) => marks.map(
                (mark) => element.studioMap.map.querySourceFeatures(mark).length > 0)""",
            list(marks),
        )
        return drawn

    def tab(self, name: str) -> None:
        """Show one of the tables under the map."""
        self.page.get_by_role("tab", name=name).click()

    def choose(self, *names: str) -> None:
        """Select grids in the table of all; the first by a click, the others with Shift."""
        self.tab("全部网格")
        for number, name in enumerate(names):
            self.page.get_by_role("searchbox").fill(name)
            row = self.page.get_by_role("row", name=name).first
            row.click(modifiers=["Shift"] if number else [])
            expect(row).to_have_attribute("aria-selected", "true")

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
