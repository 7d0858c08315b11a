"""The plane in which the edges of a file are straight, measured in metres.

An edge is straight between its two ends, in the coordinates it is written in. Brought into
others its middle lies elsewhere: 1 cm for 1 km of a Gauss-Krüger edge at 30° north, 1 m for
10 km. So what is drawn onto an edge is looked for where the edge was straight when it was
drawn: in the file's own coordinates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, objects
from gis.errors import BadInput

Places = NDArray[np.float64]
"""Two columns: degrees, or metres of a plane."""
Bring = Callable[[Places], Places]

_ELLIPSOID = pyproj.Geod(ellps="WGS84")
_STEP_DEGREES = 1e-3
"""100 m: the scale of a projection changes by less than 1e-5 over it."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Coordinates of a file, turned and stretched so that near a place a unit is a metre.

    Parameters
    ----------
    bring
        Brings WGS84 longitudes and latitudes to the file's coordinates.
    metres
        2 x 2 matrix: metres to the east and north of one unit of the file's x and y.
    """

    bring: Bring
    metres: Places

    @classmethod
    def near(cls, lng: float, lat: float, bring: Bring | None = None) -> Plane:
        """The plane of coordinates around a place; of longitude and latitude by default.

        Raises
        ------
        BadInput
            ``crs_wrong``: the coordinates are of no use there.
        """
        bring = bring or _as_it_is
        around = np.array([(lng, lat), (lng + _STEP_DEGREES, lat), (lng, lat + _STEP_DEGREES)])
        file = bring(around)
        units = np.column_stack([file[1] - file[0], file[2] - file[0]])
        east, north = (
            _ELLIPSOID.inv(lng, lat, lng + dx, lat + dy)[2]
            for dx, dy in ((_STEP_DEGREES, 0.0), (0.0, _STEP_DEGREES))
        )
        if not np.isfinite(units).all() or not np.linalg.det(units):
            raise BadInput("crs_wrong", f"the file's CRS is not used at {lng:.3f}, {lat:.3f}")
        return cls(bring, np.diag([east, north]) @ np.linalg.inv(units))

    def lay(self, degrees: Places) -> Places:
        """Longitudes and latitudes as metres of the plane."""
        if not len(degrees):
            return degrees
        laid: Places = self.bring(degrees) @ self.metres.T
        return laid

    def lay_shapes(self, shapes: Geometries) -> NDArray[np.object_]:
        """Geometries in degrees as geometries of the plane."""
        laid: NDArray[np.object_] = shapely.transform(objects(shapes), self.lay)
        return laid

    def lift(self, metres: Places) -> Places:
        """Metres of the plane of longitude and latitude in degrees again."""
        lifted: Places = metres @ np.linalg.inv(self.metres).T
        return lifted

    def lift_shape(self, shape: shapely.Geometry) -> Any:
        """A geometry of the plane of longitude and latitude in degrees again."""
        return shapely.transform(shape, self.lift)


def _as_it_is(degrees: Places) -> Places:
    return degrees
