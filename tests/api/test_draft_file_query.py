"""What is said of a file beside its content decides how it is read, and how one is written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import pytest
import pytest_asyncio
import shapely

from gis.datum import Datum, from_wgs84
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.test_draft_files import COLUMNS, send
from tests.boundaries.grid_files import zipped
from tests.small_city import NOON, nine_grids, publish_small_city


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


def changed(answer: httpx.Response) -> dict[str, int]:
    """What was found, without what was not."""
    assert answer.status_code == 201, answer.text
    found = answer.json()["found"]
    return {word: number for word, number in found.items() if number and word != "unchanged"}


async def test_columns_are_those_that_are_named(planner: httpx.AsyncClient, tmp_path: Path) -> None:
    """Beside them stand columns with the usual names and other content."""
    frame = nine_grids()[COLUMNS]
    for column in ("name", "kind", "community"):
        frame[f"our_{column}"] = frame[column]
    frame["our_code"], frame["code"] = frame["code"], frame.index
    frame.loc[0, ["our_name", "our_kind", "our_community"]] = ["桥西", "dedicated", "c1"]
    frame[["name", "kind", "community"]] = ["?", "base", "c0"]
    frame.to_file(tmp_path / "a.gpkg")
    columns = {word: f"our_{word}" for word in ("code", "kind", "community")}
    query = {**columns, "name_column": "our_name"}
    answer = await send(planner, (tmp_path / "a.gpkg").read_bytes(), **query)
    assert changed(answer) == {"renamed": 1, "kind_changed": 1, "community_changed": 1}


async def test_the_layer_is_the_one_that_is_named(
    planner: httpx.AsyncClient, tmp_path: Path
) -> None:
    frame = nine_grids()[COLUMNS]
    for name in ("东一", "东二"):
        frame.loc[8, "name"] = name
        frame.to_file(tmp_path / "a.gpkg", layer=name)
    content = (tmp_path / "a.gpkg").read_bytes()
    unnamed = await send(planner, content)
    assert (unnamed.status_code, unnamed.json()["code"]) == (422, "layer_ambiguous")
    for name in ("东一", "东二"):
        told = (await send(planner, content, layer=name)).json()
        path = f"/api/drafts/{told['id']}/grids"
        (grid,) = (await planner.get(path, params={"changed": True})).json()["grids"]["features"]
        assert grid["properties"]["name"] == name


async def test_where_a_file_lies_is_what_is_said_of_it(
    planner: httpx.AsyncClient, tmp_path: Path
) -> None:
    """In a shapefile that names no CRS, and one in GCJ-02 that claims EPSG:4326."""
    frame = nine_grids()[COLUMNS]
    frame.loc[8, "name"] = "东北角"
    frame.to_crs("EPSG:4549").to_file(tmp_path / "a.shp", encoding="UTF-8")
    (tmp_path / "a.prj").unlink()
    content = zipped(tmp_path / "a.shp", tmp_path / "a.zip").read_bytes()
    assert changed(await send(planner, content, crs="EPSG:4549")) == {"renamed": 1}
    shifted = shapely.transform(
        frame.geometry.to_numpy(),
        lambda c: np.column_stack(from_wgs84(c[:, 0], c[:, 1], Datum.GCJ02)),
    )
    frame.set_geometry(gpd.GeoSeries(shifted, crs=4326)).to_file(tmp_path / "b.fgb")
    content = (tmp_path / "b.fgb").read_bytes()
    assert changed(await send(planner, content, datum="gcj02")) == {"renamed": 1}
    assert (await send(planner, content)).status_code == 422


async def test_a_file_is_held_against_the_version_that_was_edited(
    tx: Transaction, planner: httpx.AsyncClient, tmp_path: Path
) -> None:
    """The second version has called g00 otherwise; the file is of the first."""
    renamed = nine_grids()
    renamed.loc[0, "name"] = "桥西"
    await publish_small_city(tx, at=NOON + timedelta(hours=1), frame=renamed, onto=1)
    edited = nine_grids()[COLUMNS]
    edited.loc[8, "name"] = "东北角"
    edited.to_file(tmp_path / "a.gpkg")
    content = (tmp_path / "a.gpkg").read_bytes()
    assert changed(await send(planner, content, base_version=1)) == {"renamed": 1}
    newest = await send(planner, content)
    assert newest.json()["base_version"] == 2
    assert changed(newest) == {"renamed": 2}


@pytest.mark.parametrize(("form", "crs"), [("gpkg", "EPSG:4549"), ("shp", "EPSG:3857")])
async def test_a_file_is_written_in_the_crs_that_is_asked_for(
    planner: httpx.AsyncClient, tmp_path: Path, form: str, crs: str
) -> None:
    begun = (await planner.post("/api/drafts", json={"name": "方案"})).json()
    path = f"/api/drafts/{begun['id']}/file"
    file = await planner.get(path, params={"format": form, "crs": crs})
    written = tmp_path / ("grids.zip" if form == "shp" else f"grids.{form}")
    written.write_bytes(file.content)
    told: Any = gpd.read_file(written)
    assert told.crs == crs
    told = told.set_index("code")
    wanted = nine_grids().to_crs(crs).set_index("code")
    assert told["kind"].to_dict() == wanted["kind"].to_dict()
    apart = shapely.hausdorff_distance(
        told.geometry.to_numpy(), wanted.loc[told.index].geometry.to_numpy()
    )
    assert apart.max() < 1e-3
