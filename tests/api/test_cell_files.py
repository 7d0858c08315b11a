"""Files of cells, opened by GDAL, SQLite and DuckDB, against the route that tells the same."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import geopandas as gpd
import h3
import httpx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from tests.api.conftest import SignedIn
from tests.api.test_counts import OPEN, account, counts, full, leader
from tests.counted_cases import IN_FORCE

__all__ = ["account", "full", "leader"]

CELLS = "/api/hotspots/cells"
FORMS = ("gpkg", "parquet")
ASKED: dict[str, str | int] = {
    "resolution": 10,
    "k": 2,
    "hour": "8,9,10,11,12",
    "from": "2024-10-20",
}
COLUMNS = ["cell", "count", "share", "z", "p", "q", "bin", "geometry"]


async def fetched(client: httpx.AsyncClient, form: str, folder: Path, **asked: Any) -> Path:
    answer = await client.get(f"{CELLS}.{form}", params=asked)
    assert answer.status_code == 200, answer.text
    words, name = answer.headers["content-disposition"].split("=")
    assert words == "attachment; filename"
    path = folder / name.strip('"')
    path.write_bytes(answer.content)
    return path


def opened(path: Path) -> tuple[gpd.GeoDataFrame, dict[str, Any]]:
    """The rows, and the facts beside them."""
    if path.suffix == ".parquet":
        facts = json.loads((pq.read_schema(path).metadata or {})[b"wangge"])
        return gpd.read_parquet(path), facts
    assert pyogrio.list_layers(path).tolist() == [["cells", "Polygon"]]
    told = pyogrio.read_info(path, layer="cells")["dataset_metadata"]
    return pyogrio.read_dataframe(path), {name: _fact(value) for name, value in told.items()}


def _fact(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


@pytest.mark.parametrize("form", FORMS)
async def test_a_file_holds_the_cells_that_the_route_tells_with_their_outlines(
    leader: httpx.AsyncClient, tmp_path: Path, form: str
) -> None:
    rows, _ = opened(await fetched(leader, form, tmp_path, **ASKED))
    told = (await leader.get(CELLS, params=ASKED)).json()
    assert told["not_enough_data"] is None
    assert rows.columns.tolist() == COLUMNS
    assert rows.crs.to_epsg() == 4326
    assert rows["cell"].tolist() == told["keys"]
    for column, key in (("count", "counts"), ("share", "shares"), ("bin", "bin")):
        assert rows[column].tolist() == told[key]
    for column, decimals in (("z", 1e-4), ("p", 1e-12), ("q", 1e-12)):
        np.testing.assert_allclose(rows[column], np.array(told[column], float), atol=decimals)
    outlines = [
        shapely.Polygon([(lng, lat) for lat, lng in h3.cell_to_boundary(cell)])
        for cell in rows["cell"]
    ]
    assert shapely.equals_exact(rows.geometry.normalize(), shapely.normalize(outlines), 1e-9).all()


@pytest.mark.parametrize("form", FORMS)
async def test_a_file_says_what_it_was_made_of(
    account: SignedIn, tmp_path: Path, form: str
) -> None:
    leader = await account("leader", "t0")
    path = await fetched(leader, form, tmp_path, **ASKED, to="2026-11-01", foo="bar")
    assert path.name == (f"tested-hotspots-r10-from-2024-10-20-to-2026-11-01-demo-data.{form}")
    _, facts = opened(path)
    told = (await leader.get(CELLS, params={**ASKED, "to": "2026-11-01"})).json()
    assert facts["city"] == "tested"
    assert facts["city_name"] == "小城"
    assert facts["generated"] is True
    assert facts["filter"] == {"from": "2024-10-20", "to": "2026-11-01", "hour": ASKED["hour"]}
    assert (facts["area"], facts["rings"], facts["resolution"]) == ("t0", 2, 10)
    assert facts["boundary_version"] == IN_FORCE
    assert facts["p"] == f"two-sided, {told['chance']}"
    assert "Benjamini" in facts["q"]
    assert facts["bin"].endswith("90 at q <= 0.10, 95 at q <= 0.05, 99 at q <= 0.01")
    for name in ("total", "outside", "withheld", "not_enough_data"):
        assert facts[name] == told[name]
    assert pd.Timestamp(facts["last_case"]) == OPEN["occurred_at"].max()
    age = datetime.now(UTC) - datetime.fromisoformat(facts["asked_at"])
    assert 0 <= age.total_seconds() < 60


async def test_a_geopackage_is_one_to_sqlite_and_its_missing_numbers_are_null(
    leader: httpx.AsyncClient, tmp_path: Path
) -> None:
    window = {"from": "1990-01-01", "to": "1990-02-01"}
    path = await fetched(leader, "gpkg", tmp_path, resolution=9, **window)
    with sqlite3.connect(path) as package:
        assert package.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert package.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
        nulls = "z IS NULL AND p IS NULL AND q IS NULL AND bin = 0 AND count = 0"
        every = package.execute("SELECT count(*) FROM cells").fetchone()
        assert package.execute(f"SELECT count(*) FROM cells WHERE {nulls}").fetchone() == every
    package.close()
    told = await counts(leader, by="cell", resolution=9, **window)
    assert every == (len(told["keys"]),)
    _, facts = opened(path)
    assert facts["not_enough_data"] == "no_cases"


async def test_a_parquet_file_is_read_by_duckdb_and_is_geoparquet(
    leader: httpx.AsyncClient, tmp_path: Path
) -> None:
    path = await fetched(leader, "parquet", tmp_path, **ASKED)
    told = (await leader.get(CELLS, params=ASKED)).json()
    with duckdb.connect() as db:
        summed = db.execute(
            "SELECT sum(count), sum(bin), count(z) FROM read_parquet(?)", [str(path)]
        ).fetchone()
    assert summed == (sum(told["counts"]), sum(told["bin"]), len(told["keys"]))
    geo = json.loads((pq.read_schema(path).metadata or {})[b"geo"])
    assert geo["primary_column"] == "geometry"
    assert geo["columns"]["geometry"]["geometry_types"] == ["Polygon"]
    empty = await fetched(leader, "parquet", tmp_path, resolution=9, to="1990-02-01")
    assert empty.name == "tested-hotspots-r9-to-1990-02-01-demo-data.parquet"
    assert pq.read_table(empty, columns=["z", "p", "q"]).column("z").null_count > 0


@pytest.mark.parametrize("form", FORMS)
async def test_a_city_without_boundaries_has_a_file_without_rows(
    signed_in: SignedIn, tmp_path: Path, form: str
) -> None:
    rows, facts = opened(await fetched(await signed_in("leader"), form, tmp_path, resolution=8))
    assert rows.columns.tolist() == COLUMNS
    assert len(rows) == 0
    assert (facts["boundary_version"], facts["last_case"]) == (None, None)


async def test_what_the_route_refuses_is_no_file(
    leader: httpx.AsyncClient, account: SignedIn
) -> None:
    wrong: list[tuple[str, dict[str, Any], int]] = [
        ("gpkg", {"resolution": 12}, 422),
        ("gpkg", {"resolution": 9, "k": 6}, 422),
        ("parquet", {"resolution": 9, "category": "neighbour_dispute"}, 422),
        ("shp", {"resolution": 9}, 422),
        ("csv", {"resolution": 9}, 422),
    ]
    for form, asked, status in wrong:
        assert (await leader.get(f"{CELLS}.{form}", params=asked)).status_code == status
    worker = await account("worker", "g00")
    assert (await worker.get(f"{CELLS}.gpkg", params={"resolution": 9})).status_code == 403
