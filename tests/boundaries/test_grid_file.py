from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from boundaries.exchange import write_layers, write_table
from boundaries.grid_file import GRID_COLUMNS, read_grids
from gis.errors import BadInput
from tests.boundaries.grid_files import (
    CITY,
    lattice_frame,
    options,
    write_geojson,
    write_shapefile,
    zipped,
)

SQUARE = shapely.box(121.0, 30.0, 121.01, 30.01)
NEXT = shapely.box(121.01, 30.0, 121.02, 30.01)


def _refused(path: Path, **given: Any) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_grids(path, options(**given))
    return caught.value


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


def test_a_zipped_shapefile_in_a_folder_is_read(tmp_path: Path) -> None:
    frame = lattice_frame()[["code", "name", "geometry"]]
    shapefile = write_shapefile(frame, tmp_path / "grids.shp", "UTF-8", cpg=True)
    archive = zipped(shapefile, tmp_path / "grids.zip", folder="data/")
    assert read_grids(archive, options(name="name")).frame["name"].tolist() == [
        f"第{i}网格" for i in range(9)
    ]


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


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("as_zip", [True, False])
def test_chinese_attributes_of_a_shapefile_survive(
    tmp_path: Path, encoding: str, cpg: bool, as_zip: bool
) -> None:
    frame = gpd.GeoDataFrame(
        {"编码": ["甲一", "乙二"], "镇街": ["朗霞街道", "低塘街道"]},
        geometry=[SQUARE, NEXT],
        crs=4326,
    )
    path = write_shapefile(frame, tmp_path / "网格.shp", encoding, cpg=cpg)
    if as_zip:
        path = zipped(path, tmp_path / "网格.zip")
    read = read_grids(path, options(code="编码", township="镇街"))
    assert dict(zip(read.frame["code"], read.frame["township"], strict=True)) == {
        "甲一": "朗霞街道",
        "乙二": "低塘街道",
    }
    assert any("GBK" in note for note in read.notes) == (encoding == "GBK" and not cpg)


def test_a_cpg_that_its_own_bytes_contradict_is_not_believed(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"编码": ["甲", "乙"]}, geometry=[SQUARE, NEXT], crs=4326)
    path = write_shapefile(frame, tmp_path / "g.shp", "GBK", cpg=True)
    path.with_suffix(".cpg").write_text("UTF-8", "ascii")
    read = read_grids(path, options(code="编码"))
    assert set(read.frame["code"]) == {"甲", "乙"}
    assert any("wrongly" in note for note in read.notes)


@pytest.mark.parametrize("declared", ["936", "CP936", "GBK", "gb2312", "GB18030"])
def test_every_spelling_of_gbk_in_a_cpg_is_understood(tmp_path: Path, declared: str) -> None:
    frame = gpd.GeoDataFrame({"编码": ["甲", "乙"]}, geometry=[SQUARE, NEXT], crs=4326)
    path = write_shapefile(frame, tmp_path / "g.shp", "GBK", cpg=True)
    path.with_suffix(".cpg").write_text(declared, "ascii")
    read = read_grids(path, options(code="编码"))
    assert set(read.frame["code"]) == {"甲", "乙"}
    assert read.notes == ()


@pytest.mark.parametrize("language_byte", [0x57, 0x4D])
def test_gbk_survives_whatever_the_language_byte_of_the_dbf_says(
    tmp_path: Path, language_byte: int
) -> None:
    frame = gpd.GeoDataFrame({"code": ["甲", "乙"]}, geometry=[SQUARE, NEXT], crs=4326)
    path = write_shapefile(frame, tmp_path / "g.shp", "GBK", cpg=False)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = language_byte
    path.with_suffix(".dbf").write_bytes(dbf)
    assert set(read_grids(path, options()).frame["code"]) == {"甲", "乙"}


def test_attributes_in_no_known_encoding_are_refused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["AAAA", "B"]}, geometry=[SQUARE, NEXT], crs=4326)
    path = write_shapefile(frame, tmp_path / "g.shp", "UTF-8", cpg=False)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"AAAA", b"\xff\xff\x80\xff"))
    assert "neither UTF-8 nor GBK" in _refused(path).message


def test_a_missing_column_is_named_beside_those_that_are_there(tmp_path: Path) -> None:
    path = write_geojson(tmp_path / "g.geojson", [({"id": 1, "label": "x"}, SQUARE)])
    error = _refused(path, code="grid_code")
    assert error.code == "column_missing"
    assert "grid_code" in error.message
    assert error.where == {"missing": ["grid_code"], "columns": ["id", "label"]}


@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_a_row_without_a_code_is_named(tmp_path: Path, nothing: str | None) -> None:
    path = write_geojson(
        tmp_path / "g.geojson", [({"code": "A"}, SQUARE), ({"code": nothing}, NEXT)]
    )
    error = _refused(path)
    assert error.code == "code_missing"
    assert error.where["row"] == 2


@pytest.mark.parametrize("code", ["x" * 101, "A\nB", "A\u0007"])
def test_a_code_that_cannot_be_used_is_named_by_row(tmp_path: Path, code: str) -> None:
    error = _refused(write_geojson(tmp_path / "g.geojson", [({"code": code}, SQUARE)]))
    assert error.code == "code_unusable"
    assert error.where["row"] == 1


def test_a_duplicate_code_is_named_with_its_rows(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A"}, SQUARE), ({"code": "B"}, NEXT), ({"code": " A "}, NEXT)],
    )
    error = _refused(path)
    assert error.code == "duplicate_code"
    assert "code A stands on rows 1, 3" in error.message
    assert error.where["rows"] == [1, 3]


def test_a_grid_in_two_communities_is_named_with_both(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "c": "东村"}, SQUARE), ({"code": "A", "c": "西村"}, NEXT)],
    )
    error = _refused(path, community="c")
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
    error = _refused(path, community="c", township="t")
    assert error.code == "community_in_two_townships"
    assert error.where["townships"] == ["朗霞", "低塘"]
    assert error.where["rows"] == [1, 2]


def test_a_grid_without_its_level_is_named(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson", [({"code": "A", "c": "x"}, SQUARE), ({"code": "B", "c": ""}, NEXT)]
    )
    error = _refused(path, community="c")
    assert error.code == "level_missing"
    assert "row 2 (code B)" in error.message


@pytest.mark.parametrize("kind", ["special", None, "网格"])
def test_an_unknown_kind_is_named_by_row(tmp_path: Path, kind: str | None) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "k": "base"}, SQUARE), ({"code": "B", "k": kind}, NEXT)],
    )
    error = _refused(path, kind="k")
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
    error = _refused(path)
    assert error.code == code
    assert "row 2 (code B)" in error.message


def test_a_file_of_no_rows_is_refused(tmp_path: Path) -> None:
    assert _refused(write_geojson(tmp_path / "g.geojson", [])).code == "file_empty"
    empty = gpd.GeoDataFrame({"code": pd.Series([], dtype=str)}, geometry=[], crs=4326)
    write_table(empty, tmp_path / "g.gpkg")
    assert _refused(tmp_path / "g.gpkg").code == "file_empty"


# Files that cannot be read


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert _refused(tmp_path / "nowhere.gpkg").code == "file_missing"


@pytest.mark.parametrize(
    "name", ["notes.txt", "grids.gpkg", "grids.geojson", "grids.zip", "g.parquet"]
)
def test_a_file_of_something_else_is_unreadable(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("neither table nor map", "utf-8")
    error = _refused(path)
    assert error.code == "file_unreadable"
    assert name in error.message


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp", ".zip", ".parquet"])
def test_a_truncated_file_is_refused_not_half_read(tmp_path: Path, suffix: str) -> None:
    frame = lattice_frame(12, 12)[["code", "geometry"]]
    path = tmp_path / f"grids{suffix}"
    if suffix == ".zip":
        shapefile = write_shapefile(frame, tmp_path / "grids.shp", "UTF-8", cpg=True)
        zipped(shapefile, path)
    else:
        write_table(frame, path)
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.97):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert _refused(path).code in {"file_unreadable", "geometry_missing"}


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".shp", ".zip", ".parquet"])
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path: Path, suffix: str) -> None:
    frame = lattice_frame(5, 5)[["code", "name", "geometry"]]
    path = tmp_path / f"grids{suffix}"
    if suffix == ".zip":
        zipped(write_shapefile(frame, tmp_path / "grids.shp", "GBK", cpg=False), path)
    else:
        write_table(frame, path)
    whole, rng = path.read_bytes(), np.random.default_rng(20)
    refused = 0
    for flips in [1, 3, 30] * 12:
        damaged = bytearray(whole)
        for at in rng.integers(len(whole), size=flips).tolist():
            damaged[at] = int(rng.integers(256))
        path.write_bytes(damaged)
        try:
            assert len(read_grids(path, options(name="name")).frame) <= len(frame)
        except BadInput:
            refused += 1
    assert refused > 0


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    frame = lattice_frame()[["code", "geometry"]]
    path = zipped(write_shapefile(frame, tmp_path / "g.shp", "UTF-8", cpg=True), tmp_path / "g.zip")
    content = bytearray(path.read_bytes())
    for signature, flag_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + flag_at] |= 1  # the bit that says a member is encrypted
            at = content.find(signature, at + 1)
    path.write_bytes(content)
    assert _refused(path).code == "file_unreadable"


def test_a_zip_with_a_damaged_member_is_refused(tmp_path: Path) -> None:
    frame = lattice_frame(12, 12)[["code", "geometry"]]
    shapefile = write_shapefile(frame, tmp_path / "grids.shp", "UTF-8", cpg=True)
    path = zipped(shapefile, tmp_path / "grids.zip")
    content = bytearray(path.read_bytes())
    at = content.index(b"grids.shp") + 2000
    content[at : at + 50] = bytes(50)
    path.write_bytes(content)
    assert _refused(path).code == "file_unreadable"


def test_a_zip_without_a_map_and_one_with_two_are_refused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("hello", "utf-8")
    assert _refused(zipped(tmp_path / "readme.shp", tmp_path / "a.zip")).code == "file_unreadable"
    for name in ("one", "two"):
        write_shapefile(
            lattice_frame()[["code", "geometry"]], tmp_path / f"{name}.shp", "UTF-8", cpg=True
        )
    archive = zipped(tmp_path / "one.shp", tmp_path / "b.zip")
    with zipfile.ZipFile(archive, "a") as more:
        more.write(tmp_path / "two.shp", "two.shp")
    error = _refused(archive)
    assert error.code == "layer_ambiguous"
    assert error.where["layers"] == ["one.shp", "two.shp"]


def test_of_several_layers_one_must_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    frame = lattice_frame()
    write_layers({"grids": frame, "other": frame.iloc[:2]}, path)
    error = _refused(path)
    assert error.code == "layer_ambiguous"
    assert error.where["layers"] == ["grids", "other"]
    assert _refused(path, layer="third").where["layers"] == ["grids", "other"]
    assert len(read_grids(path, options(layer="other")).frame) == 2


def test_a_table_without_geometry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("code,name\nA,x\n", "utf-8")
    assert _refused(path).code == "layer_missing"


def test_coordinates_that_are_no_numbers_are_named_by_row(tmp_path: Path) -> None:
    ring = np.array([(121.0, 30.0), (121.01, 30.0), (np.inf, 30.01), (121.0, 30.0)])
    broken = shapely.Polygon(ring)
    frame = gpd.GeoDataFrame({"code": ["A", "B"]}, geometry=[SQUARE, broken], crs=4326)
    write_table(frame, tmp_path / "g.gpkg")
    error = _refused(tmp_path / "g.gpkg")
    assert error.code == "coordinate_not_finite"
    assert "row 2 (code B)" in error.message
