from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from boundaries.exchange import write_table
from boundaries.files.grid_file import GRID_COLUMNS, read_grids
from tests.boundaries.grid_files import (
    CITY,
    NEXT,
    SQUARE,
    lattice_frame,
    options,
    refused,
    write_geojson,
)


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".fgb", ".parquet"])
def test_any_gdal_format_gives_the_same_grid_frame(tmp_path: Path, suffix: str) -> None:
    frame = lattice_frame().drop(columns=["community_name", "township_name"])
    path = tmp_path / f"grids{suffix}"
    write_table(frame.sample(frac=1, random_state=1), path)
    read = read_grids(
        path, options(name="name", kind="kind", community="community", township="township")
    )
    assert list(read.frame.columns) == [*GRID_COLUMNS, "geometry"]
    assert read.frame.crs.to_epsg() == 4326
    assert isinstance(read.frame.index, pd.RangeIndex)
    assert read.frame["code"].is_monotonic_increasing
    expected = lattice_frame()
    pd.testing.assert_frame_equal(
        pd.DataFrame(read.frame.drop(columns="geometry")),
        pd.DataFrame(expected.drop(columns="geometry")),
        check_dtype=False,
    )
    assert shapely.equals(read.frame.geometry.to_numpy(), expected.geometry.to_numpy()).all()


def test_a_file_without_upper_levels_makes_one_of_each_named_after_the_city(
    tmp_path: Path,
) -> None:
    path = write_geojson(tmp_path / "g.geojson", [({"code": "B"}, SQUARE), ({"code": "A"}, NEXT)])
    frame = read_grids(path, options()).frame
    assert frame["code"].tolist() == frame["name"].tolist() == ["A", "B"]
    for column in ("township", "township_name", "community", "community_name"):
        assert frame[column].tolist() == [CITY, CITY]
    assert frame["kind"].tolist() == ["base", "base"]


def test_a_file_with_townships_only_has_one_community_in_each(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "t": "东"}, SQUARE), ({"code": "B", "t": "西"}, NEXT)],
    )
    frame = read_grids(path, options(township="t")).frame
    assert frame["community"].tolist() == frame["township"].tolist() == ["东", "西"]


def test_whole_numbers_are_codes_without_a_point(tmp_path: Path) -> None:
    path = tmp_path / "g.gpkg"
    write_table(gpd.GeoDataFrame({"code": [2.0, 10.0]}, geometry=[SQUARE, NEXT], crs=4326), path)
    assert read_grids(path, options()).frame["code"].tolist() == ["10", "2"]


def test_chinese_kinds_are_understood(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "k": "专属网格"}, SQUARE), ({"code": "B", "k": "基础网格"}, NEXT)],
    )
    assert read_grids(path, options(kind="k")).frame["kind"].tolist() == ["dedicated", "base"]


def test_two_hundred_columns_are_fine(tmp_path: Path) -> None:
    extra = {f"c{i}": i for i in range(199)}
    path = write_geojson(
        tmp_path / "g.geojson", [({"code": "A", **extra}, SQUARE), ({"code": "B", **extra}, NEXT)]
    )
    assert len(read_grids(path, options()).frame) == 2


def test_heights_are_dropped_and_a_collection_of_polygons_is_one_grid(tmp_path: Path) -> None:
    high = shapely.force_3d(SQUARE, 12.5)
    both = shapely.GeometryCollection([NEXT, shapely.box(121.03, 30, 121.04, 30.01)])
    path = write_geojson(tmp_path / "g.geojson", [({"code": "A"}, high), ({"code": "B"}, both)])
    flat, joined = read_grids(path, options()).frame.geometry
    assert not flat.has_z
    assert joined.geom_type == "MultiPolygon"
    assert shapely.equals(joined, both)


# Attributes


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "g.geojson", [({"id": 1, "label": "x"}, SQUARE)])
    error = refused(path, code="grid_code")
    assert error.code == "column_missing"
    assert "grid_code" in error.message
    assert error.where == {"missing": ["grid_code"], "columns": ["id", "label"]}


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_a_row_without_a_code_is_named(tmp_path: Path, nothing: str | None) -> None:
    path = write_geojson(
        tmp_path / "g.geojson", [({"code": "A"}, SQUARE), ({"code": nothing}, NEXT)]
    )
    error = refused(path)
    assert error.code == "code_missing"
    assert error.where["row"] == 2


@pytest.mark.parametrize("code", ["x" * 101, "A\nB", "A\u0007"])
def test_a_code_that_cannot_be_used_is_named_by_row(tmp_path: Path, code: str) -> None:
    error = refused(write_geojson(tmp_path / "g.geojson", [({"code": code}, SQUARE)]))
    assert error.code == "code_unusable"
    assert error.where["row"] == 1


def test_a_duplicate_code_is_named_with_its_rows(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A"}, SQUARE), ({"code": "B"}, NEXT), ({"code": " A "}, NEXT)],
    )
    error = refused(path)
    assert error.code == "duplicate_code"
    assert "code A stands on rows 1, 3" in error.message
    assert error.where["rows"] == [1, 3]


def test_a_grid_in_two_communities_is_named_with_both(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "c": "东村"}, SQUARE), ({"code": "A", "c": "西村"}, NEXT)],
    )
    error = refused(path, community="c")
    assert error.code == "grid_in_two_communities"
    assert error.where["grid"] == "A"
    assert error.where["communities"] == ["东村", "西村"]


def test_a_community_in_two_townships_is_named_with_both(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [
            ({"code": "A", "c": "新村", "t": "朗霞"}, SQUARE),
            ({"code": "B", "c": "新村", "t": "低塘"}, NEXT),
        ],
    )
    error = refused(path, community="c", township="t")
    assert error.code == "community_in_two_townships"
    assert error.where["townships"] == ["朗霞", "低塘"]
    assert error.where["rows"] == [1, 2]


def test_a_grid_without_its_level_is_named(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson", [({"code": "A", "c": "x"}, SQUARE), ({"code": "B", "c": ""}, NEXT)]
    )
    error = refused(path, community="c")
    assert error.code == "level_missing"
    assert "row 2 (code B)" in error.message


@pytest.mark.parametrize("kind", ["special", None, "网格"])
def test_an_unknown_kind_is_named_by_row(tmp_path: Path, kind: str | None) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "k": "base"}, SQUARE), ({"code": "B", "k": kind}, NEXT)],
    )
    error = refused(path, kind="k")
    assert error.code == "kind_unknown"
    assert "row 2 (code B)" in error.message


# Geometry


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "geometry_missing"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]}, "geometry_missing"),
        ({"type": "Polygon", "coordinates": []}, "geometry_empty"),
        ({"type": "MultiPolygon", "coordinates": []}, "geometry_empty"),
        (shapely.Point(121, 30), "geometry_not_polygon"),
        (shapely.LineString([(121, 30), (122, 31)]), "geometry_not_polygon"),
        (shapely.GeometryCollection([NEXT, shapely.Point(121, 30)]), "geometry_not_polygon"),
        (shapely.GeometryCollection([shapely.Point(121, 30)]), "geometry_not_polygon"),
    ],
)
def test_what_is_no_polygon_is_named_by_row_and_code(tmp_path: Path, shape: Any, code: str) -> None:
    path = write_geojson(tmp_path / "g.geojson", [({"code": "A"}, SQUARE), ({"code": "B"}, shape)])
    error = refused(path)
    assert error.code == code
    assert "row 2 (code B)" in error.message


def test_a_file_of_no_rows_isrefused(tmp_path: Path) -> None:
    assert refused(write_geojson(tmp_path / "g.geojson", [])).code == "file_empty"
    empty = gpd.GeoDataFrame({"code": pd.Series([], dtype=str)}, geometry=[], crs=4326)
    write_table(empty, tmp_path / "g.gpkg")
    assert refused(tmp_path / "g.gpkg").code == "file_empty"


def test_coordinates_that_are_no_numbers_are_named_by_row(tmp_path: Path) -> None:
    ring = np.array([(121.0, 30.0), (121.01, 30.0), (np.inf, 30.01), (121.0, 30.0)])
    broken = shapely.Polygon(ring)
    frame = gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=[SQUARE, broken], crs=4326)
    write_table(frame, tmp_path / "g.gpkg")
    error = refused(tmp_path / "g.gpkg")
    assert error.code == "coordinate_not_finite"
    assert "row 2 (code B)" in error.message
