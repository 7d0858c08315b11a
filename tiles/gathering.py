"""Choosing the cases of a tile from columns, and gathering them into spots. Pure.

Places are counted in tile units of the whole world (4096 to a tile, x east, y south) and
rounded down, so each case is in exactly one tile, and the counts of a tile are those of its
four children. Tiles have no buffer on purpose: renderers draw the icons of a neighbour's
points across the border, and skip points outside the tile.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gis.store.case_blocks import EPOCH, CaseColumns
from gis.store.case_filter import CaseFilter
from gis.store.tables.cases import CASE_KINDS, CASE_STATES
from tiles.layers import EXTENT

# A cell where points are gathered: 1/32 of a tile.
CELL_UNITS = 128
CELLS_ACROSS = EXTENT // CELL_UNITS

_Test = Callable[[NDArray[Any]], NDArray[np.bool_]]
_Choice = tuple[NDArray[Any], _Test]


@dataclass(frozen=True, slots=True)
class PlacedCases:
    """Cases and where they are: shares of the world's width in Web Mercator.

    ``east`` from the west, ``south`` from the north, 0 to 1, aligned with ``cases``.
    """

    cases: CaseColumns
    east: NDArray[np.float64]
    south: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TileCases:
    """Cases of one tile, aligned arrays; ``x``, ``y`` are tile units from its corner.

    ``state`` indexes ``CASE_STATES``; ``today_grid_id`` is -1 outside. What else is known of
    a case stands at ``row`` of the columns it came from; ``begins`` are where those of each
    ``parts`` begin here.
    """

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    state: NDArray[np.int16]
    today_grid_id: NDArray[np.int32]
    row: NDArray[np.int64]
    parts: Sequence[CaseColumns]
    begins: Sequence[int]

    def one(self, index: int) -> tuple[int, str, bool, str]:
        """Number, state, whether it is urgent, and category of one case."""
        part = bisect_right(self.begins, index) - 1
        cases, row = self.parts[part], self.row[index]
        return (
            int(cases.number[row]),
            CASE_STATES[cases.state[row]],
            bool(cases.is_urgent[row]),
            cases.categories[cases.category[row]],
        )


@dataclass(frozen=True, slots=True)
class Spots:
    """Places of a tile and the cases there, aligned arrays; ``n`` is at least 1.

    ``by_state`` counts the cases, a column for each of ``CASE_STATES``; ``single`` is the row
    in ``TileCases`` of a spot's only case, -1 where there are several; ``group`` is what its
    cases have in common, -1 where they were not told apart.
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    n: NDArray[np.int64]
    by_state: NDArray[np.int64]
    single: NDArray[np.int64]
    group: NDArray[np.int64]


def place(cases: CaseColumns) -> PlacedCases:
    """Find the cases' places in Web Mercator."""
    east = (cases.lng + 180) / 360
    south = (1 - np.arcsinh(np.tan(np.radians(cases.lat))) / np.pi) / 2
    return PlacedCases(cases, east, south)


def tile_cases(
    placed: Sequence[PlacedCases],
    z: int,
    x: int,
    y: int,
    wanted: CaseFilter,
    grid_id: int | None = None,
) -> TileCases:
    """The cases of a tile that pass the filter.

    ``wanted.bbox`` is not looked at; ``grid_id`` is the grid of ``wanted.grid``.
    """
    chosen = [_chosen(each, z, x, y, wanted, grid_id) for each in placed]
    begins = [0, *accumulate(len(rows) for rows, _, _ in chosen)]
    return TileCases(
        _joined([x for _, x, _ in chosen], np.int32),
        _joined([y for _, _, y in chosen], np.int32),
        _joined(
            [each.cases.state[rows] for each, (rows, _, _) in zip(placed, chosen, strict=True)],
            np.int16,
        ),
        _joined(
            [
                each.cases.today_grid_id[rows]
                for each, (rows, _, _) in zip(placed, chosen, strict=True)
            ],
            np.int32,
        ),
        _joined([rows for rows, _, _ in chosen], np.int64),
        [each.cases for each in placed],
        begins[:-1],
    )


def gather(
    cases: TileCases,
    *,
    in_cells: bool,
    most_spots: int,
    group: NDArray[np.int32] | None = None,
) -> Spots:
    """Gather cases into spots, by cell or by tile unit.

    Parameters
    ----------
    in_cells
        A spot is a cell of 1/32 of the tile; else one tile unit, unless there are more
        than ``most_spots`` of those.
    group
        A number from -1 on for each case, such as its township: cases of different numbers
        are different spots. None tells none apart.
    """
    unit = cases.y * np.int32(EXTENT) + cases.x
    if not in_cells:
        # More than enough places among the first rows spare sorting hundreds of thousands.
        in_cells = any(len(np.unique(some)) > most_spots for some in (unit[: 4 * most_spots], unit))
    if in_cells:
        spot = cases.y // CELL_UNITS * CELLS_ACROSS + cases.x // CELL_UNITS
        spots = CELLS_ACROSS**2
    else:
        found, spot = np.unique(unit, return_inverse=True)
        spots = len(found)
    groups = 1
    if group is not None:
        groups = int(group.max(initial=-1)) + 2
        spot, spots = spot * groups + group + 1, spots * groups
    n = np.bincount(spot, minlength=spots)
    states = len(CASE_STATES)
    by_state = np.bincount(spot * states + cases.state, minlength=spots * states)
    # Doubles add whole numbers exactly up to 2^53.
    sum_x, sum_y = (
        np.bincount(spot, weights=places, minlength=spots).astype(np.int64)
        for places in (cases.x, cases.y)
    )
    single = np.full(spots, -1)
    alone = np.flatnonzero(n[spot] == 1)
    single[spot[alone]] = alone
    some = n > 0
    return Spots(
        sum_x[some] // n[some],
        sum_y[some] // n[some],
        n[some],
        by_state.reshape(spots, states)[some],
        single[some],
        np.flatnonzero(some) % groups - 1,
    )


def _chosen(
    placed: PlacedCases, z: int, x: int, y: int, wanted: CaseFilter, grid_id: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Rows of the cases that are in the tile and wanted, and their tile units."""
    world_units = float(EXTENT * 2**z)
    px = np.floor(placed.east * world_units) - EXTENT * x
    rows = np.flatnonzero((px >= 0) & (px < EXTENT))
    px = px[rows]
    py = np.floor(placed.south[rows] * world_units) - EXTENT * y
    passing = (py >= 0) & (py < EXTENT)
    for column, passes in _choices(placed.cases, wanted, grid_id):
        passing &= passes(column[rows])
    return rows[passing], px[passing].astype(np.int32), py[passing].astype(np.int32)


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.empty(0, kind), *parts])


def _choices(cases: CaseColumns, wanted: CaseFilter, grid_id: int | None) -> list[_Choice]:
    """The filter as tests of columns, as ``CaseFilter.conditions`` has them in SQL."""
    found: list[_Choice] = []
    if wanted.states:
        found.append((cases.state, _among(CASE_STATES, wanted.states)))
    if wanted.kinds:
        found.append((cases.kind, _among(CASE_KINDS, wanted.kinds)))
    if wanted.categories:
        found.append((cases.category, _among(cases.categories, wanted.categories)))
    if wanted.only_categories is not None:
        found.append((cases.category, _among(cases.categories, wanted.only_categories)))
    if wanted.hidden:
        seen = set(cases.categories) - set(wanted.hidden)
        found.append((cases.category, _among(cases.categories, seen)))
    if wanted.urgency is not None:
        is_urgent = wanted.urgency == "urgent"
        found.append((cases.is_urgent, lambda column: column == is_urgent))
    if wanted.grid is not None:
        found.append((cases.grid_id, lambda column: column == grid_id))
    if wanted.within_grids is not None:
        ids = np.array(sorted(wanted.within_grids), dtype=np.int32)
        found.append((cases.today_grid_id, lambda column: np.isin(column, ids)))
    if wanted.occurred_from is not None:
        first_us = microseconds(wanted.occurred_from)
        found.append((cases.occurred_us, lambda column: column >= first_us))
    if wanted.occurred_to is not None:
        end_us = microseconds(wanted.occurred_to)
        found.append((cases.occurred_us, lambda column: column < end_us))
    if not wanted.held:
        found.append((cases.is_held, np.logical_not))
    return found


def _among(words: Sequence[str], wanted: Collection[str]) -> _Test:
    """Test a column of positions in ``words``."""
    passes = np.array([word in wanted for word in words], dtype=bool)
    return lambda column: passes[column]


def microseconds(instant: datetime) -> int:
    """Microseconds from ``EPOCH`` to an aware instant."""
    return (instant - EPOCH) // timedelta(microseconds=1)
