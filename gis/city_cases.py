"""The cases of a city as a finder reads them: in a plane, in weeks ago, occasions told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.patterns.occasions import is_new_occasion
from gis.patterns.scan_windows import SLOT_H, spans_of
from gis.scan_signals import Moments

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Of a sphere of the earth's mean radius: over a city right to half a percent.
METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, eq=False)
class CityCases:
    """Cases of a city.

    Parameters
    ----------
    category
        Position of each case's category in ``categories``.
    lng, lat
        Degrees.
    occurred
        By the city's wall clock.
    """

    category: Ints
    categories: Sequence[str]
    lng: Floats
    lat: Floats
    occurred: NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of a place near by, good for one city."""

    lng: float
    lat: float

    def to_metres(self, lng: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Degrees to metres."""
        east = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return (lng - self.lng) * east, (lat - self.lat) * METRES_PER_DEGREE

    def to_degrees(self, x_m: float, y_m: float) -> tuple[float, float]:
        """Metres to degrees."""
        east = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return self.lng + x_m / east, self.lat + y_m / METRES_PER_DEGREE


@dataclass(frozen=True, eq=False)
class TodaysCases:
    """Cases within the city up to today, in order of time.

    Parameters
    ----------
    hours
        Since the midnight today began with.
    week
        How many weeks ago, 0 for those that end with today.
    day, hour
        Weekday, Monday 0, and hour of the day.
    is_occasion
        False for a case that tells of what another told shortly before.
    """

    category: Ints
    lng: Floats
    lat: Floats
    x_m: Floats
    y_m: Floats
    hours: Floats
    week: Ints
    day: Ints
    hour: Ints
    is_occasion: Flags
    today: np.datetime64
    plane: Plane

    @classmethod
    def of(
        cls,
        cases: CityCases,
        outline: shapely.Geometry,
        now: np.datetime64,
        *,
        near_m: float,
        within_h: float,
    ) -> TodaysCases:
        """Cases in the outline (degrees) and not after the day of ``now``."""
        shapely.prepare(outline)
        today = now.astype("M8[D]")
        at = cases.occurred.astype("M8[s]")
        inside = shapely.contains_xy(outline, cases.lng, cases.lat) & (at.astype("M8[D]") <= today)
        rows = np.flatnonzero(inside)
        rows = rows[np.argsort(at[rows], kind="stable")]
        category, at = cases.category[rows].astype(np.int64), at[rows]
        lng, lat = cases.lng[rows], cases.lat[rows]
        middle = shapely.centroid(outline)
        plane = Plane(float(shapely.get_x(middle)), float(shapely.get_y(middle)))
        x_m, y_m = plane.to_metres(lng, lat)
        date = at.astype("M8[D]")
        hours = (at - today.astype("M8[s]")).astype(np.int64) / 3600.0
        return cls(
            category=category,
            lng=lng,
            lat=lat,
            x_m=x_m,
            y_m=y_m,
            hours=hours,
            week=(today - date).astype(np.int64) // 7,
            day=(date.astype(np.int64) + 3) % 7,  # 1970 began on a Thursday.
            hour=(at - date.astype("M8[s]")).astype(np.int64) // 3600,
            is_occasion=is_new_occasion(category, x_m, y_m, hours, near_m=near_m,
                                        within_h=within_h),
            today=today,
            plane=plane,
        )  # fmt: skip

    def moments(self, categories: int) -> Moments:
        """The occasions as a scan takes them."""
        new = self.is_occasion
        week = self.week[new]
        times = (week, spans_of(week), self.day[new], self.hour[new] // SLOT_H)
        return Moments(self.category[new], categories, self.lng[new], self.lat[new], times)

    def of_category(self, category: int) -> TodaysCases:
        """Those of one category."""
        rows = np.flatnonzero(self.category == category)
        columns = {
            field.name: getattr(self, field.name)[rows]
            for field in fields(self)
            if field.name not in ("today", "plane")
        }
        return replace(self, **columns)
