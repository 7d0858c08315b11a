"""A city whose every word is a script: the page shows the words and runs none of them."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import Page, expect
from shapely import box

from tests.api.cli.conftest import NewCity
from tests.api.cli.serving import free_port
from tests.e2e.conftest import run_commands, served, watched
from tests.e2e.test_languages import TEXTS

RUNS = "window.ran=1"
SCRIPT = f"<img src=x onerror={RUNS}>{{{{7*7}}}}"
ACCOUNT = f"<svg onload={RUNS}>"
SAID = f"{SCRIPT}<script>{RUNS}</script>"
PASSWORD = "as-wicked-as-words-get"
GRID_COLUMNS = "--code code --name name --community community --township township"


@pytest.fixture(scope="module")
def hostile_city(new_city: NewCity) -> Iterator[str]:
    """A city of the people's own, not generated: two grids, staff, one account, some cases."""
    city = new_city().given(port=free_port())
    _write_grids(city.folder / "grids.geojson")
    (city.folder / "staff.csv").write_text(
        "code,name,role,area,from,to\n" + f"W0,{SCRIPT},worker,G-0,2020-01-01,\n"
    )
    (city.folder / "reports.csv").write_text(
        "lng,lat,time,category\n" + f"121.001,30.001,2026-11-20T01:00:00Z,{SCRIPT}\n"
    )
    run_commands(
        city,
        ["import", "grids", "grids.geojson", *GRID_COLUMNS.split(), "--city-name", SCRIPT],
        ["import", "staff", "staff.csv"],
        ["import", "reports", "reports.csv", "--lng", "lng", "--lat", "lat", "--time", "time",
         "--category", "category", "--add-categories", "--open-cases"],
        ["users", "add", ACCOUNT, "--role", "dispatcher", "--password", PASSWORD],
    )  # fmt: skip
    with served(city.environment) as url:
        yield url


def send(url: str) -> int:
    """Report with a script in every field that takes words."""
    body = {"lng": 121.0005, "lat": 30.0005, "category": "other", "description": SAID}
    request = urllib.request.Request(
        f"{url}/api/reports",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "Idempotency-Key": SAID},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(json.load(answer)["case"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_that_are_scripts_are_shown_and_not_run(
    page: Page, hostile_city: str, language: str
) -> None:
    with watched(page, hostile_city) as desk:
        credentials = {"username": ACCOUNT, "password": PASSWORD}
        assert page.request.post(f"{hostile_city}/api/session", data=credentials).ok
        desk.open(f"lang={language}&time=all&state=all")
        number = send(hostile_city)
        row = page.locator(f"#case-{number}")
        expect(row).to_be_visible()
        row.click()
        expect(desk.drawer.locator("dl").first).to_be_visible()
        # The person who answers, the grid and the city stand there as words.
        expect(desk.drawer.get_by_text(SCRIPT, exact=True).first).to_be_visible()
        desk.wait()
        desk.click(121.0015, 30.0015)
        expect(desk.drawer.locator("dl").first).to_be_visible()
        page.get_by_role("button", name=ACCOUNT).click()
        words = [text for text, _ in page.evaluate(TEXTS)]
        assert any(ACCOUNT in text for text in words)
        page.goto(f"{hostile_city}/?wall=1&lang={language}")
        page.wait_for_selector("[data-testid=wall-map][data-ready=true]")
        expect(page.locator(".events li").first).to_be_visible()
        assert page.evaluate("window.ran") is None
        assert page.locator("img[src=x], svg[onload]").count() == 0


def test_a_city_of_its_own_is_not_called_made_up(page: Page, hostile_city: str) -> None:
    with watched(page, hostile_city) as desk:
        page.goto(hostile_city)
        expect(page.get_by_label("账号", exact=True)).to_be_visible()
        expect(page.get_by_text("演示")).to_have_count(0)
        credentials = {"username": ACCOUNT, "password": PASSWORD}
        assert page.request.post(f"{hostile_city}/api/session", data=credentials).ok
        desk.open("time=all")
        expect(page.get_by_text("演示")).to_have_count(0)


def _write_grids(path: Path) -> None:
    grids = gpd.GeoDataFrame(
        {
            "code": ["G-0", "G-1"],
            "name": [SCRIPT] * 2,
            "community": [SCRIPT] * 2,
            "township": [SCRIPT] * 2,
        },
        geometry=[box(121, 30, 121.002, 30.002), box(121.002, 30, 121.004, 30.002)],
        crs="EPSG:4326",
    )
    grids.to_file(path, driver="GeoJSON")
