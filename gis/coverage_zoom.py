"""A coverage drawn coarser for small scales, whole, so that neighbours keep their edge."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import WEB_MERCATOR_SRID, Geometries, project

TILE_UNITS = 4096
TOLERANCE_UNITS = 8  # half a pixel of a 256 pixel tile
_WORLD_M = 2.0 * np.pi * 6378137.0


def simplify_for_zoom(polygons: Geometries, zoom: int) -> NDArray[np.object_]:
    """Simplify a valid coverage for the tiles of one zoom.

    Parameters
    ----------
    polygons
        The coverage in degrees.
    zoom
        Web map zoom, 0 to 30.

    Returns
    -------
    numpy.ndarray
        Polygons in EPSG:3857, in the order given: still a valid coverage, shared edges
        still shared, to half a pixel of the original.
    """
    if not 0 <= zoom <= 30:
        raise ValueError(f"no such zoom: {zoom}")
    mercator = project(polygons, pyproj.CRS.from_epsg(WEB_MERCATOR_SRID))
    tolerance_m = TOLERANCE_UNITS * _WORLD_M / 2**zoom / TILE_UNITS
    simple: NDArray[np.object_] = shapely.coverage_simplify(mercator, tolerance_m)
    return simple
