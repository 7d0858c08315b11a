"""Reports by the hour of their receipt: today's, and what is usual for such a day."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.case_filter import CaseFilter
from gis.store.tables.cases import Case, Report

HOURS, MINUTES = 24, 24 * 60
# The usual range: the least and the most of these many same weekdays before.
USUAL_WEEKS = 8
# With fewer there is no range: of three days two can be odd.
LEAST_WEEKS = 4
# A day that is over changes when a case is released, or history is imported: seldom.
KEPT_S = 600.0
# One takes 6 kB; 500 are those of 60 viewers with scopes of their own.
KEPT_DAYS = 500


@dataclass(frozen=True, slots=True)
class Today:
    """Reports received since midnight, by hour of the city's clock.

    ``usual`` is the least and the most of each hour, ``usual_so_far`` of the whole day up to
    this time of day; None where fewer than four of the eight weeks before are recorded.
    """

    by_hour: Sequence[int]
    usual: Sequence[tuple[int, int]] | None
    usual_so_far: tuple[int, int] | None


class PastDays:
    """Reports by minute of days that are over, kept for ten minutes. For one city only.

    Of those kept for longer one is read again at a time, the oldest first: with a million
    reports the eight together would take a quarter of a second.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[date, CaseFilter], tuple[float, NDArray[np.int32]]]
        self._kept = OrderedDict()

    async def by_minute(
        self, tx: AsyncConnection, wanted: CaseFilter, days: Sequence[date], zone: ZoneInfo
    ) -> NDArray[np.int32]:
        """A row of 1,440 minutes for each day."""
        now = self._clock()
        found = {day: self._kept.get((day, wanted)) for day in days}
        old = {day: kept[0] for day, kept in found.items() if kept and kept[0] < now - KEPT_S}
        missing = [day for day, kept in found.items() if kept is None]
        missing = missing or sorted(old, key=lambda day: old[day])[:1]
        for day, counts in zip(
            missing, await received_by_minute(tx, wanted, missing, zone), strict=True
        ):
            found[day] = self._kept[day, wanted] = now, counts
        while len(self._kept) > KEPT_DAYS:
            self._kept.popitem(last=False)
        return np.array([kept[1] for kept in found.values() if kept is not None])


async def reports_today(
    tx: AsyncConnection, wanted: CaseFilter, past: PastDays, *, now: datetime, zone: ZoneInfo
) -> Today:
    """Today's reports of a filter's cases, beside the same weekday of the past eight weeks.

    Weeks before the city's first case are none; ``wanted.states`` is not looked at.
    """
    wanted = replace(wanted, states=())
    local = now.astimezone(zone)
    first: datetime | None = (
        await tx.execute(select(func.min(Case.occurred_at)))
    ).scalar_one_or_none()
    before = [local.date() - timedelta(weeks=week) for week in range(1, USUAL_WEEKS + 1)]
    recorded = [day for day in before if first is not None and first <= _starts(day, zone)]
    (today,) = await received_by_minute(tx, wanted, [local.date()], zone)
    by_hour = _by_hour(today).tolist()
    if len(recorded) < LEAST_WEEKS:
        return Today(by_hour, None, None)
    usual = await past.by_minute(tx, wanted, recorded, zone)
    so_far = usual[:, : local.hour * 60 + local.minute + 1].sum(axis=1)
    hours = _by_hour(usual)
    return Today(
        by_hour,
        list(zip(hours.min(axis=0).tolist(), hours.max(axis=0).tolist(), strict=True)),
        (int(so_far.min()), int(so_far.max())),
    )


async def received_by_minute(
    tx: AsyncConnection, wanted: CaseFilter, days: Sequence[date], zone: ZoneInfo
) -> NDArray[np.int32]:
    """Reports received in each minute of the city's clock: a row of 1,440 for each day.

    An hour that a clock shows twice holds both.
    """
    counts = np.zeros((len(days), MINUTES), dtype=np.int32)
    if not days:
        return counts
    received = (
        select(Report.received_at, Report.case_number)
        .where(
            or_(
                *(
                    (Report.received_at >= _starts(day, zone))
                    & (Report.received_at < _starts(day + timedelta(days=1), zone))
                    for day in days
                )
            )
        )
        .subquery()
    )
    minute = func.date_trunc("minute", func.timezone(zone.key, received.c.received_at))
    rows = await tx.execute(
        select(minute, func.count())
        .select_from(received)
        .join(Case, Case.number == received.c.case_number)
        .where(*wanted.conditions())
        .group_by(minute)
    )
    row_of = {day: row for row, day in enumerate(days)}
    for at, n in rows:
        counts[row_of[at.date()], at.hour * 60 + at.minute] = n
    return counts


def _by_hour(by_minute: NDArray[np.int32]) -> NDArray[np.int64]:
    hours: NDArray[np.int64] = by_minute.reshape(*by_minute.shape[:-1], HOURS, 60).sum(axis=-1)
    return hours


def _starts(day: date, zone: ZoneInfo) -> datetime:
    """The instant a day of the city's calendar begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
