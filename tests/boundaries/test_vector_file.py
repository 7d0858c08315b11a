from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from boundaries.exchange import write_layers, write_table
from boundaries.files.grid_file import read_grids
from gis.errors import BadInput
from tests.boundaries.grid_files import (
    lattice_frame,
    options,
    refused,
    write_shapefile,
    zipped,
)


def test_a_zipped_shapefile_in_a_folder_is_read(tmp_path: Path) -> None:
    frame = lattice_frame()[["code", "name", "geometry"]]
    shapefile = write_shapefile(frame, tmp_path / "grids.shp", "UTF-8", cpg=True)
    archive = zipped(shapefile, tmp_path / "grids.zip", folder="data/")
    assert read_grids(archive, options(name="name")).frame["name"].tolist() == [
        f"第{i}网格" for i in range(9)
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.gpkg").code == "file_missing"


@pytest.mark.parametrize(
    "name", ["notes.txt", "grids.gpkg", "grids.geojson", "grids.zip", "g.parquet"]
)
def test_a_file_of_something_else_is_unreadable(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("neither table nor map", "utf-8")
    error = refused(path)
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
        assert refused(path).code in {"file_unreadable", "geometry_missing"}


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


def test_an_encrypted_zip_isrefused(tmp_path: Path) -> None:
    frame = lattice_frame()[["code", "geometry"]]
    path = zipped(write_shapefile(frame, tmp_path / "g.shp", "UTF-8", cpg=True), tmp_path / "g.zip")
    content = bytearray(path.read_bytes())
    for signature, flag_at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + flag_at] |= 1  # the bit that says a member is encrypted
            at = content.find(signature, at + 1)
    path.write_bytes(content)
    assert refused(path).code == "file_unreadable"


def test_a_zip_with_a_damaged_member_isrefused(tmp_path: Path) -> None:
    frame = lattice_frame(12, 12)[["code", "geometry"]]
    shapefile = write_shapefile(frame, tmp_path / "grids.shp", "UTF-8", cpg=True)
    path = zipped(shapefile, tmp_path / "grids.zip")
    content = bytearray(path.read_bytes())
    at = content.index(b"grids.shp") + 2000
    content[at : at + 50] = bytes(50)
    path.write_bytes(content)
    assert refused(path).code == "file_unreadable"


def test_a_zip_without_a_map_and_one_with_two_arerefused(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("hello", "utf-8")
    assert refused(zipped(tmp_path / "readme.shp", tmp_path / "a.zip")).code == "file_unreadable"
    for name in ("one", "two"):
        write_shapefile(
            lattice_frame()[["code", "geometry"]], tmp_path / f"{name}.shp", "UTF-8", cpg=True
        )
    archive = zipped(tmp_path / "one.shp", tmp_path / "b.zip")
    with zipfile.ZipFile(archive, "a") as more:
        more.write(tmp_path / "two.shp", "two.shp")
    error = refused(archive)
    assert error.code == "layer_ambiguous"
    assert error.where["layers"] == ["one.shp", "two.shp"]


def test_of_several_layers_one_must_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "city.gpkg"
    frame = lattice_frame()
    write_layers({"grids": frame, "other": frame.iloc[:2]}, path)
    error = refused(path)
    assert error.code == "layer_ambiguous"
    assert error.where["layers"] == ["grids", "other"]
    assert refused(path, layer="third").where["layers"] == ["grids", "other"]
    assert len(read_grids(path, options(layer="other")).frame) == 2


def test_a_table_without_geometry_isrefused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("code,name\nA,x\n", "utf-8")
    assert refused(path).code == "layer_missing"
