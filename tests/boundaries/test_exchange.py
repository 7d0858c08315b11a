from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook

from boundaries.exchange import EXPORT_COLUMNS, export_grids, write_table
from boundaries.files.grid_file import read_grids
from gis.errors import BadInput, TooLarge
from tests.boundaries.grid_files import lattice_frame, options

ALL_FORMATS = [".gpkg", ".geojson", ".fgb", ".parquet", ".shp", ".csv", ".xlsx"]


def _with_parts_and_holes() -> gpd.GeoDataFrame:
    frame = lattice_frame(4, 4)
    shapes = frame.geometry.to_numpy().copy()
    shapes[0] = shapely.MultiPolygon([shapes[0], shapes[15]])
    hole = shapely.box(121.013, 30.014, 121.016, 30.017)
    shapes[5] = shapes[5] - hole
    shapes[15] = hole
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=4326))


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype=str)
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=str)
    table: pd.DataFrame
    table = gpd.read_parquet(path) if path.suffix == ".parquet" else pyogrio.read_dataframe(path)
    return table


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".parquet"])
@pytest.mark.parametrize("multi", [True, False])
def test_a_coverage_exported_and_read_back_has_the_same_bytes(
    tmp_path: Path, suffix: str, multi: bool
) -> None:
    frame = _with_parts_and_holes()
    if multi:  # as the store holds them
        shapes = [shapely.MultiPolygon(list(shapely.get_parts(s))) for s in frame.geometry]
        frame = frame.set_geometry(gpd.GeoSeries(shapes, crs=4326))
    export_grids(frame, tmp_path / f"grids{suffix}")
    given = {"name": "name", "kind": "kind", "community": "community", "township": "township"}
    back = read_grids(tmp_path / f"grids{suffix}", options(**given)).frame
    assert [s.wkb for s in back.geometry] == [s.wkb for s in frame.geometry]
    for column in EXPORT_COLUMNS:
        assert back[column].tolist() == frame[column].tolist()


@pytest.mark.parametrize("suffix", ALL_FORMATS)
def test_an_export_has_exactly_the_five_columns(tmp_path: Path, suffix: str) -> None:
    export_grids(lattice_frame(), tmp_path / f"grids{suffix}")
    table = _read(tmp_path / f"grids{suffix}")
    assert [column for column in table.columns if column != "geometry"] == list(EXPORT_COLUMNS)
    ordered = table.sort_values("code")
    assert ordered["name"].tolist() == lattice_frame()["name"].tolist()
    assert ("geometry" in table.columns) == (suffix != ".xlsx")


def test_csv_geometry_has_nine_decimals(tmp_path: Path) -> None:
    frame = lattice_frame()
    export_grids(frame, tmp_path / "grids.csv")
    back = shapely.from_wkt(_read(tmp_path / "grids.csv")["geometry"].to_numpy(dtype=object))
    assert [s.wkb for s in back] == [s.wkb for s in frame.geometry]


def test_a_shapefile_says_that_it_is_utf8(tmp_path: Path) -> None:
    export_grids(lattice_frame(), tmp_path / "grids.shp")
    assert (tmp_path / "grids.cpg").read_text("ascii").strip() == "UTF-8"


def test_an_export_replaces_the_file_there_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    for frame in (lattice_frame(4, 4), lattice_frame(2, 2)):
        export_grids(frame, tmp_path / "grids.gpkg")
    assert len(pyogrio.read_dataframe(tmp_path / "grids.gpkg")) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["grids.gpkg"]


def test_a_failed_export_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "grids.shp"
    export_grids(lattice_frame(), path)
    before = path.with_suffix(".dbf").read_bytes()
    long = lattice_frame().assign(name="长" * 85)
    with pytest.raises(BadInput, match="row 1: name") as caught:
        export_grids(long, path)
    assert caught.value.code == "shapefile_text_too_long"
    assert path.with_suffix(".dbf").read_bytes() == before
    assert not list(tmp_path.glob(".writing-*"))


@pytest.mark.parametrize("name", ["grids.pdf", "grids", "grids.GML"])
def test_an_unknown_format_is_refused_with_those_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=r"\.gpkg") as caught:
        export_grids(lattice_frame(), tmp_path / name)
    assert caught.value.code == "format_unknown"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere") as caught:
        export_grids(lattice_frame(), tmp_path / "nowhere" / "grids.gpkg")
    assert caught.value.code == "folder_missing"


def _reports() -> gpd.GeoDataFrame:
    at = [datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)]
    lng, lat = np.array([121.1, 121.2]), np.array([30.1, 30.2])
    return gpd.GeoDataFrame(
        {
            "external_id": ["a-1", "=SUM(A1:A9)"],
            "lng": lng,
            "lat": lat,
            "category": ["垃圾", "噪\u0007声"],
            "occurred_at": pd.to_datetime(at),
            "grid_code": ["G1", None],
            "grid_reason": ["inside", "outside"],
            "staff_rule": pd.array([2, None], dtype="Int64"),
        },
        geometry=shapely.points(lng, lat),
        crs=4326,
    )


@pytest.mark.parametrize("suffix", ALL_FORMATS)
def test_a_table_of_points_and_instants_is_written_in_every_format(
    tmp_path: Path, suffix: str
) -> None:
    write_table(_reports(), tmp_path / f"reports{suffix}")
    table = _read(tmp_path / f"reports{suffix}")
    names = [column for column in table.columns if column != "geometry"]
    expected = [name for name in _reports().columns if name != "geometry"]
    assert names == ([name[:10] for name in expected] if suffix == ".shp" else expected)
    table = table.sort_values(names[0], ascending=False)  # .fgb is in the order of its index
    assert table["category"].iloc[0] == "垃圾"
    assert [str(value) for value in table[names[0]]] == ["a-1", "=SUM(A1:A9)"]
    assert pd.isna(table["grid_code"].iloc[1])
    instants = pd.to_datetime(table[names[4]], utc=True, format="ISO8601")
    assert instants.tolist() == _reports()["occurred_at"].tolist()


def test_columns_that_a_shapefile_cuts_alike_stay_apart(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"grid_reason_one": ["a"], "grid_reason_two": ["b"]},
        geometry=[shapely.Point(1, 1)],
        crs=4326,
    )
    write_table(frame, tmp_path / "t.shp")
    table = pyogrio.read_dataframe(tmp_path / "t.shp").drop(columns="geometry")
    assert table.to_dict("list") == {"grid_reaso": ["a"], "grid_rea_1": ["b"]}


def test_text_in_a_workbook_is_never_a_formula(tmp_path: Path) -> None:
    write_table(_reports(), tmp_path / "r.xlsx")
    sheet = load_workbook(tmp_path / "r.xlsx").active
    assert sheet is not None
    cell = sheet["A3"]
    assert (cell.value, cell.data_type) == ("=SUM(A1:A9)", "s")


def test_points_in_csv_have_no_second_copy_of_their_coordinates(tmp_path: Path) -> None:
    write_table(_reports(), tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        assert "geometry" not in next(csv.reader(file))


def test_a_table_without_geometry_goes_where_none_is_needed(tmp_path: Path) -> None:
    table = pd.DataFrame({"row": [2], "reason": ["没有坐标"]})
    write_table(table, tmp_path / "rejects.csv")
    assert _read(tmp_path / "rejects.csv").to_dict("list") == {"row": ["2"], "reason": ["没有坐标"]}
    with pytest.raises(BadInput) as caught:
        write_table(table, tmp_path / "rejects.gpkg")
    assert caught.value.code == "geometry_missing"


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge) as caught:
        write_table(pd.DataFrame({"n": np.arange(1_048_576)}), tmp_path / "long.xlsx")
    assert caught.value.code == "spreadsheet_too_long"
