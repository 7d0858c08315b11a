"""Ground that the grids enclose and none of them covers."""

from __future__ import annotations

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, project
from gis.polygonal import made_valid

WIDTH_TOLERANCE_M = 0.01


def enclosed_gaps(polygons: Geometries, *, is_coverage: bool = False) -> NDArray[np.object_]:
    """Find the ground that polygons enclose, each gap as one polygon.

    Not only holes of the union: two grids that meet at both ends of their edge but not in
    between enclose a gap too, and it is no hole of either. A grid lying inside a gap is no
    part of it.

    Parameters
    ----------
    polygons
        Valid polygons in degrees.
    is_coverage
        Whether they are known to be a valid coverage: ten times faster, and the gaps have
        exactly its vertices.

    Returns
    -------
    numpy.ndarray
        Polygons in degrees. Ground open to the outside is not enclosed and not among them.
    """
    union = (shapely.coverage_union_all if is_coverage else shapely.union_all)(polygons)
    # The boundary of a union crosses itself nowhere, but rings may touch: uniting the lines
    # splits them there, as polygonize needs it.
    lines = shapely.get_parts(shapely.union_all(shapely.get_parts(shapely.boundary(union))))
    faces: NDArray[np.object_] = shapely.get_parts(shapely.polygonize(lines))
    shapely.prepare(union)
    return faces[~shapely.intersects(union, shapely.point_on_surface(faces))]


def gap_widths_m(gaps: Geometries, crs: pyproj.CRS) -> NDArray[np.float64]:
    """Width of each gap: the diameter of the largest circle that fits into it, to 1 cm.

    The narrow side of a sliver however long it is; `shapely.coverage_clean` measures its
    ``gap_width`` in the same way.
    """
    # A sliver of one storage step may cross itself, or be nothing, once it is projected.
    radii = [
        shapely.length(shapely.maximum_inscribed_circle(gap, WIDTH_TOLERANCE_M / 2))
        if gap.area > 0
        else 0.0
        for gap in made_valid(project(gaps, crs))
    ]
    return 2.0 * np.asarray(radii, dtype=np.float64)
