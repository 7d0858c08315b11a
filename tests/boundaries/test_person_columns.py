from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from boundaries.files.grid_file import read_grids
from boundaries.files.person_columns import is_person_column
from gis.errors import BadInput
from tests.boundaries.grid_files import options, write_geojson

PERSONS = [
    "身份证", "身份证号", "身份证号码", "公民身份号码", "证件号", "姓名", "网格长姓名", "户主",
    "手机", "手机号码", "电话", "联系电话", "联系人", "id_card", "idCard", "ID-CARD", "IDCARD",
    "id_number", "identity_number", "phone", "Phone1", "contact_phone", "mobile", "MOBILE_NO",
    "tel", "TEL.", "telephone", "email", "full_name", "lastName", "first_name", "sfzh",
    "xingming", "lxdh", "resident_name", "网格长", "网格员",
    "负责人", "resident", "Residents", "residents_name", "RESIDENT_NAMES", "residentName", "居民",
    "居民姓名", "居民名单", "住户", "住户名", "网格员姓名", "出生日期", "出生年月", "生日",
    "网格（网格员姓名）", "网格（居民）", "birthday", "BIRTHDAY", "birth_date", "date_of_birth",
    "dob", "ID_CARD", "ID CARD", "IdCard", "ID_CARD_NO",
    "id_cards", "idcardno", "idCardNo", "IDCardNumber", "IDcard", "citizenIDCard", "居民编号",
    "姓名（户主）", "姓名（人数）", "居民小区住户", "resident_no", "出生年月日",
]  # fmt: skip
PLACES = [
    "code", "name", "名称", "网格名称", "NAME_1", "kind", "community", "township", "GEOID",
    "pop_total", "households", "户数", "人口", "hotel", "telegraph_road", "automobile",
    "identity", "grid_id", "geom", "Shape_Leng", "面积", "所属社区", "idx", "contract", "cellar",
    "mobility", "cell_id",
    "网格员数", "网格长编号", "民族乡", "resident_count", "residents_total", "n_residents",
    "num_residents", "residentCount", "resident_population", "resident_density", "居民数",
    "居民户数", "居民人数", "居民总数", "住户数", "住户数量", "居民小区", "居民委员会", "居民点",
    "居民密度", "residential", "residence_area", "idcity", "居民数（人）", "居民数(户)",
    "出生率", "出生人口", "卫生日期", "birth_rate", "residents_committee", "居民小区名称",
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
