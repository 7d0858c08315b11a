"""What is told of hot places: how many cases of what, in which community, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.analysis.periods import Period
from api.locators import Locator
from gis.cells import CellRegion, middles
from gis.hot_places import HotPlace
from gis.patterns.change import change
from gis.patterns.dispersion import dispersion
from gis.patterns.steps import Steps
from gis.store.case_counts import ByCell, ByClock, ByTodaysGrid, ByWord, count_by
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction

MOST_CATEGORIES = 5
WEEKS_FROM_DAYS = 28
"""Bursts are told from week to week in periods of four weeks or more, else from day to day."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Area:
    """A community or township."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """Figures of one place; community and township are those most of its cases lie in today.

    ``ratio``, ``low``, ``high`` and ``p`` are those of ``gis.patterns.change``; NaN without a
    case in both periods. ``categories`` has the most frequent ones, at most five.
    """

    community: Area | None
    township: Area | None
    count: int
    before: int
    ratio: float
    low: float
    high: float
    p: float
    categories: Sequence[tuple[str, int]]


async def figures_of_places(
    tx: Transaction,
    seen: CaseFilter,
    today: Locator,
    period: Period,
    region: CellRegion,
    places: Sequence[HotPlace],
    before: Ints,
    now: Ints,
) -> list[PlaceFigures]:
    """Figures of places, of which ``before`` and ``now`` tell the cases of each of all cells."""
    cells = np.concatenate([region.cells[place.cells] for place in places]).astype(np.int64)
    place = np.repeat(np.arange(len(places)), [len(place.cells) for place in places])
    of_cell = pd.Series(place, index=cells)
    only = ByCell(region.resolution, tuple(cells.tolist()))
    inside = await count_by(tx, seen, only, ByTodaysGrid(), ByWord("category"))
    cases = pd.DataFrame(
        {
            "place": of_cell[inside.keys[0]].to_numpy(),
            "grid": inside.keys[1],
            "category": inside.keys[2],
            "n": inside.counts,
        }
    )
    phi = await _bursts(tx, seen, period, only, of_cell)
    counts = [(int(before[each.cells].sum()), int(now[each.cells].sum())) for each in places]
    changed = change(*np.transpose(counts), phi=phi)
    areas = _areas(cases, today, region, places)
    categories = _categories(cases, len(places))
    return [
        PlaceFigures(
            *areas[at],
            counts[at][1],
            counts[at][0],
            float(changed.ratio[at]),
            float(changed.low[at]),
            float(changed.high[at]),
            float(changed.p[at]),
            categories[at],
        )
        for at in range(len(places))
    ]


def _categories(cases: pd.DataFrame, places: int) -> list[list[tuple[str, int]]]:
    counts = cases.groupby(["place", "category"])["n"].sum().reset_index()
    counts = counts.sort_values(["n", "category"], ascending=[False, True])
    told: list[list[tuple[str, int]]] = [[] for _ in range(places)]
    for place, category, n in counts.itertuples(index=False):
        if len(told[place]) < MOST_CATEGORIES:
            told[place].append((category, int(n)))
    return told


def _areas(
    cases: pd.DataFrame, today: Locator, region: CellRegion, places: Sequence[HotPlace]
) -> list[tuple[Area | None, Area | None]]:
    """The community that most cases of each place lie in, of the lowest code where several are."""
    grids = today.grids.set_index(today.grid_ids)
    cases = cases[cases["grid"].isin(grids.index)]
    lain = cases.assign(community=grids["community"].loc[cases["grid"]].to_numpy())
    counts = lain.groupby(["place", "community"])["n"].sum().reset_index()
    counts = counts.sort_values(["n", "community"], ascending=[False, True])
    most = counts.drop_duplicates("place").set_index("place")["community"].to_dict()
    first = grids.drop_duplicates("community").set_index("community")
    told: list[tuple[Area | None, Area | None]] = []
    for at, place in enumerate(places):
        code: str | None = most.get(at) or _community_at(today, region, place.peak)
        if code is None:
            told.append((None, None))
            continue
        row = first.loc[code]
        told.append(
            (Area(code, row["community_name"]), Area(row["township"], row["township_name"]))
        )
    return told


def _community_at(today: Locator, region: CellRegion, peak: int) -> str | None:
    """Where the peak is: all cases of a place may lie in the cells around it, or in no grid."""
    (lng,), (lat,) = middles(region.cells[[peak]])
    placed = today.index.locate_one(lng, lat)
    return None if placed.grid is None else str(today.grids["community"].iloc[placed.grid])


async def _bursts(
    tx: Transaction, seen: CaseFilter, period: Period, only: ByCell, of_cell: pd.Series
) -> NDArray[np.float64]:
    """``phi`` of each place: its own, or that of all of them together where that is more.

    From step to step of whole days within each of the two periods.
    """
    before = period.before
    both = replace(seen, occurred_from=before.start)
    counted = await count_by(tx, both, only, ByClock("day"))
    places = int(of_cell.max()) + 1
    place = of_cell[counted.keys[0]].to_numpy()
    days = counted.keys[1].astype("datetime64[D]")
    tables: list[NDArray[np.float64]] = []
    groups: list[int] = []
    for number, each in enumerate((before, period)):
        length = int((each.last_day - each.first_day).astype(int)) + 1
        steps = Steps.until(
            each.last_day, each.first_day, "week" if length >= WEEKS_FROM_DAYS else "day"
        )
        at = steps.positions(days)
        of_period = np.zeros((places, steps.count))
        np.add.at(of_period, (place[at >= 0], at[at >= 0]), counted.counts[at >= 0])
        tables.append(of_period)
        groups += [number] * steps.count
    table = np.hstack(tables)
    if not table.size:
        return np.ones(places)
    group = np.array(groups)
    together = dispersion(table, np.ones(table.shape), group + 2 * np.arange(places)[:, None])
    own = [dispersion(row, np.ones(len(row)), group) for row in table]
    return np.maximum(together, own)
