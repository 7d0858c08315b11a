"""Columns of identity numbers: a file that carries them is refused whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from gis.errors import BadInput

_CHINESE = ("身份证", "身份号", "公民身份", "证件号", "护照号")
_LATIN = re.compile(
    r"\b(?:id ?card|id ?(?:number|no)|identity (?:number|no|card)|(?:citizen|national) id"
    r"|passport|ssn|social security|sfz|sfzh|sfzhm|shenfenzheng)\b"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def refuse_identity_columns(path: Path, columns: Sequence[str]) -> None:
    """Refuse a file with a column named for identity numbers.

    A report may come with its reporter's contact; such columns are simply not
    read. Nobody needs an identity number to mend a street light.

    Raises
    ------
    BadInput
        ``identity_column`` naming all of them.
    """
    found = [column for column in columns if _is_identity_number(column)]
    if found:
        raise BadInput(
            "identity_column",
            f"{path.name} has columns of identity numbers ({', '.join(found)});"
            " Wangge does not take them: remove them and import again.",
            file=path.name,
            columns=found,
        )


def _is_identity_number(column: str) -> bool:
    if any(word in column for word in _CHINESE):
        return True
    words = re.sub(r"[^a-z]+", " ", _CAMEL.sub(" ", column).lower())
    return _LATIN.search(words) is not None
