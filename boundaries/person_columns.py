"""Recognise columns about people: a grid file maps places, so it may not carry them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gis.errors import BadInput

# Anywhere in a Chinese column name.
_CHINESE = (
    "身份证", "身份號", "身份号", "公民身份", "证件号", "姓名", "户主", "手机", "电话", "联系人",
    "联系方式", "微信", "出生日期",
)  # fmt: skip
# Staff of a grid, unless the column counts or classes them: they come by their own import.
_STAFF = ("负责人", "网格长", "网格员", "联络员")
_NOT_A_NAME = ("数", "数量", "编号", "代码", "编码", "类型", "级别", "职数")

# Whole words of a Latin column name; `id_card`, `idCard` and `ID-CARD` all read "id card".
_WORDS = {
    "phone", "phones", "telephone", "tel", "mobile", "cellphone", "fax", "email", "wechat",
    "idcard", "sfz", "sfzh", "sfzhm", "shenfenzheng", "xingming", "shouji", "shoujihao", "sjh",
    "dianhua", "lxdh", "lxr", "surname", "firstname", "lastname", "fullname", "birthdate",
    "birthday", "passport", "ssn", "gender",
}  # fmt: skip
_PHRASES = {
    "id card", "id number", "id no", "identity number", "identity card", "identity no",
    "citizen id", "national id", "first name", "last name", "full name", "given name",
    "family name", "person name", "resident name", "owner name", "contact name", "contact person",
    "date of birth",
}  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT_WORD = re.compile(r"[^a-z]+")


def refuse_person_columns(columns: Iterable[str]) -> None:
    """Refuse a file that has a column of identity numbers, persons' names or contacts.

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
    """Whether a column name says identity number, person's name or contact."""
    if any(word in column for word in _CHINESE):
        return True
    if any(word in column for word in _STAFF) and not column.strip().endswith(_NOT_A_NAME):
        return True
    words = _NOT_WORD.sub(" ", _CAMEL.sub(" ", column).lower()).split()
    pairs = {" ".join(words[i : i + n]) for n in (2, 3) for i in range(len(words))}
    return bool(_WORDS.intersection(words) or _PHRASES & pairs)
