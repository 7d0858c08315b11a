"""Two periods that are compared: how long each was, and its whole weeks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from api.analysis.periods import Period, beginning_of
from gis.errors import BadInput
from gis.patterns.steps import Step, Steps
from gis.store.case_filter import CaseFilter

MOST_DAYS = 3_660
WEEKS_FROM_DAYS = 28
"""Bursts are told from week to week in periods of four weeks or more, else from day to day."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two periods; ``before_days`` and ``after_days`` have passed of them."""

    before: Period
    after: Period
    before_days: float
    after_days: float

    @classmethod
    def of(
        cls, wanted: CaseFilter, before: tuple[datetime | None, datetime | None], now: datetime
    ) -> Compared:
        """The filter's period and another; without ends, as many days just before.

        Raises
        ------
        BadInput
            ``window_missing``, ``window_empty``, ``window_too_long``, ``periods_overlap``.
        """
        after = Period.of(wanted)
        other = _period_before(after, *before)
        for field, period in (("from", after), ("before_from", other)):
            days = (period.stop - period.start).days
            if days > MOST_DAYS:
                raise BadInput(
                    "window_too_long",
                    f"Periods of {MOST_DAYS:,} days at most are compared, not of {days:,}.",
                    field=field,
                    days=days,
                )
        return cls(other, after, days_passed(other, now), days_passed(after, now))


def _period_before(after: Period, start: datetime | None, stop: datetime | None) -> Period:
    if start is None and stop is None:
        return after.before
    for field, instant in (("before_from", start), ("before_to", stop)):
        if instant is None:
            raise BadInput("window_missing", f"{field} is missing.", field=field)
    if start is None or stop is None or stop <= start:
        raise BadInput("window_empty", "before_to must lie after before_from.", field="before_to")
    if stop > after.start:
        raise BadInput("periods_overlap", "before_to must not lie after from.", field="before_to")
    return replace(after, start=start, stop=stop)


def days_passed(period: Period, now: datetime) -> float:
    """How much of a period has passed, by the clock on the wall; all of it where none has.

    A day on which the clock is changed is one as well.
    """
    passed = _until(period, now)
    start, stop = (
        each.astimezone(period.zone).replace(tzinfo=None) for each in (passed.start, passed.stop)
    )
    # An hour that the clock leaves out, or shows twice, may be all there is.
    return max((stop - start).total_seconds() / 86_400, 1e-9)


def whole_steps(period: Period, now: datetime) -> list[tuple[datetime, datetime]]:
    """Whole weeks, or days, of what has passed of a period, first and last instants."""
    passed = _until(period, now)
    if passed.last_day < passed.first_day:
        return []
    step: Step = "week" if days_passed(period, now) >= WEEKS_FROM_DAYS else "day"
    steps = Steps.until(passed.last_day, passed.first_day, step)
    edges = [beginning_of(day, period.zone) for day in (*steps.starts, steps.end)]
    return list(pairwise(edges))


def _until(period: Period, now: datetime) -> Period:
    return replace(period, stop=now) if period.start < now < period.stop else period
