"""The plane the demo city is laid out in: metres, with its streets straight.

Streets are cut as straight lines here and bend gently on the ground, because the
way between the two planes is a smooth shift: slow waves by the seed, so small that
no two places change their order (the steepest slope stays below 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from api.demo import drawn

Points = NDArray[np.float64]

ORIGIN_LNG, ORIGIN_LAT = drawn.CENTRE
METRES_PER_LAT = 110_850.0
METRES_PER_LNG = 111_320.0 * float(np.cos(np.radians(ORIGIN_LAT)))
# Wavelength and height of the shift in metres: the bend of a road, the crook of a lane.
WAVES_M = ((9_000.0, 420.0), (4_300.0, 150.0), (1_500.0, 28.0), (700.0, 7.0))
INVERTING_STEPS = 24
ROUND_DECIMALS = 7


def metres(degrees: Points) -> Points:
    """Longitude, latitude → metres east and north of the centre."""
    return (degrees - (ORIGIN_LNG, ORIGIN_LAT)) * (METRES_PER_LNG, METRES_PER_LAT)


def degrees(ground: Points) -> Points:
    """Metres east and north of the centre → longitude, latitude."""
    return ground / (METRES_PER_LNG, METRES_PER_LAT) + (ORIGIN_LNG, ORIGIN_LAT)


@dataclass(frozen=True)
class Plane:
    """The shift between layout and ground; made by ``drawn_by``."""

    wave: NDArray[np.float64]  # rows: kx, ky (rad/m), phase, shift east, shift north (m)

    @classmethod
    def drawn_by(cls, rng: np.random.Generator) -> Self:
        """Two waves of each length, in directions by chance."""
        rows = []
        for length_m, height_m in WAVES_M:
            for _ in range(2):
                along, push = rng.uniform(0, 2 * np.pi, 2)
                k = 2 * np.pi / length_m
                rows.append(
                    (k * np.cos(along), k * np.sin(along), rng.uniform(0, 2 * np.pi),
                     height_m / 2 * np.cos(push), height_m / 2 * np.sin(push))
                )  # fmt: skip
        return cls(np.array(rows))

    @property
    def most_bent(self) -> float:
        """The sharpest bend that a straight line of the layout can have on the ground, in 1/m."""
        wave_number = np.hypot(self.wave[:, 0], self.wave[:, 1])
        height_m = np.hypot(self.wave[:, 3], self.wave[:, 4])
        return float((wave_number**2 * height_m).sum())

    def to_ground(self, layout: Points) -> Points:
        """Layout metres → longitude, latitude."""
        return degrees(layout + self._shift(layout))

    def from_ground(self, lng_lat: Points) -> Points:
        """Longitude, latitude → layout metres, to less than a millimetre."""
        ground = metres(lng_lat)
        layout = ground.copy()
        for _ in range(INVERTING_STEPS):
            layout = ground - self._shift(layout)
        return layout

    def lay_out(self, line: Points, step_m: float) -> Points:
        """A line or ring in degrees as layout metres, with a corner at least every ``step_m``."""
        dense = shapely.segmentize(shapely.LineString(line), step_m / METRES_PER_LNG)
        return self.from_ground(shapely.get_coordinates(dense))

    def put_down(self, geometries: NDArray[np.object_]) -> NDArray[np.object_]:
        """Geometries of the layout in degrees, rounded to 1e-7 (1 cm)."""
        laid: NDArray[np.object_] = shapely.transform(
            geometries, lambda layout: np.round(self.to_ground(layout), ROUND_DECIMALS)
        )
        return laid

    def _shift(self, layout: Points) -> Points:
        sine = np.sin(layout @ self.wave[:, :2].T + self.wave[:, 2])
        return np.asarray(sine @ self.wave[:, 3:5])
