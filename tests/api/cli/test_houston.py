"""A real city twice on one server: Houston by its police beats and by its block groups.

The oracle is geopandas on the exported files: it knows nothing of our index.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import pandas as pd
import pytest

from api.app import create_app
from api.settings import SHIPPED_PROFILE, Settings
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity
from tests.api.signing_in import sign_in_to
from tests.tiles.decoding import decoded

HOUSTON = Settings().test_data / "city-houston"
PAGE = Path(__file__).parents[3] / "docs/houston.md"
pytestmark = [
    pytest.mark.houston,
    pytest.mark.skipif(not HOUSTON.is_dir(), reason=f"no real data under {HOUSTON}"),
]

GRIDS: dict[str, tuple[str, ...]] = {
    "beats": ("police_beats.geojson", "--code", "Beats", "--repair"),
    "block_groups": ("census_block_groups.geojson", "--code", "GEOID"),
}
REPORTS = (
    "--lng", "lon", "--lat", "lat", "--time", "occurred_utc", "--category", "offense",
    "--id", "row_id", "--add-categories",
)  # fmt: skip
REASONS = ("inside", "edge", "nearest", "outside")
METRIC = "EPSG:32615"


@dataclass(frozen=True)
class Imported:
    """A city of Houston: its prompt, what the imports told, and how to import again."""

    prompt: CommandLine
    grids: dict[str, Any]
    reports: dict[str, Any]
    import_grids: tuple[str, ...]
    import_reports: tuple[str, ...]


@pytest.fixture(scope="module")
def cities(new_city: NewCity) -> dict[str, Imported]:
    return {name: imported(new_city(), name) for name in GRIDS}


@pytest.fixture(params=GRIDS)
def city(cities: dict[str, Imported], request: pytest.FixtureRequest) -> Imported:
    return cities[request.param]


def imported(prompt: CommandLine, name: str) -> Imported:
    file, *options = GRIDS[name]
    grids = ("import", "grids", str(HOUSTON / file), *options, "--city-name", f"Houston {name}")
    reports = ("import", "reports", str(HOUSTON / "incidents_2010.csv.gz"), *REPORTS)
    return Imported(
        prompt,
        prompt.does(*grids),
        prompt.does(*reports, "--rejects", "rejects.csv"),
        grids,
        reports,
    )


def test_all_incidents_arrive_but_the_five_without_a_place(city: Imported) -> None:
    told = city.reports
    assert (told["read"], told["imported"], told["rejected"]) == (86_314, 86_309, 5)
    source = pd.read_csv(HOUSTON / "incidents_2010.csv.gz")
    placeless = source.index[source["lon"].isna() | source["lat"].isna()]
    rejects = pd.read_csv(city.prompt.folder / "rejects.csv", encoding="utf-8-sig")
    assert rejects["rejected_line"].tolist() == [number + 2 for number in placeless]
    assert rejects["row_id"].tolist() == source.loc[placeless, "row_id"].tolist()
    assert set(rejects["rejected_reason"]) == {"coordinate_missing"}


def test_geopandas_finds_the_same_grid_for_every_incident(city: Imported) -> None:
    city.prompt.does("export", "grids", "--out", "grids.gpkg")
    city.prompt.does("export", "reports", "--out", "reports.parquet")
    grids = gpd.read_file(city.prompt.folder / "grids.gpkg")
    reports = gpd.read_parquet(city.prompt.folder / "reports.parquet")
    assert len(grids) == city.grids["grids"]
    assert len(reports) == reports["external_id"].nunique() == 86_309

    pairs = reports.sjoin(grids[["code", "geometry"]], predicate="intersects")
    found = pairs.groupby(level=0)["code"].agg(["min", "size"]).reindex(reports.index)
    within = {reason: reports["grid_reason"] == reason for reason in REASONS}
    assert (within["inside"] == (found["size"] == 1)).all()
    assert (within["edge"] == (found["size"] > 1)).all()
    placed = within["inside"] | within["edge"]
    assert (reports["grid_code"] == found["min"])[placed].all()

    away = ~placed
    assert (found["size"].isna() == away).all()
    nearest_m = tomllib.loads(SHIPPED_PROFILE.read_text("utf-8"))["nearest_m"]
    apart = reports[away].to_crs(METRIC).sjoin_nearest(grids.to_crs(METRIC), distance_col="m")
    apart_m = apart.groupby(level=0)["m"].min()
    assert (within["nearest"][away] == (apart_m <= nearest_m)).all()
    assert reports["grid_code"].isna().equals(within["outside"])
    # The grid it was given is the one that is nearest, or as near as that.
    given = grids.set_index("code").geometry.to_crs(METRIC)
    near = reports[within["nearest"]].to_crs(METRIC)
    to_given = near.distance(given.loc[near["grid_code"]].set_axis(near.index))
    assert (to_given - apart_m[near.index]).abs().max() < 1e-6

    counts = {reason: int(chosen.sum()) for reason, chosen in within.items()}
    print(f"{city.prompt.schema}: {len(grids):,} grids, {counts}")
    assert counts == {reason: city.reports[reason] for reason in REASONS}


def test_the_same_files_again_change_nothing(city: Imported) -> None:
    before = city.prompt.contents()
    grids = city.prompt.does(*city.import_grids)
    assert (grids["unchanged"], grids["version"]) == (True, 1)
    reports = city.prompt.does(*city.import_reports)
    assert (reports["unchanged"], reports["imported"], reports["rejected"]) == (86_309, 0, 5)
    # Nor does the journal get a line: nothing happened.
    assert city.prompt.contents() == before


async def test_both_cities_are_served_side_by_side(cities: dict[str, Imported]) -> None:
    async with AsyncExitStack() as served:
        clients = {name: await served.enter_async_context(serve(cities[name])) for name in cities}
        for name, client in clients.items():
            city = (await client.get("/api/city")).json()
            assert city["name"] == f"Houston {name}"
            assert city["counts"]["grids"] == cities[name].grids["grids"]
            counted = await client.get("/api/hotspots/counts", params={"by": "kind"})
            assert counted.json()["total"] == 86_309
            murders = await client.get("/api/cases", params={"category": "murder"})
            assert murders.json()["total"] == 157
            tile = await client.get("/tiles/grids/10/240/423.mvt")
            codes = {feature.properties["code"] for feature in decoded(tile.content)["grids"]}
            downtown = await client.get("/api/locate", params={"lng": -95.3698, "lat": 29.7604})
            grid = downtown.json()["grid"]["code"]
            assert grid in codes
            pattern = r"\d{1,2}[A-Z]\d\d" if name == "beats" else r"48201\d{7}"
            assert re.fullmatch(pattern, grid)


@asynccontextmanager
async def serve(city: Imported) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(
        database_url=city.prompt.url,
        city=city.prompt.variables["WANGGE_CITY"],
        home=city.prompt.folder,
    )
    app = create_app(settings)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1"
        ) as client,
    ):
        await sign_in_to(app, client)
        yield client


def test_the_page_about_houston_shows_these_figures(cities: dict[str, Imported]) -> None:
    row = re.compile(r"^\| `?([\w ]+?)`? \| ([\d,]+) \| ([\d,]+) \|$", re.MULTILINE)
    shown = {
        name: [int(count.replace(",", "")) for count in counts]
        for name, *counts in row.findall(PAGE.read_text("utf-8"))
    }
    told = list(cities.values())
    assert shown == {
        "grids": [city.grids["grids"] for city in told],
        "invalid": [city.grids["faults"]["invalid"] for city in told],
        "declared holes": [city.grids["faults"]["holes"] for city in told],
        "grids of several parts": [city.grids["faults"]["multipart"] for city in told],
        "rows read": [city.reports["read"] for city in told],
        "imported": [city.reports["imported"] for city in told],
        "rejected": [city.reports["rejected"] for city in told],
        **{reason: [city.reports[reason] for city in told] for reason in REASONS},
    }
