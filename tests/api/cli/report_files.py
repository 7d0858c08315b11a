"""Report files around the nine grids of ``tests.small_city``, and how they are imported."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.small_city import SOUTH, STEP, WEST

COLUMNS = ("--lng", "lng", "--lat", "lat", "--time", "time", "--category", "category")
"""Options that name the columns of these files, all but the id."""
WITH_ID = (*COLUMNS, "--id", "id")

NOON = "2026-05-04T12:00:00Z"


def place(column: float, row: float) -> str:
    """``lng,lat`` of a place in steps of the small city from its lower left corner."""
    return f"{WEST + column * STEP:.9f},{SOUTH + row * STEP:.9f}"


def row(
    name: str, where: str | None = None, time: str = NOON, category: str = "garbage", note: str = ""
) -> str:
    """One line of a file; by default a report in the middle of ``g00``."""
    return f"{name},{place(0.5, 0.5) if where is None else where},{time},{category},{note}"


def write(path: Path, rows: Iterable[str]) -> Path:
    """A file of these rows below their header; the first row is line 2."""
    path.write_text("\n".join(["id,lng,lat,time,category,note", *rows]) + "\n", "utf-8")
    return path
