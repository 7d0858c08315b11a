"""Areas, lengths and shapes, measured in a metric CRS."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, project


def area_m2(geometries: Geometries, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Area in m² of each geometry (degrees), measured in `crs`; NaN for None, 0 for lines."""
    area: NDArray[np.float64] = shapely.area(project(geometries, crs))
    return area


def length_m(geometries: Geometries, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Length in metres of each geometry (degrees); a polygon's perimeter; NaN for None."""
    length: NDArray[np.float64] = shapely.length(project(geometries, crs))
    return length


def polsby_popper(geometries: Geometries, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Compactness 4πA/P² of each polygon: 1 for a circle, towards 0 for a thread.

    NaN where it is undefined: None, an empty geometry, anything without area.
    Polsby and Popper, Yale Law & Policy Review 9 (1991).
    """
    projected = project(geometries, crs)
    area, perimeter = shapely.area(projected), shapely.length(projected)
    defined = (area > 0) & (perimeter > 0)
    score: NDArray[np.float64] = np.full(np.shape(area), np.nan)
    np.divide(4.0 * np.pi * area, perimeter**2, out=score, where=defined)
    return score
