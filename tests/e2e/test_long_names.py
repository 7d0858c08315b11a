"""A city whose every name is as long as names get: nothing on the desk runs over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from playwright.sync_api import Page, expect
from shapely import box

from tests.api.cli.conftest import NewCity
from tests.api.cli.serving import free_port
from tests.e2e.conftest import run_commands, served, watched
from tests.e2e.desk import Size
from tests.e2e.test_sizes import FAULTS, LEAST_FONT_PX

LONG = "双江黎族布朗族佤族拉祜族自治经济技术开发区管理委员会第三工业园区综合治理"
LATIN = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
PASSWORD = "as-long-as-names-get"
GRID_COLUMNS = "--code code --name name --community community --township township"
REPORT_COLUMNS = "--lng lng --lat lat --time time --category category --add-categories --open-cases"


@pytest.fixture(scope="module")
def long_city(new_city: NewCity) -> Iterator[str]:
    city = new_city().given(port=free_port())
    _write_grids(city.folder / "grids.geojson")
    (city.folder / "reports.csv").write_text(
        "lng,lat,time,category\n"
        + "".join(
            f"{121.001 + i * 0.002},30.001,2026-11-20T0{i}:00:00Z,{LATIN[:20]}\n" for i in range(9)
        )
    )
    run_commands(
        city,
        ["import", "grids", "grids.geojson", *GRID_COLUMNS.split(), "--city-name", LONG],
        ["import", "reports", "reports.csv", *REPORT_COLUMNS.split()],
        ["users", "add", LATIN, "--role", "dispatcher", "--password", PASSWORD],
    )
    with served(city.environment) as url:
        yield url


@pytest.mark.parametrize("size", ["wide", "middle", "phone"])
def test_names_of_any_length_stay_in_their_place(page: Page, long_city: str, size: Size) -> None:
    with watched(page, long_city) as desk:
        credentials = {"username": LATIN, "password": PASSWORD}
        assert page.request.post(f"{long_city}/api/session", data=credentials).ok
        desk.open("", size)
        expect(desk.rows.first).to_be_visible()
        assert page.evaluate(FAULTS, LEAST_FONT_PX) == []
        page.get_by_role("button", name=f"账号：{LATIN}").click()
        assert page.evaluate(FAULTS, LEAST_FONT_PX) == []
        page.keyboard.press("Escape")
        desk.rows.first.click()
        expect(desk.drawer.locator("dl").first).to_be_visible()
        assert page.evaluate(FAULTS, LEAST_FONT_PX) == []
        page.get_by_role("button", name="English").click()
        assert page.evaluate(FAULTS, LEAST_FONT_PX) == []


def test_the_door_of_that_city_fits_too(page: Page, long_city: str) -> None:
    with watched(page, long_city) as desk:
        page.goto(desk.base_url)
        expect(page.get_by_text(LONG)).to_be_visible()
        assert page.evaluate(FAULTS, LEAST_FONT_PX) == []


def _write_grids(path: Path) -> None:
    grids = gpd.GeoDataFrame(
        {
            "code": [f"{LATIN[:30]}-{i:03d}" for i in range(10)],
            "name": [f"{LONG}第{i}网格" for i in range(10)],
            "community": [f"{LONG}社区居民委员会"] * 10,
            "township": [f"{LONG}街道办事处"] * 10,
        },
        geometry=[box(121 + i * 0.002, 30, 121 + (i + 1) * 0.002, 30.002) for i in range(10)],
        crs="EPSG:4326",
    )
    grids.to_file(path, driver="GeoJSON")
