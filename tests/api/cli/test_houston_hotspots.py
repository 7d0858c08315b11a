"""Houston's incidents of 2010 as emerging hotspots: places anybody there knows."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.settings import Settings
from tests.api.cli.command_line import CommandLine

HOUSTON = Settings().test_data / "city-houston"
PAGE = Path(__file__).parents[3] / "docs/houston.md"
pytestmark = [
    pytest.mark.houston,
    pytest.mark.skipif(not HOUSTON.is_dir(), reason=f"no real data under {HOUSTON}"),
]

HOT = {"Downtown": (-95.365, 29.757), "Midtown": (-95.378, 29.742), "Galleria": (-95.463, 29.738),
       "Greenspoint": (-95.415, 29.944)}  # fmt: skip
COLD = {"Barker Reservoir": (-95.66, 29.76), "Lake Houston": (-95.13, 29.95),
        "Ellington Field": (-95.16, 29.61)}  # fmt: skip


def test_the_places_everybody_knows_are_hot_and_the_water_is_cold(tmp_path: Path) -> None:
    told = CommandLine(tmp_path, "").does(
        "hotspots", HOUSTON / "incidents_2010.csv.gz", "--lng", "lon", "--lat", "lat",
        "--resolution", "8", "--region", HOUSTON / "police_beats.geojson",
        "--time", "occurred_local", "--tz", "America/Chicago", "--emerging", "esri-new",
        "--out", tmp_path / "cells.gpkg",
    )  # fmt: skip
    cells = gpd.read_file(tmp_path / "cells.gpkg")

    def at(place: tuple[float, float]) -> tuple[int, str]:
        row = cells[cells.contains(shapely.Point(place))].iloc[0]
        return int(row["bin"]), str(row["class"])

    assert {name: at(place)[1] for name, place in HOT.items()} == dict.fromkeys(
        HOT, "persistent-hot"
    )
    assert all(at(place)[0] == -99 for place in COLD.values())
    # The page tells these figures.
    page = PAGE.read_text("utf-8")
    classes = told["classes"]
    for figure in (
        f"{told['cases']:,} incidents lie in the {told['cells']:,} cells",
        f"{told['hot']} cells are hot over the year and {told['cold']} cold",
        f"{classes['persistent-hot']} persistent",
        f"{classes['intensifying-hot']} intensifying",
        f"{classes['sporadic-hot']} sporadic",
        f"{classes['none']:,} none",
    ):
        assert figure in " ".join(page.split()), figure
