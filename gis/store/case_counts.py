"""How many cases of a filter there are by one key, or by each pair of two.

Every case counts once, at its own point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    DateTime,
    Integer,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.cells import CASE_RESOLUTION, check_resolution
from gis.errors import BadInput
from gis.store.case_cells import cell_of, is_one_of
from gis.store.case_filter import CaseFilter, cases_in
from gis.store.planning import plan_for_values
from gis.store.tables.cases import Case

Word = Literal["category", "kind", "channel", "state"]
Clock = Literal["hour", "weekday", "day", "week"]

_DAYS_BEGIN = date(1970, 1, 1)
NO_GRID = -1
VERSION_BITS = 32


@dataclass(frozen=True, slots=True)
class ByCell:
    """The H3 cell of a resolution that the case's own cell belongs to by its index.

    With ``only`` the cases of other cells are not counted.
    """

    resolution: int
    only: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        check_resolution(self.resolution)
        if self.resolution > CASE_RESOLUTION:
            raise BadInput(
                "resolution_too_fine",
                f"cases have a cell of resolution {CASE_RESOLUTION}, none of {self.resolution}",
                resolution=self.resolution,
            )


@dataclass(frozen=True, slots=True)
class ByTodaysGrid:
    """The id of today's grid, ``NO_GRID`` outside of all."""


@dataclass(frozen=True, slots=True)
class ByOwnGrid:
    """The grid of the case's own time, ``NO_GRID`` outside.

    Its version's id above ``VERSION_BITS``, its own below.
    """


@dataclass(frozen=True, slots=True)
class ByWord:
    """One of the words that a case has."""

    of: Word


@dataclass(frozen=True, slots=True)
class ByClock:
    """When it happened, by the clock of the filter's ``zone``.

    ``hour`` 0 to 23, ``weekday`` 1 (Monday) to 7, ``day`` and ``week`` (its Monday) as days since
    1970-01-01.
    """

    of: Clock


@dataclass(frozen=True, slots=True)
class BySpan:
    """Between which of these instants it happened: how many of them are past, it among them.

    Aware instants in order.
    """

    edges: tuple[datetime, ...]


Key = ByCell | ByTodaysGrid | ByOwnGrid | ByWord | ByClock | BySpan


@dataclass(frozen=True, eq=False)
class Counted:
    """Counts above 0, by aligned columns of keys: int64, or words as objects."""

    keys: tuple[NDArray[Any], ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Placed:
    """Cases by their place: WGS84 degrees, and aligned columns of keys."""

    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    keys: tuple[NDArray[Any], ...]


async def count_by(tx: AsyncConnection, wanted: CaseFilter, *keys: Key) -> Counted:
    """How many cases there are by these keys (one at least), in no order."""
    await plan_for_values(tx)
    case = cases_in(wanted.states)
    columns = [_column(key, wanted, case).label(f"key{at}") for at, key in enumerate(keys)]
    groups = (
        select(*columns, func.count().label("n"))
        .select_from(case)
        .where(*wanted.conditions(case), *_only(keys, case))
        .group_by(*columns)
        .subquery()
    )
    *found, counts = await _columns(tx, groups)
    return Counted(_typed(found, keys), np.array(counts, dtype=np.int64))


async def count_all(tx: AsyncConnection, wanted: CaseFilter) -> int:
    """How many cases there are."""
    await plan_for_values(tx)
    case = cases_in(wanted.states)
    count = select(func.count()).select_from(case).where(*wanted.conditions(case))
    return int((await tx.execute(count)).scalar_one())


async def first_and_last(
    tx: AsyncConnection, wanted: CaseFilter
) -> tuple[datetime, datetime] | None:
    """When the first and the last of the cases happened; None without cases."""
    await plan_for_values(tx)
    case = cases_in(wanted.states)
    ends = (
        select(func.min(case.occurred_at), func.max(case.occurred_at))
        .select_from(case)
        .where(*wanted.conditions(case))
    )
    first, last = (await tx.execute(ends)).one()
    return None if first is None else (first, last)


async def first_occurred(tx: AsyncConnection) -> datetime | None:
    """When the first case on record happened, whatever may be asked for; None without any."""
    found: datetime | None = (await tx.execute(select(func.min(Case.occurred_at)))).scalar_one()
    return found


async def count_of_version(
    tx: AsyncConnection, wanted: CaseFilter, version_id: int, *keys: Key
) -> Counted:
    """As ``count_by``, by grid id first, of the cases that had a grid of this version."""
    await plan_for_values(tx)
    case = cases_in(wanted.states)
    columns = [_column(key, wanted, case).label(f"key{at}") for at, key in enumerate(keys)]
    groups = (
        select(case.grid_id, *columns, func.count().label("n"))
        .select_from(case)
        .where(case.version_id == version_id, *wanted.conditions(case))
        .group_by(case.grid_id, *columns)
        .subquery()
    )
    *found, counts = await _columns(tx, groups)
    return Counted(
        _typed(found, (ByTodaysGrid(), *keys)),
        np.array(counts, dtype=np.int64),
    )


async def other_places(
    tx: AsyncConnection, wanted: CaseFilter, version_id: int, *keys: Key
) -> Placed:
    """Where those cases are that had no grid of this version."""
    await plan_for_values(tx)
    case = cases_in(wanted.states)
    rows = (
        select(
            func.ST_X(case.point).label("lng"),
            func.ST_Y(case.point).label("lat"),
            *(_column(key, wanted, case).label(f"key{at}") for at, key in enumerate(keys)),
        )
        .where(or_(case.version_id.is_(None), case.version_id != version_id))
        .where(*wanted.conditions(case))
        .subquery()
    )
    lng, lat, *found = await _columns(tx, rows)
    return Placed(np.array(lng, dtype=float), np.array(lat, dtype=float), _typed(found, keys))


async def _columns(tx: AsyncConnection, rows: Any) -> list[Sequence[Any]]:
    # One row of arrays: made into rows of their own, 30,000 cells take four times as long.
    arrays = select(*(func.array_agg(column) for column in rows.c))
    return [found or () for found in (await tx.execute(arrays)).one()]


def _typed(columns: Sequence[Sequence[Any]], keys: Sequence[Key]) -> tuple[NDArray[Any], ...]:
    return tuple(
        np.array(column, dtype=object if isinstance(key, ByWord) else np.int64)
        for column, key in zip(columns, keys, strict=True)
    )


def _column(key: Key, wanted: CaseFilter, of: Any) -> Any:
    match key:
        case ByCell(resolution):
            return cell_of(of, resolution)
        case ByTodaysGrid():
            return func.coalesce(of.today_grid_id, NO_GRID)
        case ByOwnGrid():
            version = cast(of.version_id, BigInteger) * literal(1 << VERSION_BITS, BigInteger)
            return func.coalesce(version + of.grid_id, NO_GRID)
        case ByWord(word):
            return getattr(of, word)
        case ByClock(word):
            return _on_clock(word, wanted.local_time(of))
        case BySpan(edges):
            return func.width_bucket(of.occurred_at, cast(edges, ARRAY(DateTime(timezone=True))))


def _only(keys: Sequence[Key], of: Any) -> list[Any]:
    return [
        is_one_of(of, key.resolution, key.only)
        for key in keys
        if isinstance(key, ByCell) and key.only is not None
    ]


def _on_clock(word: Clock, local: Any) -> Any:
    if word in ("hour", "weekday"):
        return cast(func.date_part("hour" if word == "hour" else "isodow", local), Integer)
    day = local if word == "day" else func.date_trunc("week", local)
    return cast(day, Date) - literal(_DAYS_BEGIN, Date)
