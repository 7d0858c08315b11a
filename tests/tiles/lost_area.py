"""How far the polygons of a tile are from a coverage."""

from __future__ import annotations

from typing import Any

import shapely

MOST_LOST = 1e-5 * 4096**2
"""Square tile units a tile may lose: rounding moves edges of neighbours apart by a unit."""


def lost_area(polygons: list[Any]) -> float:
    """Overlap and gaps of polygons that should be a coverage, in square tile units."""
    union = shapely.union_all(polygons)
    overlap = sum(polygon.area for polygon in polygons) - union.area
    gaps = sum(
        shapely.Polygon(ring).area for part in shapely.get_parts(union) for ring in part.interiors
    )
    return float(overlap + gaps)
