"""A real city on the map: Houston's police beats and its 86,309 incidents of 2010."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import open_folder
from tests.e2e.conftest import ROOT, WANGGE, served, service_environment, watched
from tests.e2e.desk import DEMO_PASSWORD

DATA = Path(os.environ.get("WANGGE_TEST_DATA") or ROOT / "../shared/data") / "city-houston"
COLUMNS = "--lng lon --lat lat --time occurred_utc --category offense --id row_id"

pytestmark = [
    pytest.mark.houston,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the data of Houston is not at {DATA}"),
]


@pytest.fixture(scope="module")
def houston_url() -> Iterator[str]:
    with open_folder() as folder:
        environment = service_environment(Path(folder) / "home", WANGGE_CITY="houston")
        beats = [str(DATA / "police_beats.geojson"), "--code", "Beats", "--city-name", "Houston"]
        incidents = [str(DATA / "incidents_2010.csv.gz"), *COLUMNS.split(), "--add-categories"]
        for words in (["grids", *beats, "--repair"], ["reports", *incidents]):
            subprocess.run(
                [WANGGE, "import", *words], env=environment, check=True, cwd=folder, timeout=300
            )
        words = ["users", "add", "dispatcher", "--role", "dispatcher", "--password", DEMO_PASSWORD]
        subprocess.run([WANGGE, *words], env=environment, check=True, timeout=60)
        with served(environment) as url:
            yield url


def test_the_map_of_houston_opens_and_pans(page: Page, houston_url: str) -> None:
    with watched(page, houston_url) as desk:
        desk.sign_in()
        desk.open("lang=en&state=all")
        city = desk.api("/api/city")
        assert city["counts"]["grids"] == 118
        assert city["counts"]["cases"] == 86_309
        assert desk.rendered("edges-city")
        assert desk.rendered("edges-grid")
        assert desk.drawn() == desk.total() > 0
        before = desk.total()
        desk.drag(-400, 0)
        assert 0 < desk.total() < before
        # Spots 16 pixels wide are counted in the view or not, cases of the list each.
        assert desk.drawn() == pytest.approx(desk.total(), rel=0.1)
