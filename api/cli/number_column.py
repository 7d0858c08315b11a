"""A column of numbers, and columns of words, of a table file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from api.cases.files.open import open_table
from api.cases.files.table import no_rows
from gis.errors import BadInput

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def read_texts(file: Path, columns: list[str]) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Some columns of a table as texts without surrounding space, and the line of each row.

    Raises
    ------
    BadInput
        ``column_missing``, ``file_empty``, ``row_malformed`` naming the line, and what the reader
        of the file finds.
    """
    table = open_table(file)
    at = [table.index_of(column) for column in columns]
    parts, lines = [], []
    for chunk in table.chunks():
        rows = chunk.without_blank()
        if rows.malformed:
            line = rows.malformed[0].line
            raise BadInput("row_malformed", f"line {line} does not fit the columns", line=line)
        texts = {name: rows.column(index) for name, index in zip(columns, at, strict=True)}
        parts.append(pa.table(texts).to_pandas())
        lines.append(rows.lines)
    if not sum(map(len, parts)):
        raise no_rows(file)
    return pd.concat(parts, ignore_index=True), np.concatenate(lines)


def numbers(
    texts: pd.Series, lines: NDArray[np.int64], column: str, *, may_be_empty: bool
) -> NDArray[np.float64]:
    """Texts as numbers; an empty one is NaN where it may be.

    Raises
    ------
    BadInput
        ``value_not_a_number`` naming the first line.
    """
    given = pa.array(texts, pa.string())
    empty = pc.equal(given, "").to_numpy(zero_copy_only=False)
    is_number = pc.match_substring_regex(given, _NUMBER).to_numpy(zero_copy_only=False)
    wrong = ~is_number & ~(empty & may_be_empty)
    if wrong.any():
        row = int(wrong.argmax())
        raise BadInput(
            "value_not_a_number",
            f"line {lines[row]}: {column} is {texts.iloc[row]!r}, no number",
            line=int(lines[row]),
            column=column,
        )
    found: NDArray[np.float64] = (
        pc.cast(pc.if_else(pa.array(is_number), given, None), pa.float64())
        .to_numpy(zero_copy_only=False)
        .astype(float)
    )
    return found
