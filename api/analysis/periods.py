"""The period a question is about, and the one before it, by the city's calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import numpy as np

from gis.errors import BadInput
from gis.store.case_filter import CaseFilter

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Period:
    """``[start, stop)``, aware instants, on the clock of ``zone``."""

    start: datetime
    stop: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, wanted: CaseFilter) -> Period:
        """The period of a filter that has both ends.

        Raises
        ------
        BadInput
            ``window_missing`` or ``window_empty``.
        """
        start, stop = wanted.occurred_from, wanted.occurred_to
        for field, instant in (("from", start), ("to", stop)):
            if instant is None:
                raise BadInput("window_missing", f"{field} is missing.", field=field)
        if start is None or stop is None or stop <= start:
            raise BadInput("window_empty", "to must lie after from.", field="to")
        return cls(start, stop, ZoneInfo(wanted.zone))

    @property
    def before(self) -> Period:
        """As many whole days just before; of hours, as many of the clock.

        Raises
        ------
        BadInput
            ``time_invalid``: it would begin before the year 1.
        """
        if all(_begins_a_day(each, self.zone) for each in (self.start, self.stop)):
            # Not by the clock: where it is set forward at midnight, a day begins at one.
            days = self.last_day + DAY - self.first_day
            return replace(
                self, start=beginning_of(self.first_day - days, self.zone), stop=self.start
            )
        start, stop = (_local(each, self.zone) for each in (self.start, self.stop))
        try:
            first = instant_of(start - (stop - start), self.zone)
            if not (start < stop and first < self.start):
                # In the nights that a clock is set it may show no time passed, or skip the first.
                first = self.start - (self.stop - self.start)
        except OverflowError:
            raise _out_of_time() from None
        return replace(self, start=first, stop=self.start)

    @property
    def first_day(self) -> np.datetime64:
        """The first whole day."""
        day = _day(self.start, self.zone)
        return day if _begins_a_day(self.start, self.zone) else np.datetime64(day + DAY)

    @property
    def last_day(self) -> np.datetime64:
        """The last whole day."""
        return np.datetime64(_day(self.stop, self.zone) - DAY)

    def told(self) -> tuple[str, str]:
        """Both ends: a day where one begins there, else an instant with its zone."""
        start, stop = (_told(each, self.zone) for each in (self.start, self.stop))
        return start, stop


def instant_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a clock shows this; the first where it does so twice."""
    return local.replace(tzinfo=zone).astimezone(UTC)


def beginning_of(day: np.datetime64, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day begins.

    Raises
    ------
    BadInput
        ``time_invalid``: outside of the years 1 to 9999.
    """
    day_of_calendar = day.astype("M8[D]").item()
    try:
        return instant_of(datetime.combine(day_of_calendar, time()), zone)
    except (TypeError, OverflowError):
        # numpy has days that the calendar has not, as numbers.
        raise _out_of_time() from None


def _out_of_time() -> BadInput:
    return BadInput(
        "time_invalid",
        "The period, the one before it and all steps must lie in the years 1 to 9999.",
        field="from",
    )


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    try:
        return instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise _out_of_time() from None


def _day(instant: datetime, zone: ZoneInfo) -> np.datetime64:
    return np.datetime64(_local(instant, zone), "D")


def _begins_a_day(instant: datetime, zone: ZoneInfo) -> bool:
    return beginning_of(_day(instant, zone), zone) == instant


def _told(instant: datetime, zone: ZoneInfo) -> str:
    if _begins_a_day(instant, zone):
        return str(_day(instant, zone))
    return instant.astimezone(zone).isoformat()
