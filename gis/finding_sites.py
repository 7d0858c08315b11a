"""From signals to sites: what touches is one thing, told by one circle."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.city_cases import TodaysCases
from gis.patterns.circles import Circle, closest_circle
from gis.patterns.scan_windows import Block
from gis.patterns.unrest import log_tail_of_unrest, unrest
from gis.scan_signals import Signal

Flags = NDArray[np.bool_]

# From so many discs, this far apart, the circle of a site is sought.
_STARTS, _APART_M = 12, 150.0
# How restless a city is, is seen on squares of this side.
_SQUARE_M = 1_000.0
# A quarter of the week's 168 hours.
_FEW_HOURS = 42


@dataclass(frozen=True, slots=True)
class Site:
    """Signals of a category that touch: a circle and hours; ``log_p`` is that of the strongest."""

    circle: Circle
    block: Block | None
    log_p: float

    def is_near(self, known: TodaysCases) -> Flags:
        """Which cases lie in the circle."""
        away_m = np.hypot(known.x_m - self.circle.x_m, known.y_m - self.circle.y_m)
        near: Flags = away_m <= self.circle.radius_m
        return near

    def is_then(self, known: TodaysCases) -> Flags:
        """Which cases fall into the weeks and hours."""
        return (known.week < self.circle.weeks) & is_in_hours(known, self.block)

    def is_all_along(self, known: TodaysCases) -> bool:
        """Whether it began too near to the first case to say that it did."""
        return self.circle.weeks > _most_weeks(known)

    @property
    def has_few_hours(self) -> bool:
        """Whether it has hours of the week that are no more than a quarter of it."""
        return self.block is not None and self.block.hours_a_week <= _FEW_HOURS


@dataclass(frozen=True, slots=True)
class _Disc:
    """A signal in the plane."""

    signal: Signal
    x_m: float
    y_m: float

    def away_m(self, x_m: float, y_m: float) -> float:
        return math.hypot(self.x_m - x_m, self.y_m - y_m)

    def touches(self, x_m: float, y_m: float, radius_m: float) -> bool:
        return self.away_m(x_m, y_m) < radius_m + self.signal.radius_m


def sites_of(known: TodaysCases, signals: list[Signal]) -> list[Site]:
    """Sites of one category that do not touch each other.

    Parameters
    ----------
    known
        The cases of the category.
    signals
        Its signals, the strongest first.
    """
    x_m, y_m = known.plane.to_metres(
        np.array([signal.lng for signal in signals]), np.array([signal.lat for signal in signals])
    )
    discs = [_Disc(*one) for one in zip(signals, x_m.tolist(), y_m.tolist(), strict=True)]
    sites: list[Site] = []
    while discs:
        lead = discs[0]
        about = (lead.x_m, lead.y_m, lead.signal.radius_m)
        circle, block = max(
            (
                (_circle(known, start), start.signal.window.block)
                for start in _starts([disc for disc in discs if disc.touches(*about)])
            ),
            key=lambda tried: tried[0].ratio,
        )
        # The far end of what was found already is no second thing.
        if not any(_touch(circle, site.circle) for site in sites):
            sites.append(Site(circle, block, lead.signal.log_p))
        found = (circle.x_m, circle.y_m, circle.radius_m)
        discs = [disc for disc in discs if not disc.touches(*found) and not disc.touches(*about)]
    return sites


def log_p_of_unrest(known: TodaysCases, site: Site, sites: list[Site]) -> float:
    """Log tail of a site's occasions, were it as restless as the rest of the city was then.

    The other sites of the category are no measure of the rest.
    """
    new = known.is_occasion
    near, then = site.is_near(known)[new], site.is_then(known)[new]
    elsewhere = ~np.any([one.is_near(known)[new] for one in sites], axis=0)
    square = np.floor(np.column_stack([known.x_m, known.y_m])[new][elsewhere] / _SQUARE_M)
    _, place = np.unique(square, axis=0, return_inverse=True)
    phi = unrest(np.bincount(place[then[elsewhere]], minlength=place.max(initial=-1) + 1),
                 np.bincount(place))  # fmt: skip
    return log_tail_of_unrest(int((near & then).sum()), expected_count(near, then), phi)


def expected_count(near: Flags, then: Flags) -> float:
    """How many would be near and then, by what is near at other times and then elsewhere."""
    # One more of each: a place that never had any expects a little.
    here, there = int((near & ~then).sum()) + 1, int((~near & then).sum()) + 1
    return here * there / (int((~near & ~then).sum()) + 1)


def is_in_hours(known: TodaysCases, block: Block | None) -> Flags:
    """Which cases fall into hours of the week, all of them without a block."""
    if block is None:
        return np.ones(len(known.week), dtype=bool)
    return block.holds(known.day, known.hour)


def _starts(discs: list[_Disc]) -> list[_Disc]:
    starts: list[_Disc] = []
    for disc in discs:
        if len(starts) == _STARTS:
            break
        block = disc.signal.window.block
        alike = (other for other in starts if other.signal.window.block == block)
        if all(disc.away_m(other.x_m, other.y_m) >= _APART_M for other in alike):
            starts.append(disc)
    return starts


def _circle(known: TodaysCases, start: _Disc) -> Circle:
    new = known.is_occasion
    block = start.signal.window.block
    return closest_circle(
        known.x_m[new],
        known.y_m[new],
        known.week[new],
        is_in_hours(known, block)[new],
        (start.x_m, start.y_m),
        int(known.week.max()) + 1 if block else _most_weeks(known),
    )


def _most_weeks(known: TodaysCases) -> int:
    """The last weeks that leave a quarter of the time to be held against."""
    return max(1, (int(known.week.max()) + 1) * 3 // 4)


def _touch(one: Circle, other: Circle) -> bool:
    away_m = math.hypot(one.x_m - other.x_m, one.y_m - other.y_m)
    return away_m < one.radius_m + other.radius_m
