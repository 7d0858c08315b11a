"""A draft handed out as a file, edited elsewhere, and taken in as another draft."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import pandas as pd
import pytest
import pytest_asyncio
import shapely
from sqlalchemy import text

from gis.coverage_repair import repair as repair_coverage
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.boundaries.desktop_gis import WAYS
from tests.boundaries.grid_files import zipped
from tests.small_city import CRS, NOON, SOUTH, STEP, WEST, nine_grids, publish_small_city

COLUMNS = ["code", "name", "kind", "community", "township", "geometry"]


@pytest_asyncio.fixture
async def planner(tx: Transaction, signed_in: SignedIn) -> httpx.AsyncClient:
    await publish_small_city(tx)
    return await signed_in("planner")


def cell(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle, in cells from the corner of the small city."""
    return shapely.box(
        WEST + west * STEP, SOUTH + south * STEP, WEST + east * STEP, SOUTH + north * STEP
    )


def with_a_split(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows with g00 divided: the north is a row without a code; and g22 named anew."""
    edited = frame.copy()
    edited.loc[edited["code"] == "g00", "geometry"] = cell(0, 0, 1, 0.5)
    edited.loc[edited["code"] == "g22", "name"] = "桥东"
    new: dict[str, object] = {
        "code": None,
        "name": "北半",
        "kind": "base",
        "community": "c0",
        "township": "t0",
    }
    new["geometry"] = cell(0, 0.5, 1, 1)
    edited.loc[len(edited)] = new
    return edited


def repair(frame: gpd.GeoDataFrame) -> Any:
    """The shapes with each corner in every grid that touches it."""
    codes, shapes = frame["code"].tolist(), frame.geometry.to_numpy()
    return repair_coverage(codes, shapes, max_gap_m=0.0, crs=CRS).polygons


def written(frame: gpd.GeoDataFrame, folder: Path, way: str = ".gpkg") -> bytes:
    path = folder / f"edited{way}"
    frame.to_file(path, **WAYS[way], engine="pyogrio")
    if way.endswith(".shp"):
        path = zipped(path, folder / "edited.zip")
    return path.read_bytes()


async def send(client: httpx.AsyncClient, content: bytes, **query: Any) -> httpx.Response:
    return await client.post(
        "/api/drafts/from-file", content=content, params={"name": "外业", **query}
    )


@pytest.mark.parametrize("way", [".gpkg", ".geojson", ".fgb", ".gbk.shp"])
async def test_a_file_becomes_a_draft_with_its_operations(
    planner: httpx.AsyncClient, tx: Transaction, tmp_path: Path, way: str
) -> None:
    edited = with_a_split(nine_grids()[COLUMNS])
    answer = await send(planner, written(edited, tmp_path, way))
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert answer.headers["ETag"] == f'"{told["revision"]}"'
    operations = {each["op"]: (each["grids"], len(each["rows"])) for each in told["operations"]}
    assert operations == {"redraw": (["g00"], 2), "rename": (["g22"], 1)}
    found = told["found"]
    assert (found["redrawn"], found["added"], found["renamed"], found["unchanged"]) == (1, 1, 1, 7)
    path = f"/api/drafts/{told['id']}"
    history = (await planner.get(path)).json()["history"]
    assert [each["operation"]["op"] for each in history] == ["redraw", "rename"]
    checks = (await planner.get(f"{path}/checks")).json()
    assert checks["publishable"], checks
    grids = (await planner.get(f"{path}/grids", params={"changed": True})).json()["grids"]
    shapes = {each["properties"]["name"]: each["geometry"] for each in grids["features"]}
    assert shapely.from_geojson(json.dumps(shapes["北半"])).equals(cell(0, 0.5, 1, 1))
    row = (await tx.execute(text("SELECT kind, after FROM journal ORDER BY id DESC LIMIT 1"))).one()
    assert (row.kind, row.after["operations"]) == ("draft.imported", 2)
    assert "桥东" not in str(row.after)


async def test_an_imported_draft_is_undone_step_by_step(
    planner: httpx.AsyncClient, tmp_path: Path
) -> None:
    told = (await send(planner, written(with_a_split(nine_grids()[COLUMNS]), tmp_path))).json()
    path, revision = f"/api/drafts/{told['id']}", told["revision"]
    for _ in told["operations"]:
        undone = await planner.post(f"{path}/undo", headers={"If-Match": f'"{revision}"'})
        revision = undone.json()["revision"]
    grids = (await planner.get(f"{path}/grids", params={"changed": True})).json()
    assert (grids["grids"]["features"], grids["retired"]) == ([], [])


async def test_an_imported_draft_follows_a_base_that_moved(
    planner: httpx.AsyncClient, tx: Transaction, tmp_path: Path
) -> None:
    """Others have renamed g11 and divided g00 meanwhile: the region there no longer fits."""
    told = (await send(planner, written(with_a_split(nine_grids()[COLUMNS]), tmp_path))).json()
    moved = nine_grids()
    moved.loc[moved["code"] == "g11", "name"] = "市场"
    merged = moved.union_all()  # The outline stays as it is.
    moved.loc[moved["code"] == "g00", ["code", "geometry"]] = ["g-west", cell(0, 0, 0.5, 1)]
    east = moved.iloc[[0]].assign(code="g-east")
    east["geometry"] = [cell(0.5, 0, 1, 1)]
    grids = gpd.GeoDataFrame(pd.concat([moved, east]), crs=4326).sort_values("code")
    noded = grids.reset_index(drop=True)
    noded["geometry"] = repair(noded)
    assert noded.union_all().equals(merged)
    await publish_small_city(tx, at=NOON + timedelta(hours=1), frame=noded, onto=1)
    path = f"/api/drafts/{told['id']}"
    given = {"If-Match": f'"{told["revision"]}"'}
    unfit = await planner.post(f"{path}/rebase", headers=given)
    assert unfit.status_code == 409
    assert [each["operation"]["op"] for each in unfit.json()["unfit"]] == ["redraw"]
    rebased = await planner.post(f"{path}/rebase", json={"leave_out": True}, headers=given)
    assert rebased.json()["base_version"] == 2
    history = (await planner.get(path)).json()["history"]
    assert [each["operation"]["op"] for each in history] == ["rename"]


@pytest.mark.parametrize(
    ("form", "crs"),
    [("gpkg", "EPSG:4490"), ("geojson", "EPSG:4326"), ("fgb", "EPSG:3857"), ("shp", "EPSG:4549")],
)
async def test_a_draft_handed_out_comes_back_as_what_it_is(
    planner: httpx.AsyncClient, form: str, crs: str
) -> None:
    """The file of a draft with a rename is that rename on the version, and nothing more."""
    begun = (await planner.post("/api/drafts", json={"name": "方案"})).json()
    rename = {"op": "rename", "grid": "g01", "name": "市场"}
    path = f"/api/drafts/{begun['id']}"
    await planner.post(f"{path}/operations", json=rename, headers={"If-Match": '"1"'})
    query = {"format": form, "crs": crs, "encoding": "GBK"}
    file = await planner.get(f"{path}/file", params=query)
    assert file.status_code == 200
    assert "draft-" in file.headers["Content-Disposition"]
    if form == "shp":
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            assert archive.read("grids.cpg") == b"GBK"
    told = (await send(planner, file.content)).json()
    assert [each["op"] for each in told["operations"]] == ["rename"]
    assert told["found"]["unchanged"] == 8


async def test_what_was_not_edited_makes_no_draft(
    planner: httpx.AsyncClient, tmp_path: Path
) -> None:
    same = await send(planner, written(nine_grids()[COLUMNS], tmp_path))
    assert (same.status_code, same.json()["code"]) == (422, "nothing_changes")
    assert same.json()["found"]["unchanged"] == 9
    assert (await planner.get("/api/drafts")).json()["drafts"] == []


async def test_a_refusal_names_the_row_and_leaves_nothing(
    planner: httpx.AsyncClient, tx: Transaction, tmp_path: Path
) -> None:
    """The first operation could be carried out; the second gives a code that was given before."""
    edited = with_a_split(nine_grids()[COLUMNS])
    edited.loc[edited["code"] == "g22", "code"] = "g-22"
    edited.loc[edited["name"] == "北半", "code"] = "x" * 60
    refused = await send(planner, written(edited, tmp_path))
    assert (refused.status_code, refused.json()["code"]) == (422, "code_invalid")
    assert refused.json()["rows"] == [1, 10]
    assert "row 10 (code xxx" in refused.json()["detail"]
    for table in ("drafts", "draft_operations", "draft_changes", "reserved_codes"):
        assert (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0


async def test_an_edge_of_a_community_moves_only_where_that_is_asked_for(
    planner: httpx.AsyncClient, tmp_path: Path
) -> None:
    edited = nine_grids()[COLUMNS]
    edited.loc[edited["code"] == "g10", "geometry"] = cell(1, 0, 2.2, 1)
    edited.loc[edited["code"] == "g20", "geometry"] = cell(2.2, 0, 3, 1)
    content = written(edited, tmp_path)
    refused = await send(planner, content)
    assert (refused.status_code, refused.json()["code"]) == (422, "community_edge")
    assert refused.json()["where"]["type"] in ("Polygon", "MultiPolygon")
    assert refused.json()["detail"].startswith("row 4 (code g10), row 7 (code g20): ")
    assert (await send(planner, content, allow_community_change=True)).status_code == 201


async def test_a_planner_of_a_township_takes_in_what_lies_there(
    planner: httpx.AsyncClient, signed_in: SignedIn, tmp_path: Path
) -> None:
    edited = nine_grids()[COLUMNS]
    edited.loc[edited["code"] == "g20", "name"] = "东一"
    inside = written(edited, tmp_path)
    edited.loc[edited["code"] == "g00", "name"] = "西一"
    local = await signed_in("planner", "t1")
    assert (await send(local, inside)).status_code == 201
    refused = await send(local, written(edited, tmp_path, ".fgb"))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")
    dispatcher = await signed_in("dispatcher")
    assert (await send(dispatcher, inside)).status_code == 403


async def test_the_version_that_was_edited_is_named(
    planner: httpx.AsyncClient, tmp_path: Path
) -> None:
    content = written(with_a_split(nine_grids()[COLUMNS]), tmp_path)
    missing = await send(planner, content, base_version=7)
    assert (missing.status_code, missing.json()["code"]) == (404, "version_not_found")
    assert (await send(planner, content, base_version=1)).json()["base_version"] == 1


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"<OGRVRTDataSource/>", 422, "format_unknown"),
        (b'{"type": "FeatureCollection", "features": []}', 422, "file_empty"),
        (b"fgb\x03fgb\x00" + b"\xff" * 50, 422, "layer_missing"),
        (b"{" + b" " * 11 * 2**20, 413, "body_too_large"),
    ],
    ids=["vrt", "empty", "damaged", "large"],
)
async def test_what_is_no_file_of_grids_is_refused(
    planner: httpx.AsyncClient, content: bytes, status: int, code: str
) -> None:
    refused = await send(planner, content)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"crs": "EPSG:99999"}, "crs_unknown"),
        ({"crs": "EPSG:32633"}, "crs_elsewhere"),
        ({"crs": "EPSG:4978"}, "crs_unknown"),
        ({"format": "shp", "encoding": "latin-1"}, "encoding_unknown"),
        ({"format": "dxf"}, "malformed"),
    ],
)
async def test_what_cannot_be_handed_out_is_refused(
    planner: httpx.AsyncClient, query: dict[str, str], code: str
) -> None:
    begun = (await planner.post("/api/drafts", json={"name": "方案"})).json()
    refused = await planner.get(f"/api/drafts/{begun['id']}/file", params=query)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
