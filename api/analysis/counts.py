"""How many cases there are, by what was asked for: every key is told, also those of no case."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from api.analysis.areas import BY_AREA, AreaCounts, Level, count_by_area, count_by_own_area
from api.analysis.asking import (
    OWN,
    Asked,
    By,
    Viewpoint,
    region_of,
    seen_of,
    version_meant,
)
from api.analysis.regions import Regions
from api.service import Service
from gis.cells import CASE_RESOLUTION, CellRegion, names
from gis.errors import BadInput
from gis.store.case_counts import (
    ByCell,
    ByClock,
    ByWord,
    Clock,
    Counted,
    Word,
    count_all,
    count_by,
)
from gis.store.case_filter import HOURS, WEEKDAYS, CaseFilter
from gis.store.engine import Transaction
from gis.store.tables.cases import CASE_KINDS, CASE_STATES, CHANNELS
from gis.store.versions import Version, version_chain

MOST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts by key, zeros too, in the order of the keys.

    ``total`` are all cases of the filter, ``outside`` those in none of the keys. ``shares`` says
    how much of each cell lies in the study region. ``rates`` are cases for one of ``people``,
    smoothed; NaN where these were not counted. ``withheld`` are categories that are not told
    so finely, and not counted.
    """

    by: By
    total: int
    outside: int
    keys: Sequence[str | int]
    counts: Sequence[int]
    version: int | Literal["own"] | None = None
    resolution: int | None = None
    shares: Sequence[float] | None = None
    people: NDArray[np.float64] | None = None
    rates: NDArray[np.float64] | None = None
    withheld: Sequence[str] = field(default=())


async def counts_of(
    service: Service,
    regions: Regions,
    tx: Transaction,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    asked: Asked,
) -> Counts:
    """Count the cases of a filter that the viewer may see.

    A case counts once, at its own point: that of its first report.

    Raises
    ------
    BadInput
        Naming the field: ``category_unknown``, ``grid_unknown``, ``category_sensitive``,
        ``resolution_missing``, ``resolution_too_fine``, ``version_unknown``, ``per_invalid``,
        ``window_too_long``.
    """
    narrowed = await seen_of(service, tx, viewpoint, wanted, asked)
    seen = narrowed.cases
    if asked.by == "cell" or asked.by in BY_AREA:
        chain = await version_chain(tx)
        version = version_meant(chain, asked, viewpoint.now)
        if asked.by == "cell":
            found = await _by_cell(service, regions, tx, viewpoint, seen, asked, version)
        else:
            found = await _by_area(service, tx, viewpoint, seen, asked, version)
    elif asked.by in get_args(Word):
        found = await _by_word(tx, seen, asked.by, narrowed.categories)
    else:
        found = await _by_clock(tx, seen, asked.by)
    return replace(found, withheld=narrowed.withheld)


async def _by_cell(
    service: Service,
    regions: Regions,
    tx: Transaction,
    viewpoint: Viewpoint,
    seen: CaseFilter,
    asked: Asked,
    version: Version | None,
) -> Counts:
    resolution = CASE_RESOLUTION if asked.resolution is None else asked.resolution
    found = await count_by(tx, seen, ByCell(resolution))
    if version is None:
        total = int(found.counts.sum())
        return Counts("cell", total, total, (), (), None, resolution, ())
    region = await region_of(service, regions, tx, viewpoint, seen, version, resolution)
    # 40 ms for 250,000 cells.
    return await asyncio.to_thread(_of_region, region, found, version.number)


def _of_region(region: CellRegion, found: Counted, version: int) -> Counts:
    counts = np.zeros(len(region.cells), dtype=np.int64)
    if len(counts):
        at = region.positions(found.keys[0].astype(np.uint64))
        counts[at[at >= 0]] = found.counts[at >= 0]
    total = int(found.counts.sum())
    return Counts(
        "cell",
        total,
        total - int(counts.sum()),
        names(region.cells),
        counts.tolist(),
        version,
        region.resolution,
        # To a millionth of a cell.
        np.round(region.share, 6).tolist(),
    )


async def _by_area(
    service: Service,
    tx: Transaction,
    viewpoint: Viewpoint,
    seen: CaseFilter,
    asked: Asked,
    version: Version | None,
) -> Counts:
    level = cast("Level", asked.by)
    if asked.version == OWN:
        areas = await count_by_own_area(tx, seen, level)
    elif version is None:
        areas = AreaCounts((), np.empty(0, np.int64), await count_all(tx, seen))
    else:
        areas = await count_by_area(
            tx, service.locators, seen, level, version, now=viewpoint.now, per=asked.per
        )
    return Counts(
        asked.by,
        areas.total,
        areas.total - int(areas.counts.sum()),
        areas.codes,
        areas.counts.tolist(),
        OWN if asked.version == OWN else None if version is None else version.number,
        people=areas.people,
        rates=areas.rates,
    )


async def _by_word(
    tx: Transaction, seen: CaseFilter, word: Any, categories: Sequence[str]
) -> Counts:
    known: dict[Word, Sequence[str]] = {
        "category": categories,
        "kind": CASE_KINDS,
        "channel": CHANNELS,
        "state": CASE_STATES,
    }
    found = await count_by(tx, seen, ByWord(word))
    counts = dict.fromkeys(known[word], 0)
    if word == "category":
        for code in seen.hidden:
            counts.pop(code, None)
    counts |= dict(zip(found.keys[0].tolist(), found.counts.tolist(), strict=True))
    return _told(word, counts)


async def _by_clock(tx: Transaction, seen: CaseFilter, word: Any) -> Counts:
    unit: Clock = word
    days = None if unit != "day" else _days(seen)
    found = await count_by(tx, seen, ByClock(unit))
    counted = dict(zip(found.keys[0].tolist(), found.counts.tolist(), strict=True))
    if unit == "day":
        if days is None:
            days = range(min(counted), max(counted) + 1) if counted else range(0)
            _check_length(len(days))
        return _told(word, {str(np.datetime64(day, "D")): counted.get(day, 0) for day in days})
    hours_or_days = HOURS if unit == "hour" else WEEKDAYS
    return _told(word, {number: counted.get(number, 0) for number in hours_or_days})


def _told(by: By, counts: dict[Any, int]) -> Counts:
    return Counts(by, sum(counts.values()), 0, list(counts), list(counts.values()))


def _days(seen: CaseFilter) -> range | None:
    """The days of a window, as days since 1970-01-01; None where it is open at an end."""
    first, last = seen.occurred_from, seen.occurred_to
    if first is None or last is None:
        return None
    if last <= first:
        return range(0)
    _check_length((last - first).days)
    try:
        ends = [
            instant.astimezone(ZoneInfo(seen.zone)).replace(tzinfo=None)
            for instant in (first, last - timedelta(microseconds=1))
        ]
    except OverflowError:
        raise BadInput(
            "time_invalid", "The window must lie in the years 1 to 9999.", field="from"
        ) from None
    start, stop = (int(np.datetime64(end, "D").astype(int)) for end in ends)
    return range(start, stop + 1)


def _check_length(days: int) -> None:
    if days > MOST_DAYS:
        raise BadInput(
            "window_too_long",
            f"By day {MOST_DAYS:,} days are told at most, not {days:,}.",
            field="from",
            days=days,
        )
