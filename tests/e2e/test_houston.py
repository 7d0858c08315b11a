"""A real city on the map: Houston's police beats and its 86,309 incidents of 2010."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.api.cli.conftest import NewCity
from tests.api.cli.serving import free_port
from tests.e2e.conftest import ROOT, run_commands, served, watched
from tests.e2e.desk import DEMO_PASSWORD

DATA = Path(os.environ.get("WANGGE_TEST_DATA") or ROOT / "../shared/data") / "city-houston"
COLUMNS = "--lng lon --lat lat --time occurred_utc --category offense --id row_id"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.houston,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the data of Houston is not at {DATA}"),
]


@pytest.fixture(scope="module")
def houston_url(new_city: NewCity) -> Iterator[str]:
    city = new_city().given(port=free_port())
    beats = [str(DATA / "police_beats.geojson"), "--code", "Beats", "--city-name", "Houston"]
    incidents = [str(DATA / "incidents_2010.csv.gz"), *COLUMNS.split(), "--add-categories"]
    run_commands(
        city,
        ["import", "grids", *beats, "--repair"],
        ["import", "reports", *incidents],
        ["users", "add", "dispatcher", "--role", "dispatcher", "--password", DEMO_PASSWORD],
    )
    with served(city.environment) as url:
        yield url


def test_the_map_of_houston_opens_and_pans(page: Page, houston_url: str) -> None:
    with watched(page, houston_url) as desk:
        desk.sign_in()
        desk.open("lang=en&state=all")
        city = desk.api("/api/city")
        assert city["counts"]["grids"] == 118
        assert desk.api("/api/hotspots/counts", by="kind")["total"] == 86_309
        assert desk.rendered("edges-city")
        assert desk.rendered("edges-grid")
        assert desk.drawn() == desk.total() > 0
        before = desk.total()
        desk.drag(-400, 0)
        assert 0 < desk.total() < before
        # Spots 16 pixels wide are counted in the view or not, cases of the list each.
        assert desk.drawn() == pytest.approx(desk.total(), rel=0.1)
