"""Excel workbooks (.xlsx): the active sheet, its first row the header."""

from __future__ import annotations

import hashlib
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from api.cases.files.table import MalformedRow, Rows, Table, no_rows, text_batch, unreadable

CHUNK_ROWS = 20_000


def open_workbook(path: Path) -> Table:
    """Open a workbook's active sheet.

    Values of formulas are those Excel saved last. Numbers and times become text
    as ISO 8601 and Python write them.

    Raises
    ------
    BadInput
        ``file_unreadable`` (no workbook, or cut short), ``no_rows``.
    """
    rows = _sheet_rows(path)
    header = next(rows, ())
    while header and not header[-1]:
        header = header[:-1]
    row_count = sum(1 for _ in rows)
    if not header or row_count == 0:
        raise no_rows(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    columns = tuple(name.strip() for name in header)
    return Table(path, columns, digest, row_count, partial(_chunks, path, len(columns)))


def _sheet_rows(path: Path) -> Iterator[tuple[str, ...]]:
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions it drops; only values matter here.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            sheet = book.active
            if sheet is None:
                raise unreadable(path, "it has no sheet")
            for cells in sheet.iter_rows(values_only=True):
                yield tuple(map(_text, cells))
            book.close()
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error
    except (zipfile.BadZipFile, InvalidFileException, KeyError, EOFError, ValueError) as error:
        raise unreadable(path, "it is no xlsx workbook, or one cut short") from error


def _chunks(path: Path, width: int) -> Iterator[Rows]:
    numbered = enumerate(_sheet_rows(path), start=1)
    next(numbered)
    while chunk := list(islice(numbered, CHUNK_ROWS)):
        fitting = [(line, row) for line, row in chunk if not any(row[width:])]
        columns = [
            pa.array([row[index] if index < len(row) else "" for _, row in fitting], pa.string())
            for index in range(width)
        ]
        yield Rows(
            np.array([line for line, _ in fitting], np.int64),
            text_batch(columns),
            tuple(MalformedRow(line, row) for line, row in chunk if any(row[width:])),
        )


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(sep=" ")
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
