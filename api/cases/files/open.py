"""Choosing the reader of a table file."""

from __future__ import annotations

from pathlib import Path

from api.cases.files.csv_table import open_csv
from api.cases.files.layer_table import open_layer
from api.cases.files.table import Table, unreadable
from api.cases.files.workbook_table import open_workbook


def open_table(path: Path) -> Table:
    """Open a file of rows: CSV (also .gz), xlsx, or what GDAL reads.

    Raises
    ------
    BadInput
        ``file_unreadable``, ``no_rows``.
    """
    if not path.is_file():
        raise unreadable(path, "there is no such file")
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".csv", ".txt")):
        return open_csv(path)
    if name.endswith(".xlsx"):
        return open_workbook(path)
    return open_layer(path)
