"""Recognise columns about people: a grid file maps places, so it may not carry them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gis.errors import BadInput

# Anywhere in a Chinese column name.
_CHINESE = (
    "身份证", "身份號", "身份号", "公民身份", "证件号", "姓名", "户主", "手机", "电话", "联系人",
    "联系方式", "微信", "生日",
)  # fmt: skip
# Staff of a grid, unless the column counts or classes them: they come by their own import.
_STAFF = ("负责人", "网格长", "网格员", "联络员")
_NOT_A_NAME = ("数", "数量", "编号", "代码", "编码", "类型", "级别", "职数")
# Those who live in a grid, unless the column counts them.
_LIVING_THERE = ("居民", "住户", "出生")
_COUNTS = ("数", "数量", "人口", "密度", "比例", "占比", "率")
# Places, and other words that hold one of the above by chance.
_NO_PERSON = ("居民委员会", "居民小区", "居民小组", "居民区", "居民点", "居民楼", "卫生日")
_UNIT = re.compile(r"[（(][^（()）]*[）)]\s*$")

# Whole words of a Latin column name; `id_card`, `idCard` and `ID-CARD` all read "id card".
_WORDS = {
    "phone", "phones", "telephone", "tel", "mobile", "cellphone", "fax", "email", "wechat",
    "sfz", "sfzh", "sfzhm", "shenfenzheng", "xingming", "shouji", "shoujihao", "sjh",
    "dianhua", "lxdh", "lxr", "surname", "firstname", "lastname", "fullname", "birthdate",
    "birthday", "dateofbirth", "dob", "passport", "ssn", "gender",
}  # fmt: skip
_PHRASES = {
    "id card", "id cards", "id number", "id no", "identity number", "identity card",
    "identity no", "citizen id", "national id", "first name", "last name", "full name",
    "given name", "family name", "person name", "resident name", "owner name", "contact name",
    "contact person", "date of birth", "birth date", "birth day",
}  # fmt: skip
_LATIN_LIVING_THERE = {"resident", "residents"}
_LATIN_COUNTS = {
    "count", "counts", "n", "num", "total", "sum", "pop", "population", "density", "share",
    "percent", "pct", "rate", "households", "committee",
}  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z]+")


def refuse_person_columns(columns: Iterable[str]) -> None:
    """Refuse a file that has a column of identity numbers, persons' names, contacts, residents.

    A plain ``name`` is a place's name and legal.

    Raises
    ------
    BadInput
        ``person_column``, naming every such column.
    """
    found = [column for column in columns if is_person_column(column)]
    if found:
        raise BadInput(
            "person_column",
            f"the file has columns about people ({', '.join(found)});"
            " grids map places: remove them and import again",
            columns=found,
        )


def is_person_column(column: str) -> bool:
    """Whether a column name says identity number, person's name, contact or resident.

    Numbers of residents or staff are legal; a resident's own number is not.
    """
    return _is_chinese_person_column(column) or _is_latin_person_column(column)


def _is_chinese_person_column(column: str) -> bool:
    said = column
    for word in _NO_PERSON:
        said = said.replace(word, "")
    if any(word in said for word in _CHINESE):
        return True
    counted = _UNIT.sub("", said).strip()
    if any(word in said for word in _STAFF) and not counted.endswith(_NOT_A_NAME):
        return True
    return any(word in said for word in _LIVING_THERE) and not counted.endswith(_COUNTS)


def _is_latin_person_column(column: str) -> bool:
    words = _NOT_WORD.sub(" ", _CAMEL.sub(" ", column).lower()).split()
    pairs = {" ".join(words[i : i + n]) for n in (2, 3) for i in range(len(words))}
    if _WORDS.intersection(words) or _PHRASES & pairs:
        return True
    if any(word.startswith("idcard") for word in words):
        return True
    return bool(_LATIN_LIVING_THERE.intersection(words)) and not _LATIN_COUNTS.intersection(words)
