"""A file of reports.

A report of a file is history: its time is both when it happened and when it was
received. Columns not named are not read, so contacts in them never reach the
store; a column of identity numbers refuses the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from api.cases.files.open import open_table
from api.cases.files.table import Rows, Table, no_rows
from api.cases.identity_columns import refuse_identity_columns
from api.cases.report_checks import ReportRules
from api.cases.report_rows import ReportCells, ReportChunk, look_at

HASH_IN_ID = 32
"""Hex digits of the file's hash in the ids made for its rows: 128 bits."""


@dataclass(frozen=True)
class ReportColumns:
    """Header names of the columns to read; without ``id`` a row's id is made."""

    lng: str
    lat: str
    time: str
    category: str
    id: str | None = None


@dataclass(frozen=True)
class ReportFile:
    """A file of reports whose columns are known to be there."""

    table: Table
    columns: ReportColumns

    def chunks(self, rules: ReportRules) -> Iterator[ReportChunk]:
        """All rows in order; each call reads the file anew.

        Raises
        ------
        BadInput
            ``no_rows`` at the end of a file whose rows are all blank.
        """
        read = 0
        for rows in self.table.chunks():
            chunk = self._look_at(rows.without_blank(), rules)
            read += chunk.read
            if chunk.read:
                yield chunk
        if read == 0:
            raise no_rows(self.table.path)

    def _look_at(self, rows: Rows, rules: ReportRules) -> ReportChunk:
        def cells(name: str) -> pa.Array:
            return rows.column(self.table.index_of(name))

        named = self.columns
        return look_at(
            rows,
            ReportCells(
                lng=cells(named.lng),
                lat=cells(named.lat),
                time=cells(named.time),
                category=cells(named.category),
                id=cells(named.id) if named.id else self._made_ids(rows),
            ),
            rules,
        )

    def _made_ids(self, rows: Rows) -> pa.Array:
        """The same file gives the same ids, packed or not; another file gives others."""
        lines = pa.array(rows.lines.astype(np.int64)).cast(pa.string())
        content = pa.scalar(self.table.content_hash[:HASH_IN_ID])
        return pc.binary_join_element_wise(content, lines, "-")


def open_report_file(path: Path, columns: ReportColumns) -> ReportFile:
    """Open a file of reports; a fault of the whole file shows here, before any row is taken.

    Raises
    ------
    BadInput
        ``file_unreadable``, ``no_rows``, ``column_missing``, ``column_twice``,
        ``identity_column``.
    """
    table = open_table(path)
    refuse_identity_columns(path, table.columns)
    for name in astuple(columns):
        if name is not None:
            table.index_of(name)
    return ReportFile(table, columns)
