"""Rendering a tile of cases: chosen and gathered from columns, encoded by PostGIS."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import TextClause, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.area_grids import Townships
from gis.store.case_filter import CaseFilter
from gis.store.tables.cases import CASE_STATES
from gis.store.tables.places import Grid
from tiles.case_memory import CaseMemory
from tiles.gathering import PlacedCases, Spots, TileCases, gather, tile_cases

# From here on a screen holds few enough cases to show them one by one.
SINGLE_CASES_FROM_ZOOM = 13
# A tile with more places than this gathers them all the same (about 60 bytes a place).
MOST_SPOTS = 2_000
# The edge of a tile in degrees is rounded; which tile a case is in, its tile units say.
_EDGE_DEGREES = 1e-6


async def render_cases(
    tx: AsyncConnection,
    encode: TextClause,
    z: int,
    x: int,
    y: int,
    version_id: int | None,
    wanted: CaseFilter,
    memory: CaseMemory,
) -> bytes:
    """One tile of the cases that pass the filter; ``wanted.bbox`` is not looked at.

    Where cases are gathered in cells, those of different townships of the version stay
    apart: so a map of the city counts each township's own, whatever a cell's middle lies in.
    """
    grid_id = None
    if wanted.grid is not None:
        grid_id = (
            await tx.execute(select(Grid.id).where(Grid.code == wanted.grid))
        ).scalar_one_or_none()
    placed = await memory.cases(tx, replace(wanted, bbox=tile_bounds(z, x, y)))
    townships = None
    if z < SINGLE_CASES_FROM_ZOOM and version_id is not None:
        townships = await memory.townships(tx, version_id)
    spots, cases = await asyncio.to_thread(_gathered, placed, z, x, y, wanted, grid_id, townships)
    if not len(spots.n):
        return b""
    codes = () if townships is None else townships.codes
    return bytes((await tx.execute(encode, _bound(spots, cases, codes))).scalar_one())


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees, a little (1e-6) over its edge."""
    west, east = (column * 360 / 2**z - 180 for column in (x, x + 1))
    north, south = (
        math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / 2**z)))) for row in (y, y + 1)
    )
    return (
        max(west - _EDGE_DEGREES, -180),
        max(south - _EDGE_DEGREES, -90),
        min(east + _EDGE_DEGREES, 180),
        min(north + _EDGE_DEGREES, 90),
    )


def _gathered(
    placed: Sequence[PlacedCases],
    z: int,
    x: int,
    y: int,
    wanted: CaseFilter,
    grid_id: int | None,
    townships: Townships | None,
) -> tuple[Spots, TileCases]:
    cases = tile_cases(placed, z, x, y, wanted, grid_id)
    in_cells = z < SINGLE_CASES_FROM_ZOOM
    group = None if townships is None else townships.at(cases.today_grid_id)
    return gather(cases, in_cells=in_cells, most_spots=MOST_SPOTS, group=group), cases


def _bound(spots: Spots, cases: TileCases, townships: Sequence[str]) -> dict[str, object]:
    """The spots as the columns that ``sql/cases.sql`` takes."""
    bound: dict[str, list[object]] = {
        "x": spots.x.tolist(),
        "y": spots.y.tolist(),
        "n": spots.n.tolist(),
        "township": [None if group < 0 else townships[group] for group in spots.group.tolist()],
        **{name: [] for name in ("number", "state", "urgency", "category", "n_by_state")},
    }
    for single, counts in zip(spots.single.tolist(), spots.by_state.tolist(), strict=True):
        number = state = urgency = category = n_by_state = None
        if single >= 0:
            number, state, is_urgent, category = cases.one(single)
            urgency = "urgent" if is_urgent else "normal"
        else:
            n_by_state = json.dumps(
                {state: n for state, n in zip(CASE_STATES, counts, strict=True) if n}
            )
        row = {"number": number, "state": state, "urgency": urgency, "category": category}
        for name, value in {**row, "n_by_state": n_by_state}.items():
            bound[name].append(value)
    return dict(bound)
