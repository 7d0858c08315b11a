"""Workbooks, layers and packed files through the one door for all of them."""

from __future__ import annotations

import gzip
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely

from api.cases.files.open import open_table
from api.cases.files.table import MalformedRow, Table
from gis.errors import BadInput


def _rows(table: Table) -> list[tuple[int, tuple[str, ...]]]:
    return [
        (line, tuple(cells.values()))
        for rows in table.chunks()
        for line, cells in zip(rows.lines.tolist(), rows.cells.to_pylist(), strict=True)
    ]


def _workbook(folder: Path, *rows: tuple[Any, ...]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    path = folder / "rows.xlsx"
    book.save(path)
    return path


def test_cells_of_a_workbook_become_text(tmp_path: Path) -> None:
    path = _workbook(
        tmp_path,
        ("id", "lng", "time", "note"),
        (7, 121.0000001, datetime.fromisoformat("2026-03-01 08:05"), "井盖"),
        (8.0, 121.5, "2026-03-01", None),
    )
    table = open_table(path)
    assert table.columns == ("id", "lng", "time", "note")
    assert _rows(table) == [
        (2, ("7", "121.0000001", "2026-03-01 08:05:00", "井盖")),
        (3, ("8", "121.5", "2026-03-01", "")),
    ]


def test_a_workbook_row_wider_than_its_header_is_malformed(tmp_path: Path) -> None:
    path = _workbook(tmp_path, ("a", "b"), (1, 2, 3), (4, 5))
    (rows,) = open_table(path).chunks()
    assert rows.malformed == (MalformedRow(2, ("1", "2", "3")),)
    assert rows.lines.tolist() == [3]


def test_a_workbook_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        open_table(_workbook(tmp_path, ("a", "b")))
    assert caught.value.code == "no_rows"


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    path = _workbook(tmp_path, ("a", "b"), (1, 2))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BadInput, match=r"rows\.xlsx .* cut short") as caught:
        open_table(path)
    assert caught.value.code == "file_unreadable"


def test_a_point_layer_gives_its_coordinates_in_degrees_whatever_its_crs(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame(
        {"kind": ["noise", "井盖"]},
        geometry=shapely.points([121.1, 121.2], [30.1, 30.2]),
        crs=4326,
    )
    path = tmp_path / "points.gpkg"
    points.to_crs(3857).to_file(path)
    table = open_table(path)
    assert table.columns == ("kind", "lng", "lat")
    found = [cells for _, cells in _rows(table)]
    assert [cells[0] for cells in found] == ["noise", "井盖"]
    for cells, point in zip(found, points.geometry, strict=True):
        assert float(cells[1]) == pytest.approx(point.x, abs=1e-9)
        assert float(cells[2]) == pytest.approx(point.y, abs=1e-9)


def test_a_layer_keeps_coordinate_columns_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "points.geojson"
    gpd.GeoDataFrame(
        {"lng": [121.5], "lat": [30.5]}, geometry=[shapely.Point(1, 2)], crs=4326
    ).to_file(path)
    assert _rows(open_table(path)) == [(2, ("121.5", "30.5"))]


def test_a_table_without_geometry_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "rows.gpkg"
    frame = pd.DataFrame(
        {"n": [1, 2], "at": [pd.Timestamp("2026-03-01 08:05"), pd.NaT], "name": ["x", None]}
    )
    pyogrio.write_dataframe(frame, path)
    table = open_table(path)
    cells = dict(
        zip(table.columns, zip(*(row for _, row in _rows(table)), strict=True), strict=True)
    )
    assert cells["n"] == ("1", "2")
    assert cells["name"] == ("x", "")
    assert cells["at"][0].startswith("2026-03-01 08:05:00")
    assert cells["at"][1] == ""


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("rows.csv", "a,b\n1,2\n" * 1000)
    path = tmp_path / "cut.zip"
    path.write_bytes(whole.read_bytes()[:500])
    with pytest.raises(BadInput, match=r"cut\.zip") as caught:
        open_table(path)
    assert caught.value.code == "file_unreadable"


@pytest.mark.parametrize("name", ["rows.csv.gz", "ROWS.CSV.GZ", "rows.txt"])
def test_csv_is_known_by_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = b"a,b\n1,2\n"
    path.write_bytes(gzip.compress(content) if name.lower().endswith(".gz") else content)
    assert _rows(open_table(path)) == [(2, ("1", "2"))]


@pytest.mark.parametrize("name", ["none.csv", "none.xlsx", "none.gpkg"])
def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=f"{name} .*no such file"):
        open_table(tmp_path / name)
