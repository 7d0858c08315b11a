"""What is polygonal in the results of an overlay or a repair."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, objects

_POLYGON, _MULTIPOLYGON = 3, 6


def only_polygons(geometries: Geometries) -> NDArray[np.object_]:
    """Keep the polygon parts of each geometry; lines and points of a collection go.

    Returns an object array of Polygon or MultiPolygon, empty where nothing is left.
    """
    found = objects(geometries)
    kinds = shapely.get_type_id(found)
    for index in np.flatnonzero((kinds != _POLYGON) & (kinds != _MULTIPOLYGON)):
        parts = shapely.get_parts(shapely.get_parts(found[index]))
        found[index] = shapely.MultiPolygon(
            [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
        )
    return found


def made_valid(geometries: Geometries) -> NDArray[np.object_]:
    """Make invalid polygons valid, leaving valid ones alone.

    Shells are united and holes subtracted (the ``structure`` method): a stretch of ground
    that a ring goes round twice stays in the grid, where even-odd counting would drop it.
    """
    found = objects(geometries)
    bad = ~shapely.is_valid(found)
    if bad.any():
        fixed = shapely.make_valid(found[bad], method="structure", keep_collapsed=False)
        found[bad] = only_polygons(fixed)
    return found
