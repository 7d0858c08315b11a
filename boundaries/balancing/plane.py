"""Metres around a place, in which blocks are cut; nothing is stored in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.steps import Step, without_repeats
from gis.crs import STEPS_PER_DEGREE

_DEGREE_M = 111_320.0


@dataclass(frozen=True, slots=True)
class Plane:
    """Straight where degrees are straight; lengths are right to 1 % for some kilometres."""

    origin: Step

    @classmethod
    def around(cls, shape: shapely.Geometry) -> Plane:
        """The plane around the middle of a shape in steps."""
        west, south, east, north = shapely.bounds(shape).tolist()
        return cls((round((west + east) / 2), round((south + north) / 2)))

    @property
    def _metres_a_step(self) -> NDArray[np.float64]:
        lat = np.radians(self.origin[1] / STEPS_PER_DEGREE)
        return np.array([_DEGREE_M * np.cos(lat), _DEGREE_M]) / STEPS_PER_DEGREE

    def metres(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows of places in steps, in metres."""
        moved: NDArray[np.float64] = (steps - np.array(self.origin, dtype=float)) * (
            self._metres_a_step
        )
        return moved

    def steps(self, metres: NDArray[np.float64]) -> list[Step]:
        """Rows of places in metres, as steps, repeats dropped."""
        places = np.rint(metres / self._metres_a_step) + np.array(self.origin, dtype=float)
        return without_repeats((int(x), int(y)) for x, y in places)

    def polygon(self, steps: shapely.Polygon) -> shapely.Polygon:
        """A polygon in steps, in metres."""
        moved: shapely.Polygon = shapely.transform(steps, self.metres)
        return moved
