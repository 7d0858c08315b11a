"""Write a table as an Excel workbook whose text stays text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from gis.errors import TooLarge

MAX_ROWS = 1_048_575  # a sheet has one more, for the headers


def write_spreadsheet(table: pd.DataFrame, path: Path) -> None:
    """Write one sheet with the column names in its first row.

    Text is never a formula, whatever it begins with: names come from outside. Signs a
    workbook cannot hold become U+FFFD, missing values empty cells.

    Raises
    ------
    TooLarge
        ``spreadsheet_too_long`` above 1,048,575 rows.
    """
    if len(table) > MAX_ROWS:
        raise TooLarge(
            "spreadsheet_too_long",
            f"{len(table):,} rows do not fit a sheet ({MAX_ROWS:,}); choose another format",
            rows=len(table),
        )
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(path.stem[:31])

    def cell(value: Any) -> object:
        if not isinstance(value, str):
            return None if pd.isna(value) else value
        text = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
        text.data_type = "s"
        return text

    sheet.append([cell(str(name)) for name in table.columns])
    for row in table.astype(object).itertuples(index=False, name=None):
        sheet.append([cell(value) for value in row])
    workbook.save(path)
