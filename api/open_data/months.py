"""Months of a city's calendar: where they begin, and when one may be told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def month_named(word: str) -> date | None:
    """The first day of the month written YYYY-MM; None for anything else."""
    found = _MONTH.fullmatch(word)
    if found is None or found[1] == "0000":
        return None
    return date(int(found[1]), int(found[2]), 1)


def name_of(month: date) -> str:
    """A month as YYYY-MM."""
    return f"{month.year:04}-{month.month:02}"


def month_after(month: date) -> date:
    """The first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def begin_of(month: date, zone: ZoneInfo) -> datetime:
    """The instant a month begins by the clock of ``zone``, in UTC."""
    return datetime(month.year, month.month, 1, tzinfo=zone).astimezone(UTC)


def months_over(first: datetime, now: datetime, zone: ZoneInfo, wait_days: int) -> Iterator[date]:
    """The months from that of ``first`` on that ended ``wait_days`` before ``now`` or earlier."""
    local = first.astimezone(zone)
    month = date(local.year, local.month, 1)
    while begin_of(following := month_after(month), zone) + timedelta(days=wait_days) <= now:
        yield month
        month = following
