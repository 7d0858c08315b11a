from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from boundaries.grid_file import read_grids
from boundaries.person_columns import is_person_column
from gis.errors import BadInput
from tests.boundaries.grid_files import options, write_geojson

PERSONS = [
    "身份证", "身份证号", "身份证号码", "公民身份号码", "证件号", "姓名", "网格长姓名", "户主",
    "手机", "手机号码", "电话", "联系电话", "联系人", "id_card", "idCard", "ID-CARD", "IDCARD",
    "id_number", "identity_number", "phone", "Phone1", "contact_phone", "mobile", "MOBILE_NO",
    "tel", "TEL.", "telephone", "email", "full_name", "lastName", "first_name", "sfzh",
    "xingming", "lxdh", "resident_name", "网格长", "网格员",
    "负责人",
]  # fmt: skip
PLACES = [
    "code", "name", "名称", "网格名称", "NAME_1", "kind", "community", "township", "GEOID",
    "pop_total", "households", "户数", "人口", "hotel", "telegraph_road", "automobile",
    "identity", "grid_id", "geom", "Shape_Leng", "面积", "所属社区", "idx", "contract", "cellar",
    "mobility", "cell_id",
    "网格员数", "网格长编号", "民族乡",
]  # fmt: skip


@pytest.mark.parametrize("column", PERSONS)
def test_columns_about_people_are_recognised(column: str) -> None:
    assert is_person_column(column)


@pytest.mark.parametrize("column", PLACES)
def test_columns_about_places_are_not(column: str) -> None:
    assert not is_person_column(column)


@pytest.mark.parametrize("column", ["身份证号", "phone", "姓名"])
def test_a_grid_file_with_a_person_column_is_refused_by_its_name(
    tmp_path: Path, column: str
) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "name": "x", column: "1"}, shapely.box(121, 30, 121.01, 30.01))],
    )
    with pytest.raises(BadInput, match=column) as caught:
        read_grids(path, options(name="name"))
    assert caught.value.code == "person_column"
    assert caught.value.where == {"columns": [column]}


def test_a_person_column_is_refused_even_when_it_is_given_as_the_grid_name(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "g.geojson",
        [({"code": "A", "姓名": "x"}, shapely.box(121, 30, 121.01, 30.01))],
    )
    with pytest.raises(BadInput, match="姓名"):
        read_grids(path, options(name="姓名"))
