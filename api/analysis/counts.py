"""How many cases there are, by what was asked for: every key is told, also those of no case."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

import numpy as np

from api.access import Account, CaseScope, finest_resolution
from api.analysis.areas import BY_AREA, AreaCounts, Level, Per, count_by_area, count_by_own_area
from api.analysis.regions import Ground, Regions
from api.known_categories import known_categories
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
from gis.store.tile_shapes import area_ids
from gis.store.versions import Version, version_at, version_chain

By = Literal[
    "cell", "grid", "community", "township",
    "category", "kind", "channel", "state", "hour", "weekday", "day",
]  # fmt: skip

OWN: Literal["own"] = "own"
"""The boundary version of each case's own time."""
MOST_DAYS = 3_660
BELOW_COMMUNITY = frozenset({"cell", "grid"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What to count by.

    Parameters
    ----------
    resolution
        Of cells; 0 to 11.
    version
        Number of a boundary version, ``own``, or None for the one in force.
    per
        Rates by this figure, for areas.
    """

    by: By
    resolution: int | None = None
    version: str | None = None
    per: Per | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts by key, zeros too, in the order of the keys.

    ``total`` are all cases of the filter, ``outside`` those in none of the keys. ``shares`` says
    how much of each cell lies in the study region. ``rates`` are cases for one of ``people``,
    smoothed; None where these were not counted. ``withheld`` are categories that are not told
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
    people: Sequence[float | None] | None = None
    rates: Sequence[float | None] | None = None
    withheld: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Who asks, what they see, and when."""

    account: Account
    scope: CaseScope
    now: datetime


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


@dataclass(frozen=True, slots=True)
class Seen:
    """The cases of a filter that the viewer may see counted in this way.

    ``categories`` are the codes of all; ``withheld`` those not told so finely.
    """

    cases: CaseFilter
    categories: Sequence[str]
    withheld: tuple[str, ...]


async def seen_of(
    service: Service, tx: Transaction, viewpoint: Viewpoint, wanted: CaseFilter, asked: Asked
) -> Seen:
    """Narrow a filter to what its viewer may see counted.

    Raises
    ------
    BadInput
        As ``counts_of``.
    """
    _check(asked, viewpoint.account)
    categories = await _check_words(service, tx, wanted)
    withheld = _withheld(viewpoint, wanted, asked)
    seen = viewpoint.scope.narrowed(wanted)
    seen = replace(seen, hidden=tuple(sorted({*seen.hidden, *withheld})))
    return Seen(seen, categories, tuple(sorted(withheld)) if not wanted.categories else ())


async def region_of(
    service: Service,
    regions: Regions,
    tx: Transaction,
    viewpoint: Viewpoint,
    seen: CaseFilter,
    version: Version,
    resolution: int,
) -> CellRegion:
    """The cells of a version within what the viewer sees and the filter draws."""
    (today,) = await service.locators.at(tx, viewpoint.now)
    ground = Ground(version, viewpoint.scope.grids, seen.bbox, seen.within)
    return await regions.of(tx, ground, today, resolution)


def _check(asked: Asked, account: Account) -> None:
    if asked.by == "cell":
        if asked.resolution is None:
            raise BadInput(
                "resolution_missing", "Cells need a resolution, 0 to 11.", field="resolution"
            )
        finest = finest_resolution(account)
        if asked.resolution > finest:
            raise BadInput(
                "resolution_too_fine",
                f"Resolution {asked.resolution} is too fine; {finest} at most.",
                field="resolution",
                resolution=asked.resolution,
            )
    if asked.per is not None and (asked.by not in BY_AREA or asked.version == OWN):
        raise BadInput(
            "per_invalid",
            "Rates are told by grid, community or township of one boundary version.",
            field="per",
        )


async def _check_words(service: Service, tx: Transaction, wanted: CaseFilter) -> list[str]:
    """The codes of all categories, after those asked for are found among them."""
    known = list((await known_categories(tx, service.profile)).by_code)
    for code in wanted.categories:
        if code not in known:
            raise BadInput(
                "category_unknown",
                f"There is no category {code!r}.",
                field="category",
                value=code,
            )
    if wanted.grid is not None and wanted.grid not in await area_ids(tx, "grids"):
        raise BadInput(
            "grid_unknown", f"There is no grid {wanted.grid!r}.", field="grid", value=wanted.grid
        )
    return known


def _withheld(viewpoint: Viewpoint, wanted: CaseFilter, asked: Asked) -> frozenset[str]:
    """Sensitive categories, where what is asked for is finer than a community."""
    area = viewpoint.account.area
    is_fine = (
        asked.by in BELOW_COMMUNITY
        or wanted.bbox is not None
        or bool(wanted.within)
        or wanted.cell is not None
        or wanted.grid is not None
        or (area is not None and area.level == "grid")
    )
    if not is_fine:
        return frozenset()
    for code in wanted.categories:
        if code in viewpoint.scope.sensitive:
            raise BadInput(
                "category_sensitive",
                f"Category {code!r} is counted by community, township or the whole city only.",
                field="category",
                value=code,
            )
    return viewpoint.scope.sensitive


def version_meant(chain: Sequence[Version], asked: Asked, now: datetime) -> Version | None:
    """The version meant; None for a city without one, and for that of each case's own time."""
    if asked.version is None:
        return version_at(chain, now) or (chain[0] if chain else None)
    if asked.version == OWN and asked.by != "cell":
        return None
    for version in chain:
        if str(version.number) == asked.version:
            return version
    raise BadInput(
        "version_unknown",
        f"There is no boundary version {asked.version!r}.",
        field="version",
        value=asked.version,
    )


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
