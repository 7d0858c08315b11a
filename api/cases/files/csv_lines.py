"""Which line of a CSV file each of its rows begins on."""

from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from api.cases.files.table import MalformedRow, Rows


class LineCounter:
    """Numbers the batches of one pass over a file, in their order.

    The parser leaves rows out that it cannot cut into the columns and tells only
    their number among all rows; a value in quotes may run over several lines.
    """

    def __init__(self, *, has_quotes: bool) -> None:
        self._has_quotes = has_quotes
        self._next_row = 1
        self._extra_lines = 0

    def number(
        self, batch: pa.RecordBatch, left_out: list[pyarrow.csv.InvalidRow], *, last: bool = False
    ) -> Rows:
        """The batch with its lines; takes those of ``left_out`` that stand before its end.

        With ``last`` it takes them all.
        """
        good = self._good_rows(batch.num_rows, left_out)
        end = int(good[-1]) if good.size else self._next_row - 1
        taken = [row for row in left_out if last or row.number < end]
        del left_out[: len(taken)]

        rows = np.concatenate([good, np.array([row.number for row in taken], np.int64)])
        extra = np.concatenate(
            [self._breaks_inside(batch), np.array([row.text.count("\n") for row in taken], int)]
        )
        order = np.argsort(rows)
        before = np.empty(rows.size, np.int64)
        before[order] = np.cumsum(extra[order]) - extra[order]
        lines = rows + self._extra_lines + before

        self._next_row = max(end, int(rows.max(initial=0))) + 1
        self._extra_lines += int(extra.sum())
        malformed = tuple(
            MalformedRow(int(line), _values(row.text))
            for line, row in zip(lines[good.size :], taken, strict=True)
        )
        return Rows(lines[: good.size], batch, malformed)

    def _good_rows(self, count: int, left_out: list[pyarrow.csv.InvalidRow]) -> NDArray[np.int64]:
        candidates = self._next_row + np.arange(count + len(left_out), dtype=np.int64)
        wrong = np.array([row.number for row in left_out], np.int64)
        return candidates[~np.isin(candidates, wrong)][:count]

    def _breaks_inside(self, batch: pa.RecordBatch) -> NDArray[np.int64]:
        breaks = np.zeros(batch.num_rows, np.int64)
        if self._has_quotes:
            for column in batch.columns:
                breaks += pc.count_substring(column, "\n").to_numpy()
        return breaks


def _values(text: str) -> tuple[str, ...]:
    return tuple(next(csv.reader(io.StringIO(text, newline="")), []))
