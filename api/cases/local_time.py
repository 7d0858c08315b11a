"""Local times of a zone to UTC, for whole arrays.

Python's zones convert one time at a time (about 1 µs). Here the zone's changes
of offset are found once and the array is searched in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Instants = NDArray[np.datetime64]
"""datetime64[us], UTC."""

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeFlag(IntEnum):
    """What was remarkable about a time; ``word`` is None for nothing."""

    NONE = 0
    CLIENT_TIME_REFUSED = 1
    AMBIGUOUS_HOUR = 2
    MISSING_HOUR = 3

    @property
    def word(self) -> str | None:
        """As stored in ``reports.time_flag``."""
        return self.name.lower() if self else None


@dataclass(frozen=True)
class _Offsets:
    """Changes of a zone's offset: at ``at[i]`` from ``seconds[i]`` to ``seconds[i + 1]``."""

    at: NDArray[np.int64]
    seconds: NDArray[np.int64]


def local_to_utc(wall: Instants, zone: ZoneInfo) -> tuple[Instants, NDArray[np.uint8]]:
    """UTC instants of local times, and a `TimeFlag` for each.

    An hour that the clock shows twice is its first occurrence. An hour that the
    clock skips moves forward by what was skipped, as PEP 495 reads ``fold=0``:
    02:30 in a gap of one hour is 03:30.

    Parameters
    ----------
    wall
        datetime64[us] as shown by the clock, of the years 1900 to 2099
        (outside them the zone's first or last offset is taken); no NaT.
    """
    offsets = _offsets(zone)
    before, after = offsets.seconds[:-1], offsets.seconds[1:]
    seconds = wall.astype("datetime64[s]").astype(np.int64)
    # The new offset holds once the clock has passed both readings of the change.
    change = np.searchsorted(offsets.at + np.maximum(before, after), seconds, side="right")
    utc = wall - offsets.seconds[change].astype("timedelta64[s]")

    flag = np.zeros(wall.shape, np.uint8)
    if before.size:
        coming = np.minimum(change, before.size - 1)
        between = (change < before.size) & (
            seconds >= (offsets.at + np.minimum(before, after))[coming]
        )
        back = (after < before)[coming]
        flag[between & back] = TimeFlag.AMBIGUOUS_HOUR
        flag[between & ~back] = TimeFlag.MISSING_HOUR
    return utc.astype("datetime64[us]"), flag


@lru_cache(maxsize=8)
def _offsets(zone: ZoneInfo) -> _Offsets:
    """Every change from 1900 to 2100, to the second; two changes in one day are not looked for."""
    first = int((datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
    last = int((datetime(_LAST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
    at: list[int] = []
    seconds = [_offset(zone, first)]
    for day in range(first, last, 86_400):
        if _offset(zone, day + 86_400) != seconds[-1]:
            at.append(_bisect(zone, day, day + 86_400))
            seconds.append(_offset(zone, day + 86_400))
    return _Offsets(np.array(at, np.int64), np.array(seconds, np.int64))


def _bisect(zone: ZoneInfo, low: int, high: int) -> int:
    old = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == old else (low, middle)
    return high


def _offset(zone: ZoneInfo, second: int) -> int:
    offset = (_EPOCH + timedelta(seconds=second)).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0
