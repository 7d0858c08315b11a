"""Every disc of cells in every window of time: which of them hold more than chance would."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.cells import CellRegion, cells_of, middles
from gis.patterns.attainable import Attainable, log_least_tail
from gis.patterns.scan import (
    Discs,
    Margins,
    Occasions,
    Sizes,
    least_counts,
    log_factorials,
    scan,
    sizes_of,
    window_totals,
)
from gis.patterns.scan_windows import WindowOfTime, window_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RINGS: dict[int, tuple[int, ...]] = {10: (0, 1, 2), 9: (1, 2, 3)}
"""Rings of cells around a cell, by resolution: discs of 65 m to 1.2 km."""
# Between the middles of neighbouring cells, on average.
_STEP_M = {10: 131.5, 9: 347.8}


@dataclass(frozen=True, eq=False)
class Moments:
    """Occasions: category, place in degrees, and week, span, weekday and slot of their time."""

    category: Ints
    categories: int
    lng: Floats
    lat: Floats
    times: tuple[Ints, Ints, Ints, Ints]


@dataclass(frozen=True, slots=True)
class Signal:
    """A disc with the window in which it stands out most, and the log of that tail."""

    category: int
    lng: float
    lat: float
    radius_m: float
    window: WindowOfTime
    log_p: float


@dataclass(frozen=True, slots=True)
class Signals:
    """All signals, the least likely first, and the number of tests they are held against."""

    found: tuple[Signal, ...]
    tests: float


@dataclass(frozen=True, eq=False)
class _Search:
    """The discs of one reach around the places of one category."""

    category: int
    occasions: Occasions
    discs: Discs
    sizes: Sizes
    lng: Floats
    lat: Floats
    radius_m: float


def signals_of(moments: Moments, *, level: float) -> Signals:
    """Signals such that where there is nothing, any is found at most with this probability."""
    week, span, day, slot = moments.times
    plain_weeks = (int(week.max()) + 1) * 3 // 4
    # A disc that holds all of them is given at most three others for each.
    logs = log_factorials(4 * len(week))
    margins = []
    for category in range(moments.categories):
        own = moments.category == category
        totals = window_totals(week[own], span[own], day[own], slot[own], plain_weeks)
        margins.append(Margins(totals, int(own.sum())))
    city = Margins(window_totals(week, span, day, slot, plain_weeks), len(week))
    searches = [search for search in _searches(moments) if margins[search.category].whole]
    tests = _tests(searches, margins, logs, level)
    log_level = math.log(level / tests)
    least = [least_counts(margin, log_level, logs) for margin in margins]
    found = []
    for search in searches:
        best, log_p = scan(
            search.occasions,
            search.discs,
            search.category,
            search.sizes,
            margins[search.category],
            city,
            least[search.category],
            plain_weeks,
            log_level,
            logs,
        )
        for at in np.flatnonzero(best >= 0):
            centre = search.sizes.centres[at]
            found.append(
                Signal(
                    search.category,
                    float(search.lng[centre]),
                    float(search.lat[centre]),
                    search.radius_m,
                    window_of(int(best[at]), plain_weeks),
                    float(log_p[at]),
                )
            )
    return Signals(tuple(sorted(found, key=lambda signal: signal.log_p)), tests)


def _tests(searches: list[_Search], margins: list[Margins], logs: Floats, level: float) -> float:
    attainable = Attainable()
    for category, margin in enumerate(margins):
        sizes = [search.sizes.sizes for search in searches if search.category == category]
        if not sizes:
            continue
        size, discs = np.unique(np.concatenate(sizes), return_counts=True)
        drawn, windows = np.unique(margin.windows, return_counts=True)
        attainable.add(
            log_least_tail(size[:, None], drawn[None, :], margin.whole, logs),
            discs[:, None] * windows[None, :],
        )
    return attainable.bound(level)


def _searches(moments: Moments) -> Iterator[_Search]:
    many = moments.categories
    for resolution, rings in RINGS.items():
        cells, cell = np.unique(cells_of(moments.lng, moments.lat, resolution), return_inverse=True)
        key = cell * many + moments.category
        order = np.argsort(key, kind="stable")
        starts = np.searchsorted(key[order], np.arange(len(cells) * many + 1)).astype(np.int64)
        week, span, day, slot = (column[order] for column in moments.times)
        occasions = Occasions(starts, week, span, day, slot, many)
        lng, lat = middles(cells)
        region = CellRegion(cells, np.ones(len(cells)), resolution)
        for k in rings:
            discs = _discs(region, k)
            radius_m = (k + 0.5) * _STEP_M[resolution]
            for category in range(many):
                sizes = sizes_of(occasions, discs, category)
                yield _Search(category, occasions, discs, sizes, lng, lat, radius_m)


def _discs(region: CellRegion, k: int) -> Discs:
    """Each cell with its neighbours up to ``k`` steps away, itself first."""
    count = len(region.cells)
    own = np.arange(count)
    if not k:
        return Discs(np.arange(count + 1), own)
    around = region.rings(k)
    return Discs(
        around.starts + np.arange(count + 1), np.insert(around.others, around.starts[:-1], own)
    )
