"""A file that came over HTTP: known by its content, and never a way to other files."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from boundaries.files.uploaded_file import MOST_UNPACKED_BYTES, lay_down
from gis.errors import BadInput, TooLarge
from tests.boundaries.desktop_gis import WAYS
from tests.boundaries.grid_files import lattice_frame, zipped


def refused(content: bytes, folder: Path) -> str:
    with pytest.raises(BadInput) as caught:
        lay_down(content, folder)
    assert caught.value.message.endswith(".")
    return caught.value.code


def geojson(**more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": [], **more}).encode()


def archive(names: Iterable[str], content: bytes = b"x") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize("way", [".gpkg", ".fgb", ".geojson", ".gbk.shp"])
def test_what_planners_exchange_is_read(tmp_path: Path, way: str) -> None:
    frame = lattice_frame()[["code", "name", "geometry"]]
    path = tmp_path / f"grids{way}"
    pyogrio.write_dataframe(frame, path, **WAYS[way])
    if way.endswith(".shp"):
        path = zipped(path, tmp_path / "grids.zip", folder="网格/")
    folder = tmp_path / "laid"
    folder.mkdir()
    laid = lay_down(path.read_bytes(), folder)
    assert sorted(pyogrio.read_dataframe(laid)["name"]) == sorted(frame["name"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "format_unknown"),
        (b"\x00\x01", "format_unknown"),
        (b"<OGRVRTDataSource/>", "format_unknown"),
        (b"{", "file_unreadable"),
        (b"\xff{", "format_unknown"),
        (b'{"type": "\xff"}', "file_unreadable"),
        (b"{}", "format_unknown"),
        (b"[" * 100_000, "format_unknown"),
        (b'{"a":' * 100_000, "file_unreadable"),
        (b'{"type":"gdal_streamed_alg","command_line":"gdal vector info"}', "format_unknown"),
        (geojson(features={}), "format_unknown"),
        (geojson(crs={"type": "link", "properties": {"href": "http://[::1]/"}}), "crs_unknown"),
        (geojson(crs="EPSG:4326"), "crs_unknown"),
        (b"SQLite format 3\0" + b"\0" * 200, "file_unreadable"),
        (b"PK\x03\x04" + b"\0" * 50, "file_unreadable"),
        (archive(["读我.txt"]), "format_unknown"),
        (archive(["a.shp", "a.dbf", "b.shp"]), "layer_ambiguous"),
        (archive(["a.shp"]), "file_unreadable"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(content, tmp_path) == code
    assert not list(tmp_path.glob("*.geojson"))


def test_a_second_type_behind_the_first_is_not_seen_by_gdal(tmp_path: Path) -> None:
    """GDAL looks for words in the text; what it gets is written anew."""
    hidden = b'{"type":"gdal_streamed_alg","command_line":"x",' + geojson()[1:]
    laid = lay_down(hidden, tmp_path).read_bytes()
    assert b"gdal_streamed_alg" not in laid


def test_an_archive_that_would_unpack_without_end_is_too_large(tmp_path: Path) -> None:
    content = archive(["a.shp", "a.dbf"], b"\0" * (MOST_UNPACKED_BYTES // 2 + 1))
    with pytest.raises(TooLarge):
        lay_down(content, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "made",
    [
        "CREATE VIEW grids AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n)"
        " SELECT * FROM n",
        "CREATE VIRTUAL TABLE grids USING fts5(code)",
    ],
)
def test_a_database_whose_tables_are_computed_is_refused(tmp_path: Path, made: str) -> None:
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as database:
        database.execute(made)
    database.close()
    assert refused(path.read_bytes(), tmp_path) == "file_unreadable"
