from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from boundaries.exchange import write_table
from boundaries.files.grid_file import read_grids
from gis.datum import Datum, from_wgs84, geometries_to_wgs84
from tests.boundaries.grid_files import (
    lattice_frame,
    options,
    refused,
    write_geojson,
)

FRAME = lattice_frame()[["code", "geometry"]]


def _swapped(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda xy: xy[:, ::-1])


def _apart_degrees(frame: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> float:
    here = shapely.get_coordinates(frame.geometry.to_numpy())
    there = shapely.get_coordinates(other.geometry.to_numpy())
    return float(np.abs(here - there).max())


def test_a_file_without_crs_is_refused_unless_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "g.fgb"
    with pytest.warns(UserWarning, match="crs"):
        write_table(FRAME.set_crs(None, allow_override=True), path)
    assert refused(path).code == "crs_missing"
    assert _apart_degrees(read_grids(path, options(crs="EPSG:4326")).frame, FRAME) == 0
    assert _apart_degrees(read_grids(path, options(datum=Datum.WGS84)).frame, FRAME) == 0


def test_an_unknown_crs_isrefused(tmp_path: Path) -> None:
    path = tmp_path / "g.gpkg"
    write_table(FRAME, path)
    assert refused(path, crs="EPSG:12345678").code == "crs_unknown"
    assert refused(path, crs="EPSG:5701").code == "crs_unknown"  # a height system


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:32651", "EPSG:3857", "EPSG:4490"])
def test_coordinates_are_brought_from_the_files_crs(tmp_path: Path, crs: str) -> None:
    path = tmp_path / "g.gpkg"
    write_table(FRAME.to_crs(crs), path)
    read = read_grids(path, options())
    assert _apart_degrees(read.frame, FRAME) < 1e-9
    assert any("brought from" in note for note in read.notes)


def test_the_crs_given_wins_over_the_files_claim(tmp_path: Path) -> None:
    path = tmp_path / "g.gpkg"
    write_table(FRAME.to_crs("EPSG:4549").set_crs("EPSG:4548", allow_override=True), path)
    assert _apart_degrees(read_grids(path, options()).frame, FRAME) > 1
    assert _apart_degrees(read_grids(path, options(crs="EPSG:4549")).frame, FRAME) < 1e-9


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_a_declared_datum_overrides_a_file_that_claims_wgs84(tmp_path: Path, datum: Datum) -> None:
    drawn = shapely.transform(
        FRAME.geometry.to_numpy(),
        lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum)),
    )
    path = tmp_path / "g.gpkg"
    write_table(FRAME.set_geometry(gpd.GeoSeries(drawn, crs=4326)), path)
    assert _apart_degrees(read_grids(path, options()).frame, FRAME) > 0.002
    read = read_grids(path, options(datum=datum))
    assert _apart_degrees(read.frame, FRAME) < 1e-9
    assert any(datum.value in note for note in read.notes)


def test_a_declared_datum_under_a_projection_is_undone_after_it(tmp_path: Path) -> None:
    path = tmp_path / "g.gpkg"
    write_table(FRAME.to_crs("EPSG:3857"), path)
    read = read_grids(path, options(datum=Datum.GCJ02)).frame
    expected = geometries_to_wgs84(FRAME.geometry.to_numpy(), Datum.GCJ02)
    assert _apart_degrees(read, gpd.GeoDataFrame(geometry=expected, crs=4326)) < 1e-9


def test_cgcs2000_is_the_same_bytes_whether_claimed_or_declared(tmp_path: Path) -> None:
    path = tmp_path / "g.gpkg"
    write_table(FRAME.set_crs("EPSG:4490", allow_override=True), path)
    assert _apart_degrees(read_grids(path, options()).frame, FRAME) == 0
    assert _apart_degrees(read_grids(path, options(datum=Datum.CGCS2000)).frame, FRAME) == 0


def test_swapped_longitude_and_latitude_are_recognised_by_row(tmp_path: Path) -> None:
    rows = [
        ({"code": "A"}, FRAME.geometry[0]),
        ({"code": "B"}, _swapped(FRAME.geometry[1])),
    ]
    error = refused(write_geojson(tmp_path / "g.geojson", rows))
    assert error.code == "coordinates_swapped"
    assert "row 2 (code B)" in error.message


def test_metres_that_claim_to_be_degrees_are_recognised_by_row(tmp_path: Path) -> None:
    path = tmp_path / "g.gpkg"
    write_table(FRAME.to_crs("EPSG:4549").set_crs(4326, allow_override=True), path)
    error = refused(path)
    assert error.code == "crs_wrong"
    assert "row 1 (code G0000)" in error.message


def test_degrees_that_claim_to_be_metres_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "g.gpkg"
    write_table(FRAME.set_crs("EPSG:4549", allow_override=True), path)
    assert refused(path).code == "crs_wrong"


def test_northing_before_easting_is_recognised_by_row(tmp_path: Path) -> None:
    projected = FRAME.to_crs("EPSG:4549")
    turned = [_swapped(shape) for shape in projected.geometry]
    path = tmp_path / "g.gpkg"
    write_table(projected.set_geometry(gpd.GeoSeries(turned, crs="EPSG:4549")), path)
    error = refused(path)
    assert error.code == "crs_wrong"
    assert "row 1 (code G0000)" in error.message


def test_a_place_beyond_the_date_line_is_not_on_earth(tmp_path: Path) -> None:
    beyond = shapely.box(185, 30, 186, 31)
    error = refused(write_geojson(tmp_path / "g.geojson", [({"code": "A"}, beyond)]))
    assert error.code == "coordinate_out_of_range"


def test_the_test_data_lies_where_epsg_4549_is_used() -> None:
    area = pyproj.CRS.from_epsg(4549).area_of_use
    assert area is not None
    west, south, east, north = area.bounds
    assert shapely.box(west, south, east, north).contains(FRAME.union_all())
