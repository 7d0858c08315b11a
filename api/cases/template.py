"""A template's rows: the staff file and the duty file as tables with known headers.

Such a file is taken wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from api.cases.files.open import open_table
from api.cases.files.table import no_rows
from api.cases.identity_columns import refuse_identity_columns
from api.cases.times import read_times
from gis.errors import BadInput

NAMED_FAULTS = 20
"""So many faults are named at once; more only counted."""


@dataclass(frozen=True)
class RowFault:
    """Why a row makes its file unusable."""

    line: int
    reason: str
    message: str


class BadRow(Exception):
    """Raised while one row is read."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason, self.message = reason, message


@dataclass(frozen=True)
class TemplateRow:
    """One row below a template's headers: trimmed texts, and its two times.

    A time is None where the cell is empty, NaT where it cannot be read.
    """

    line: int
    cells: Mapping[str, str]
    start: np.datetime64 | None
    end: np.datetime64 | None


def read_template(
    path: Path, headers: Mapping[str, Sequence[str]], zone: ZoneInfo
) -> tuple[list[TemplateRow], list[RowFault]]:
    """All rows of a file with a template's headers; among the headers are ``from`` and ``to``.

    Parameters
    ----------
    headers
        Header → other names it may have. Columns beside them are not read.
    zone
        Of times without an offset.

    Raises
    ------
    BadInput
        What `open_table` raises, ``column_missing``, ``column_twice``, ``identity_column``.
    """
    table = open_table(path)
    refuse_identity_columns(path, table.columns)
    index = {
        header: table.index_of(next((name for name in names if name in table.columns), header))
        for header, names in headers.items()
    }
    rows: list[TemplateRow] = []
    faults: list[RowFault] = []
    for chunk in table.chunks():
        kept = chunk.without_blank()
        columns = {header: kept.column(place) for header, place in index.items()}
        starts = read_times(columns["from"], zone).instants
        ends = read_times(columns["to"], zone).instants
        cells = pa.RecordBatch.from_pydict(columns).to_pylist()
        rows += map(_row, kept.lines.tolist(), cells, starts, ends)
        faults += [
            RowFault(
                row.line,
                "column_count",
                f"{len(row.values)} values in a row of a file with {len(table.columns)} columns",
            )
            for row in kept.malformed
        ]
    if not rows and not faults:
        raise no_rows(path)
    return rows, faults


def _row(
    line: int, cells: Mapping[str, str], start: np.datetime64, end: np.datetime64
) -> TemplateRow:
    return TemplateRow(line, cells, start if cells["from"] else None, end if cells["to"] else None)


def refuse_faulty(path: Path, faults: Sequence[RowFault]) -> None:
    """Refuse the whole file when a row is faulty, naming the first `NAMED_FAULTS` by line.

    Raises
    ------
    BadInput
        ``rows_refused``.
    """
    if not faults:
        return
    named = sorted(faults, key=lambda fault: fault.line)[:NAMED_FAULTS]
    more = len(faults) - len(named)
    text = "; ".join(f"line {fault.line}: {fault.message}" for fault in named)
    raise BadInput(
        "rows_refused",
        f"{path.name} is not imported: {text}{f'; and {more} more' if more else ''}.",
        file=path.name,
        count=len(faults),
        rows=[asdict(fault) for fault in named],
    )
