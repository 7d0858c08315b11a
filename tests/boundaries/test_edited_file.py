"""Reading a coverage that was edited elsewhere: columns, and what a row may lack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from boundaries.files.edited_file import EditedFile, EditedFileOptions, read_edited
from gis.datum import Datum, from_wgs84
from gis.errors import BadInput
from tests.boundaries.grid_files import NEXT, SQUARE, write_geojson, write_shapefile


def read(path: Path, **given: Any) -> EditedFile:
    return read_edited(path, EditedFileOptions(**given))


def refused(path: Path, **given: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(path, **given)
    return caught.value


def test_columns_are_found_in_letters_large_or_small(tmp_path: Path) -> None:
    """Some programs write the names of a shapefile's columns in capitals."""
    frame = gpd.GeoDataFrame(
        {"CODE": ["a", "b"], "NAME": ["东", ""], "KIND": ["专属网格", None], "FID_1": [1, 2]},
        geometry=[SQUARE, NEXT],
        crs=4326,
    )
    rows = read(write_shapefile(frame, tmp_path / "a.shp", "GBK", cpg=False)).rows
    assert [(row.row, row.code, row.name, row.kind, row.community) for row in rows] == [
        (1, "a", "东", "dedicated", None),
        (2, "b", None, None, None),
    ]


def test_a_row_may_lack_a_code_and_a_number_is_one(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "a.geojson", [({"code": 7}, SQUARE), ({"code": None}, NEXT)])
    assert [row.code for row in read(path).rows] == ["7", None]


@pytest.mark.parametrize(
    ("properties", "given", "code"),
    [
        ({"id": 1}, {}, "column_missing"),
        ({"code": 1}, {"name": "名称"}, "column_missing"),
        ({"code": "x" * 101}, {}, "code_unusable"),
        ({"code": "a\u0007"}, {}, "code_unusable"),
        ({"code": 1, "kind": "half"}, {}, "kind_unknown"),
        ({"code": 1, "身份证号": "330281199001011234"}, {}, "person_column"),
        ({"code": 1}, {"crs": "EPSG:1"}, "crs_unknown"),
        ({"code": 1}, {"layer": "other"}, "layer_missing"),
    ],
)
def test_what_cannot_be_read_is_refused(
    tmp_path: Path, properties: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    path = write_geojson(tmp_path / "a.geojson", [(properties, SQUARE)])
    assert refused(path, **given).code == code


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "geometry_missing"),
        (shapely.Polygon(), "geometry_empty"),
        (shapely.Point(121, 30), "geometry_not_polygon"),
    ],
)
def test_a_row_without_a_polygon_is_named(tmp_path: Path, shape: Any, code: str) -> None:
    path = write_geojson(tmp_path / "a.geojson", [({"code": 1}, SQUARE), ({"code": "b"}, shape)])
    why = refused(path)
    assert why.code == code
    assert why.message.startswith("row 2 (code b)")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4549", "EPSG:3857", "EPSG:2436"])
def test_the_plane_of_a_file_measures_metres_around_its_grids(tmp_path: Path, crs: str) -> None:
    """Against the length of a degree on the ellipsoid, from published series."""
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"code": ["a"]}, geometry=[SQUARE], crs=4326).to_crs(crs).to_file(path)
    plane = read(path).plane
    lat = np.radians(30.005)
    lng_m = 111_412.84 * np.cos(lat) - 93.5 * np.cos(3 * lat) + 0.118 * np.cos(5 * lat)
    lat_m = 111_132.92 - 559.82 * np.cos(2 * lat) + 1.175 * np.cos(4 * lat)
    laid = plane.lay(np.array([[121.005, 30.005], [121.006, 30.005], [121.005, 30.006]]))
    east, north = laid[1] - laid[0], laid[2] - laid[0]
    assert east == pytest.approx([lng_m / 1000, 0], abs=0.01)
    assert north == pytest.approx([0, lat_m / 1000], abs=0.01)


def test_a_declared_datum_is_undone_there_and_back(tmp_path: Path) -> None:
    """A file in GCJ-02 that claims EPSG:4326, as map services hand them out."""
    shifted = shapely.transform(
        SQUARE, lambda c: np.column_stack(from_wgs84(c[:, 0], c[:, 1], Datum.GCJ02))
    )
    path = write_geojson(tmp_path / "a.geojson", [({"code": "a"}, shifted)])
    file = read(path, datum=Datum.GCJ02)
    (row,) = file.rows
    assert shapely.equals_exact(row.geometry, SQUARE, 1e-8)
    corners = shapely.get_coordinates(SQUARE)
    laid = file.plane.lay(corners)
    assert np.hypot(*(laid[1] - laid[0])) == pytest.approx(1_110, rel=0.002)
