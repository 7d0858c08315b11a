"""Cities made up for the finder: rain of cases with rhythms, and stories put into it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.city_cases import CityCases

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOW = np.datetime64("2026-11-20T14:07:00", "s")  # a Friday
MIDNIGHT = NOW.astype("M8[D]") + np.timedelta64(1, "D")
LNG, LAT = 121.15, 30.05
EAST_M, NORTH_M = 111_195 * float(np.cos(np.radians(LAT))), 111_195.0
SIDE_M = 9_000.0
OUTLINE = shapely.box(LNG - 0.05, LAT - 0.05, LNG + 0.05, LAT + 0.05)
WEEKS = 52
CATEGORIES = tuple("abcdef")


@dataclass(frozen=True, eq=False)
class MadeUp:
    """Cases by metres east and north of the middle and hours before the end of today."""

    category: Ints
    x_m: Floats
    y_m: Floats
    hours_ago: Floats

    def cases(self) -> CityCases:
        occurred = MIDNIGHT.astype("M8[s]") - np.ceil(self.hours_ago * 3600).astype("m8[s]")
        lng, lat = LNG + self.x_m / EAST_M, LAT + self.y_m / NORTH_M
        return CityCases(self.category, CATEGORIES, lng, lat, occurred)

    def and_also(self, other: MadeUp) -> MadeUp:
        both = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("category", "x_m", "y_m", "hours_ago")
        }
        return replace(self, **both)


def rain(rng: np.random.Generator, count: int = 6_000) -> MadeUp:
    """Cases of six categories: at spots and anywhere, each at its own hours, seasons and places."""
    category = rng.choice(len(CATEGORIES), count, p=rng.dirichlet(np.full(len(CATEGORIES), 5.0)))
    spots = rng.uniform(-SIDE_M / 2, SIDE_M / 2, (2, 40, len(CATEGORIES)))
    often = rng.dirichlet(np.full(40, 0.7))
    spot = rng.choice(40, count, p=often)
    at_spot = rng.random(count) < 0.6
    x_m, y_m = (
        np.where(
            at_spot,
            side[spot, category] + rng.normal(0, 30, count),
            rng.uniform(-SIDE_M / 2, SIDE_M / 2, count),
        )
        for side in spots
    )
    # A peak of the day and a peak of the year for each.
    hour = (3.0 * category + 8 + rng.normal(0, 3, count)) % 24
    day = np.floor((rng.beta(1 + category % 3, 1 + category % 2, count)) * 7 * WEEKS)
    return MadeUp(category, x_m, y_m, day * 24 + hour)


def moody(rng: np.random.Generator, city: MadeUp, phi: float) -> MadeUp:
    """A quarter of the cases: each category on each 300 m has moods of 13 weeks, varying by phi."""
    square = np.floor(np.column_stack([city.x_m, city.y_m]) / 300)
    season = city.hours_ago // (13 * 168)
    kinds = np.column_stack([square, city.category, season])
    kind = np.unique(kinds, axis=0, return_inverse=True)[1].ravel()
    mood = rng.gamma(1 / phi, phi, kind.max() + 1)[kind]
    kept = rng.random(len(mood)) < mood / 4
    return MadeUp(city.category[kept], city.x_m[kept], city.y_m[kept], city.hours_ago[kept])


def told_again(rng: np.random.Generator, city: MadeUp, times: float) -> MadeUp:
    """Each case told on average so many times more within hours of it."""
    again = np.repeat(np.arange(len(city.category)), rng.poisson(times, len(city.category)))
    return city.and_also(
        MadeUp(
            city.category[again],
            city.x_m[again] + rng.normal(0, 10, len(again)),
            city.y_m[again] + rng.normal(0, 10, len(again)),
            np.maximum(city.hours_ago[again] - rng.exponential(1.0, len(again)), 0.01),
        )
    )


def growing(rng: np.random.Generator, at: tuple[float, float], count: int, weeks: int) -> MadeUp:
    """Category ``a``, more every week, within some 150 m."""
    ago = (1 - np.sqrt(rng.random(count))) * weeks * 168
    x_m, y_m = rng.normal(0, 80, (2, count)) + np.array(at)[:, None]
    return MadeUp(np.zeros(count, dtype=np.int64), x_m, y_m, ago + 0.01)


def returning(rng: np.random.Generator, at: tuple[float, float], weeks: int) -> MadeUp:
    """Category ``b`` at one door on Saturday and Sunday mornings, 8 to 10."""
    # Today is a Friday: five days ago ended the Sunday.
    days = np.array([[7 * week + 5, 7 * week + 6] for week in range(weeks)]).ravel()
    hours_ago = (days + 1) * 24 - rng.uniform(8, 10, len(days))
    x_m, y_m = rng.normal(0, 15, (2, len(days))) + np.array(at)[:, None]
    return MadeUp(np.ones(len(days), dtype=np.int64), x_m, y_m, hours_ago)


def wandering(rng: np.random.Generator, at: tuple[float, float], weeks: int) -> MadeUp:
    """Category ``c`` on six evenings a week, 200 m further east each week; ends at ``at``."""
    week = np.repeat(np.arange(weeks), 6)
    day = np.tile(np.arange(6), weeks)
    hours_ago = (week * 7 + day + 1) * 24 - rng.uniform(20, 23, len(week))
    x_m, y_m = rng.normal(0, 20, (2, len(week))) + np.array(at)[:, None]
    return MadeUp(np.full(len(week), 2), x_m - 200.0 * week, y_m, hours_ago)
