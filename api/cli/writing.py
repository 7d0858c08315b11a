"""Writing a command's table, and telling what its format could not hold."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyogrio

from api.cli.output import say
from boundaries.exchange import write_table


def write_and_tell(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame; the column names that a shapefile cuts are told with what they became."""
    write_table(frame, path)
    if path.suffix.lower() != ".shp":
        return
    given = [name for name in frame.columns if name != "geometry"]
    written = pyogrio.read_info(path)["fields"]
    cut = [
        f"{name} as {short}" for name, short in zip(given, written, strict=True) if name != short
    ]
    if cut:
        say(
            f"A shapefile has room for ten letters of a column name; written are: {', '.join(cut)}."
        )
