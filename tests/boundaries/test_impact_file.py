"""An impact as a GeoPackage, read back with GDAL."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from boundaries.succession.impact import GridFigures, Impact, Move, Person
from boundaries.succession.impact_file import write_impact
from boundaries.succession.lineage import CodedPolygons, trace
from gis.errors import BadInput
from gis.measures import area_m2
from tests.boundaries.two_versions import CRS

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHOLE = shapely.box(121.0, 30.0, 121.02, 30.01)
WEST, EAST = shapely.box(121.0, 30.0, 121.01, 30.01), shapely.box(121.01, 30.0, 121.02, 30.01)


def figures(code: str, shape: shapely.Geometry, households: float | None) -> GridFigures:
    (size,) = area_m2([shape], CRS)
    return GridFigures(code, "网格", "base", "c", "t", float(size), households, None, 12, 2)


def split() -> Impact:
    before, after = CodedPolygons.of(["a"], [WHOLE]), CodedPolygons.of(["b", "c"], [WEST, EAST])
    return Impact(
        at=NOON,
        before=(figures("a", WHOLE, 7.5),),
        after=(figures("b", WEST, None), figures("c", EAST, 7.5)),
        lineage=trace(before, after, CRS),
        moves=(
            Move("assignments", 3, Person("A", "甲"), None, "worker", "a", None),
            Move("cases", 9, Person("A", "甲"), None, None, "a", "c", place=(121.015, 30.005)),
        ),
        shapes_before=before,
        shapes_after=after,
    )


def nothing() -> Impact:
    none = CodedPolygons.of([], [])
    return Impact(NOON, (), (), (), (), none, none)


def test_the_layers_hold_grids_cases_and_lineage(tmp_path: Path) -> None:
    path = tmp_path / "impact.gpkg"
    write_impact(split(), path)
    layers = {name: gpd.read_file(path, layer=name) for name, _ in pyogrio.list_layers(path)}
    assert set(layers) == {"grids_before", "grids_after", "cases", "lineage"}
    assert {layer.crs.to_epsg() for layer in layers.values()} == {4326}
    after = layers["grids_after"].set_index("code")
    assert shapely.to_wkb(after.geometry["b"]) == shapely.to_wkb(WEST)
    assert pd.isna(after["households"]["b"])
    assert after["households"]["c"] == 7.5
    assert after["population"].isna().all()
    assert after["load"].tolist() == [12, 12]
    (case,) = layers["cases"].to_dict("records")
    assert (case["number"], case["staff_from"], case["staff_to"]) == (9, "A", None)
    assert (case["grid_from"], case["grid_to"]) == ("a", "c")
    assert (case["geometry"].x, case["geometry"].y) == (121.015, 30.005)
    lineage = layers["lineage"].set_index("new")
    assert lineage["area_share"].tolist() == pytest.approx([0.5, 0.5], abs=1e-4)
    assert lineage["households_share"].isna().all()
    assert shapely.equals(lineage.geometry["c"], EAST)


def test_an_impact_of_nothing_has_the_same_layers_and_columns(tmp_path: Path) -> None:
    write_impact(split(), tmp_path / "split.gpkg")
    write_impact(nothing(), tmp_path / "nothing.gpkg")
    for layer in ("grids_before", "grids_after", "cases", "lineage"):
        full, empty = (
            gpd.read_file(tmp_path / name, layer=layer) for name in ("split.gpkg", "nothing.gpkg")
        )
        assert len(empty) == 0
        assert list(empty.columns) == list(full.columns)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refusal:
        write_impact(split(), tmp_path / "nowhere" / "impact.gpkg")
    assert refusal.value.code == "folder_missing"
