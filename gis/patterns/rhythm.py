"""The clock of cases: at which hours of which weekdays they come more often, or less.

Seven weekdays by 24 hours of the local wall clock. A window of ten days has some weekdays twice,
and where the clock is put forward an hour is missing: each hour of the week is held against how
long the window really had it. Given how many cases there are, chance alone would deal them out by
that; the tail of each hour is the binomial one, or, where cases come in bursts, the negative
binomial one with ``phi`` times the variance, ``phi`` being how much the same hour of the week
differs from week to week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betainc

from gis.patterns.dispersion import dispersions
from gis.patterns.false_discovery import benjamini_hochberg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Instants = NDArray[np.datetime64]

DAYS, HOURS = 7, 24
# 1970 began on one.
_THURSDAY = 3
_QUARTER = np.timedelta64(15, "m")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time on the clocks of a place.

    Parameters
    ----------
    start, end
        Instants in UTC; the end is not part of it.
    zone
        Whose wall clock the hours are of.
    """

    start: np.datetime64
    end: np.datetime64
    zone: tzinfo

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"a window from {self.start} to {self.end} is none")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Tables of 7 weekdays, Monday first, by 24 hours.

    Parameters
    ----------
    counts
        Cases.
    hours
        How many hours the window had of it: 2 of the doubled hour where the clock is put back.
    expected
        Cases if all hours of the window were alike.
    p
        Two-sided, twice the smaller tail; NaN where the window never had this hour.
    q
        Least rate of false discoveries, over all hours of the week, at which this one stands out.
    phi
        Variance over mean of the same hour from week to week, from 1 on; 1 where the window is
        no longer than a week.
    lack
        No case lies in the window: every ``p`` and ``q`` is NaN.
    """

    counts: Ints
    hours: Floats
    expected: Floats
    p: Floats
    q: Floats
    phi: Floats
    lack: bool

    def stands_out(self, level: float = 0.05) -> NDArray[np.int8]:
        """1 where there are more cases than at other hours, -1 where fewer, 0 where it is open."""
        side = np.sign(self.counts - self.expected)
        return np.where(self.q <= level, side, 0).astype(np.int8)


def rhythm(
    instants: Instants, window: Window, looked_at: NDArray[np.bool_] | None = None
) -> Rhythm:
    """Count cases by weekday and hour, and find the hours that stand out.

    Parameters
    ----------
    instants
        When the cases happened, in UTC; those outside the window are left out.
    looked_at
        7 by 24: hours of the week that are asked about, all unless given. The window has none of
        the others, and cases in them are left out.
    """
    inside = instants[(instants >= window.start) & (instants < window.end)]
    first = _local_days(np.array([window.start]), window.zone)[0][0]
    day, hour = _local_days(inside, window.zone)
    if looked_at is not None:
        is_asked = looked_at[(day + _THURSDAY) % DAYS, hour]
        inside, day, hour = inside[is_asked], day[is_asked], hour[is_asked]
    days = 1 + int(_local_days(np.array([window.end]), window.zone)[0][0] - first)
    slots = days * HOURS
    counts = np.bincount((day - first) * HOURS + hour, minlength=slots)
    lasted = _exposure(window, first, slots)
    weekday = (first + np.arange(days) + _THURSDAY) % DAYS
    group = (weekday[:, None] * HOURS + np.arange(HOURS)).ravel()
    if looked_at is not None:
        lasted = lasted * looked_at.ravel()[group]
    found = np.bincount(group, weights=counts, minlength=DAYS * HOURS)
    hours: Floats = np.bincount(group, weights=lasted, minlength=DAYS * HOURS).astype(np.float64)
    phi = dispersions(counts, lasted, group, DAYS * HOURS)
    share = hours / max(hours.sum(), 1e-12)
    p = np.full(DAYS * HOURS, np.nan)
    if len(inside):
        seen = share > 0
        p[seen] = _two_tails(found[seen], float(len(inside)), share[seen], phi[seen])
    week = (DAYS, HOURS)
    return Rhythm(
        counts=found.astype(np.int64).reshape(week),
        hours=hours.reshape(week),
        expected=(share * len(inside)).reshape(week),
        p=p.reshape(week),
        q=benjamini_hochberg(p).reshape(week),
        phi=phi.reshape(week),
        lack=not len(inside),
    )


def _local_days(instants: Instants, zone: tzinfo) -> tuple[Ints, Ints]:
    """Days since 1970 and hours of the wall clock."""
    local = pd.DatetimeIndex(instants.astype("M8[s]"), tz="UTC").tz_convert(zone)
    seconds = local.tz_localize(None).to_numpy().astype("M8[s]").astype(np.int64)
    day, rest = np.divmod(seconds, 86_400)
    return day, rest // 3_600


def _exposure(window: Window, first: int, slots: int) -> Floats:
    """Hours of the window in each hour of each local day.

    Clocks differ from UTC by whole quarters of an hour, and are put forward or back at one, so a
    quarter lies in one hour of one day.
    """
    start, end = window.start.astype("M8[s]"), window.end.astype("M8[s]")
    quarter = _QUARTER.astype("m8[s]")
    grid = np.arange(start - (start - np.datetime64(0, "s")) % quarter + quarter, end, quarter)
    begins = np.concatenate([[start], grid])
    lasts = np.diff(np.append(begins, end)).astype(float) / 3_600
    day, hour = _local_days(begins, window.zone)
    lasted: Floats = np.bincount(
        (day - first) * HOURS + hour, weights=lasts, minlength=slots
    ).astype(np.float64)
    return lasted


def _two_tails(found: Floats, total: float, share: Floats, phi: Floats) -> Floats:
    above, below = np.ones(len(found)), np.ones(len(found))
    rain = phi == 1
    some, rest = rain & (found > 0), rain & (found < total) & (share < 1)
    above[some] = betainc(found[some], total - found[some] + 1, share[some])
    below[rest] = betainc(total - found[rest], found[rest] + 1, 1 - share[rest])
    # In bursts: mean m, variance phi m, so the size is m / (phi - 1) and the chance 1 - 1 / phi.
    burst, some = ~rain, ~rain & (found > 0)
    size = share * total / np.where(rain, 1.0, phi - 1)
    above[some] = betainc(found[some], size[some], 1 - 1 / phi[some])
    below[burst] = betainc(size[burst], found[burst] + 1, 1 / phi[burst])
    p: Floats = np.minimum(1.0, 2 * np.minimum(above, below))
    return p
