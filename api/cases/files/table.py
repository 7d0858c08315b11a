"""A table file: named columns, and its rows as text in chunks.

Everything is text at first. What is a number or a time is for the reader of the
column to say, row by row, so that one bad cell is one rejected row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gis.errors import BadInput


@dataclass(frozen=True)
class MalformedRow:
    """A row with more or fewer values than the header has columns."""

    line: int
    values: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """A run of rows.

    Parameters
    ----------
    lines
        int64, the line of the file on which each row begins (the header is line 1);
        in a workbook the row of the sheet, in a layer the feature's number + 1.
    cells
        One string column per column of the file, in its order, without nulls.
    malformed
        Rows among and around these that could not be cut into the columns.
    """

    lines: NDArray[np.int64]
    cells: pa.RecordBatch
    malformed: tuple[MalformedRow, ...] = ()

    def column(self, index: int) -> pa.Array:
        """One column's texts without surrounding space."""
        return pc.utf8_trim_whitespace(self.cells.column(index))

    def without_blank(self) -> Rows:
        """The same without rows whose every cell is empty, as spreadsheets leave them."""
        blank = np.ones(len(self.lines), np.bool_)
        for column in self.cells.columns:
            if not blank.any():
                return self
            empty = pc.equal(pc.utf8_trim_whitespace(column), "")
            blank &= empty.to_numpy(zero_copy_only=False)
        return Rows(self.lines[~blank], self.cells.filter(pa.array(~blank)), self.malformed)


@dataclass(frozen=True)
class Table:
    """A file opened and looked through once: it can be read to its end.

    Parameters
    ----------
    path
        The file.
    columns
        Header names in order, without surrounding space.
    content_hash
        SHA-256 in hex of the file's content, unpacked when it was compressed.
    row_count
        Rows below the header, blank ones included: for a progress bar.
    chunks
        Reads the rows from the start, at each call anew.
    """

    path: Path
    columns: tuple[str, ...]
    content_hash: str
    row_count: int
    chunks: Callable[[], Iterator[Rows]]

    def index_of(self, name: str) -> int:
        """Position of a column.

        Raises
        ------
        BadInput
            ``column_missing`` naming those there, ``column_twice``.
        """
        found = [index for index, column in enumerate(self.columns) if column == name]
        if not found:
            there = ", ".join(column for column in self.columns if column)
            raise BadInput(
                "column_missing",
                f"{self.path.name} has no column {name!r}; it has: {there}.",
                file=self.path.name,
                column=name,
                columns=list(self.columns),
            )
        if len(found) > 1:
            raise BadInput(
                "column_twice",
                f"{self.path.name} has {len(found)} columns called {name!r}.",
                file=self.path.name,
                column=name,
            )
        return found[0]


def text_batch(columns: Sequence[pa.Array]) -> pa.RecordBatch:
    """String columns as one batch; they go by position, names may repeat."""
    names = [f"c{index}" for index in range(len(columns))]
    return pa.RecordBatch.from_arrays(list(columns), names=names)


def unreadable(path: Path, why: str) -> BadInput:
    """The error for a file that cannot be read as what it claims to be."""
    return BadInput("file_unreadable", f"{path.name} cannot be read: {why}.", file=path.name)


def no_rows(path: Path) -> BadInput:
    """The error for a file without a row."""
    return BadInput("no_rows", f"{path.name} holds no rows.", file=path.name)
