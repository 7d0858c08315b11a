"""What is told of hot places: how many cases of what, in which community, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.analysis.compared_periods import Compared, whole_steps
from api.locators import Locator
from gis.cells import CellRegion, middles
from gis.hot_places import HotPlace
from gis.patterns.change import change
from gis.patterns.dispersion import dispersions_of_rows
from gis.store.case_counts import ByCell, BySpan, ByTodaysGrid, ByWord, count_by, first_occurred
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction

MOST_CATEGORIES = 5

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
    case in both periods, and where the records begin later than the period before.
    ``categories`` has the most frequent ones, at most five.
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


@dataclass(frozen=True, eq=False)
class _HotCells:
    """The cells of all places, and in which of them each is; ``only`` counts no others."""

    only: ByCell
    of_cell: pd.Series
    places: int

    @classmethod
    def of(cls, region: CellRegion, places: Sequence[HotPlace]) -> _HotCells:
        cells = np.concatenate([region.cells[place.cells] for place in places]).astype(np.int64)
        place = np.repeat(np.arange(len(places)), [len(place.cells) for place in places])
        only = ByCell(region.resolution, tuple(cells.tolist()))
        return cls(only, pd.Series(place, index=cells), len(places))

    def place_of(self, cells: Ints) -> Ints:
        found: Ints = self.of_cell[cells].to_numpy(np.int64)
        return found


async def figures_of_places(
    tx: Transaction,
    seen: CaseFilter,
    today: Locator,
    compared: Compared,
    now: datetime,
    region: CellRegion,
    places: Sequence[HotPlace],
    counts: tuple[Ints, Ints],
) -> list[PlaceFigures]:
    """Figures of places; ``counts`` are the cases of all cells in the period before and in it.

    ``seen`` bounds the period. What is still to come of it is no part of its length.
    """
    hot = _HotCells.of(region, places)
    inside = await count_by(tx, seen, hot.only, ByTodaysGrid(), ByWord("category"))
    cases = pd.DataFrame(
        {
            "place": hot.place_of(inside.keys[0]),
            "grid": inside.keys[1],
            "category": inside.keys[2],
            "n": inside.counts,
        }
    )
    before, after = ([int(each[place.cells].sum()) for place in places] for each in counts)
    changed = change(
        before,
        after,
        phi=await _bursts(tx, seen, compared, now, hot),
        before_exposure=compared.before_days,
        after_exposure=compared.after_days,
    )
    if not await _is_on_record(tx, compared):
        changed = change(0, np.zeros(len(places)))
    areas = _areas(cases, today, region, places)
    categories = _categories(cases, len(places))
    return [
        PlaceFigures(
            *areas[at],
            after[at],
            before[at],
            float(changed.ratio[at]),
            float(changed.low[at]),
            float(changed.high[at]),
            float(changed.p[at]),
            categories[at],
        )
        for at in range(len(places))
    ]


async def _is_on_record(tx: Transaction, compared: Compared) -> bool:
    """Whether the period before was on record from its first day on: else 0 is no count."""
    first = await first_occurred(tx)
    return first is not None and first < compared.before.start + timedelta(days=1)


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
    tx: Transaction, seen: CaseFilter, compared: Compared, now: datetime, hot: _HotCells
) -> NDArray[np.float64]:
    """``phi`` of each place, from step to step of whole days within each of the two periods."""
    steps = [whole_steps(each, now) for each in (compared.before, compared.after)]
    edges = tuple(sorted({edge for pair in (*steps[0], *steps[1]) for edge in pair}))
    if not edges:
        return np.ones(hot.places)
    both = replace(seen, occurred_from=edges[0], occurred_to=edges[-1])
    counted = await count_by(tx, both, hot.only, BySpan(edges))
    spans = np.zeros((hot.places, len(edges) - 1))
    np.add.at(spans, (hot.place_of(counted.keys[0]), counted.keys[1] - 1), counted.counts)
    position = {edge: at for at, edge in enumerate(edges)}
    table = [
        spans[:, position[first] : position[after]].sum(axis=1)
        for first, after in (*steps[0], *steps[1])
    ]
    group = [0] * len(steps[0]) + [1] * len(steps[1])
    return dispersions_of_rows(np.array(table).T, np.ones(len(group)), group)
