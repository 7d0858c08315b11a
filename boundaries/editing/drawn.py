"""What a planner drew, looked at before anything is computed with it."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import GeometryType

from boundaries.refusals import Refused

MOST_PLACES = 5_000
"""Of an area or a line: a freehand one has some hundreds, the largest grids of the demo 600."""
_POLYGONS = ("a Polygon or a MultiPolygon", (GeometryType.POLYGON, GeometryType.MULTIPOLYGON))
KINDS = {
    "area": _POLYGONS,
    "outline": _POLYGONS,
    "line": ("a LineString", (GeometryType.LINESTRING,)),
    "point": ("a Point", (GeometryType.POINT,)),
}
"""What each thing that is drawn has to be, in words and by its types."""


def check_drawn(shape: shapely.Geometry, what: str) -> None:
    """Refuse what is not of the right type, or not in degrees.

    Parameters
    ----------
    what
        One of ``KINDS``.

    Raises
    ------
    Refused
        ``<what>_invalid``; ``coordinates_invalid``: no numbers, or not of a place on earth.
    """
    words, types = KINDS[what]
    if shapely.get_type_id(shape) not in types or shapely.is_empty(shape):
        raise Refused(f"{what}_invalid", f"The {what} has to be {words} that is not empty.")
    places = shapely.get_coordinates(shape)
    if not np.isfinite(places).all():
        raise Refused("coordinates_invalid", f"A coordinate of the {what} is not a number.")
    wrong = np.abs(places) > (180.0, 90.0)
    if wrong.any():
        value = places[wrong][0]
        name = "longitude" if wrong[:, 0].any() else "latitude"
        raise Refused(
            "coordinates_invalid",
            f"{value:g} is no {name}; a coordinate is longitude, then latitude, in degrees.",
        )


def check_size(shape: shapely.Geometry, what: str, most: int = MOST_PLACES) -> None:
    """Refuse what has more points than anybody draws.

    Raises
    ------
    Refused
        ``too_many_points``.
    """
    count = int(shapely.get_num_coordinates(shape))
    if count > most:
        raise Refused(
            "too_many_points",
            f"The {what} has {count:,} points, {most:,} at most.",
            shapely.envelope(shape),
        )
