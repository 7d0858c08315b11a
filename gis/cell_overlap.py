"""How much of the ground of some cells lies in which polygon."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.cells import Cells, polygons
from gis.crs import Geometries, objects
from gis.measures import area_m2

Floats = NDArray[np.float64]


def overlap_m2(cells: Cells, places: Geometries, crs: pyproj.CRS) -> Floats:
    """Area in m² that each polygon (degrees) has in common with the cells, laid together.

    Ground under two cells counts once: a cell and one of its children may both be told.
    """
    # The outlines of the coarsest cells, as wide as a continent, cross themselves in degrees.
    ground = _around_the_globe(shapely.union_all(shapely.make_valid(polygons(cells))))
    of_places = objects(places)
    shared = np.zeros(len(of_places))
    touched = np.flatnonzero(shapely.intersects(of_places, ground))
    if len(touched):
        shared[touched] = area_m2(shapely.intersection(of_places[touched], ground), crs)
    return shared


def _around_the_globe(ground: shapely.Geometry) -> shapely.Geometry:
    """What lies beyond 180 degrees brought to where places have it."""
    if shapely.bounds(ground)[2] > 180:
        beyond = shapely.transform(ground, lambda at: at - np.array([360.0, 0.0]))
        ground = shapely.union(ground, beyond)
    shapely.prepare(ground)
    return ground
