from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest

from boundaries.files.grid_file import read_grids
from tests.boundaries.grid_files import (
    NEXT,
    SQUARE,
    options,
    refused,
    write_shapefile,
    zipped,
)


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


def test_attributes_in_no_known_encoding_arerefused(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"code": ["AAAA", "B"]}, geometry=[SQUARE, NEXT], crs=4326)
    path = write_shapefile(frame, tmp_path / "g.shp", "UTF-8", cpg=False)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"AAAA", b"\xff\xff\x80\xff"))
    assert "neither UTF-8 nor GBK" in refused(path).message
