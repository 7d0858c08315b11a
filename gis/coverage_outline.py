"""How the outline of a city changed: ground that came, ground that went."""

from __future__ import annotations

from dataclasses import dataclass

import pyproj
import shapely

from gis.polygonal import only_polygons

_ELLIPSOID = pyproj.Geod(ellps="WGS84")
STRAIGHT_DEGREES = 0.001
"""Edges no longer than this, 100 m, are straight in degrees and on the ground alike, to 0.1 mm."""


@dataclass(frozen=True, slots=True)
class OutlineChange:
    """Ground added and removed, and a place (WGS84) in the larger of the two."""

    added_m2: float
    removed_m2: float
    lng: float
    lat: float

    @property
    def moved_m2(self) -> float:
        """All the ground that changed sides."""
        return self.added_m2 + self.removed_m2

    def __str__(self) -> str:
        return f"{self.added_m2:,.0f} m² added and {self.removed_m2:,.0f} m² removed"


def outline_change(before: shapely.Geometry, after: shapely.Geometry) -> OutlineChange | None:
    """Compare two outlines (valid, EPSG:4326); None where they hold the same ground.

    Measured on the ellipsoid: a file in a wrong CRS may lie half a world away, where the
    city's own metric CRS measures nothing.
    """
    added, removed = only_polygons(
        [shapely.difference(after, before), shapely.difference(before, after)]
    )
    added_m2, removed_m2 = _ground_m2(added), _ground_m2(removed)
    if added.is_empty and removed.is_empty:
        return None
    place = shapely.point_on_surface(added if added_m2 >= removed_m2 else removed)
    return OutlineChange(added_m2, removed_m2, place.x, place.y)


def _ground_m2(ground: shapely.Geometry) -> float:
    # An edge is straight in degrees. A geodesic 4 km long swings 18 cm from it, and one
    # with a corner on it does not: without more corners that is 500 m² of no ground.
    ground = shapely.segmentize(ground, STRAIGHT_DEGREES)
    area_m2, _ = _ELLIPSOID.geometry_area_perimeter(shapely.orient_polygons(ground))
    return abs(float(area_m2))
