"""Ground that the grids enclose and none of them covers."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, project
from gis.polygonal import only_polygons

WIDTH_TOLERANCE_M = 0.01


def enclosed_gaps(polygons: Geometries) -> NDArray[np.object_]:
    """Find the holes of the union, each as one polygon; grids lying inside a hole are left out.

    Parameters
    ----------
    polygons
        Valid polygons in degrees. Of a valid coverage the gaps have exactly its vertices.

    Returns
    -------
    numpy.ndarray
        Polygons in degrees. Ground open to the outside is not enclosed and not among them.
    """
    union = shapely.union_all(polygons)
    shells = [shapely.Polygon(part.exterior) for part in shapely.get_parts(union)]
    filled = shapely.union_all(shells)
    gaps = shapely.get_parts(only_polygons([shapely.difference(filled, union)]))
    found: NDArray[np.object_] = gaps[~shapely.is_empty(gaps)]
    return found


def gap_widths_m(gaps: Geometries, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Width of each gap: the diameter of the largest circle that fits into it, to 1 cm.

    The narrow side of a sliver however long it is; `shapely.coverage_clean` measures its
    ``gap_width`` in the same way.
    """
    radii = [
        shapely.length(shapely.maximum_inscribed_circle(gap, WIDTH_TOLERANCE_M / 2))
        for gap in project(gaps, crs)
    ]
    return 2.0 * np.asarray(radii, dtype=np.float64)
