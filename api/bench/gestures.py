"""What a planner's hand draws on a coverage, made up: one of each kind for a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from boundaries.editing.neighbours import neighbours_of
from boundaries.operations import (
    Carve,
    Dissolve,
    Merge,
    MoveCorner,
    MoveStretch,
    Operation,
    Redraw,
    Split,
    Transfer,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from boundaries.draft_coverage import DraftCoverage

LINE_POINTS, AREA_POINTS = 30, 40
"""Of a freehand line or area, after the map thinned it."""
STRETCH_CORNERS = 6
TREMBLE = 0.004
"""Of a hand, as a share of the grid's width."""


def gestures(city: DraftCoverage, code: str, rng: np.random.Generator) -> dict[str, Operation]:
    """An operation of each kind at a grid that has a neighbour, by its name in HTTP.

    A grid too small for a stretch gets none.
    """
    shape = city.grids[code].geometry
    west, south, east, north = shape.bounds
    width = max(east - west, north - south)
    middle = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
    corners = shapely.get_coordinates(shape)
    corner = corners[rng.integers(0, len(corners) - 1)]
    neighbour = next(iter(neighbours_of(city, code)))
    reach = width * rng.uniform(0.1, 0.3)
    wider = shapely.union(shape, _blob(corner, reach / 2))
    drawn: dict[str, Operation] = {
        "split": Split(code, _line(middle, width, rng)),
        "merge": Merge((code, neighbour), allow_community_change=True),
        "move_boundary, a corner": MoveCorner(
            shapely.Point(corner),
            shapely.Point(corner + rng.normal(0, TREMBLE * width, 2)),
            allow_community_change=True,
        ),
        "transfer": Transfer(code, _blob(corner, reach), code, allow_community_change=True),
        "carve, in a grid": Carve(_blob(middle, 0.05 * width), "园区"),
        "carve, of several": Carve(
            _blob(corner, reach / 2), "园区", None, neighbour, allow_community_change=True
        ),
        "dissolve": Dissolve(code, neighbour, allow_community_change=True),
        "redraw": Redraw(code, wider, neighbour, allow_community_change=True),
    }
    stretch = _stretch(shape, city.grids[neighbour].geometry, rng)
    if stretch is not None:
        drawn["move_boundary, a stretch"] = MoveStretch(stretch, allow_community_change=True)
    return drawn


def _line(
    middle: NDArray[np.float64], width: float, rng: np.random.Generator
) -> shapely.LineString:
    """A trembling line through a place, longer than the grid is wide."""
    angle = rng.uniform(0, np.pi)
    along = np.linspace(-1.2, 1.2, LINE_POINTS)[:, None] * width
    straight = middle + along * (np.cos(angle), np.sin(angle))
    return shapely.LineString(straight + rng.normal(0, TREMBLE * width, straight.shape))


def _blob(middle: NDArray[np.float64], reach: float) -> shapely.Polygon:
    """A round area with five bays."""
    turns = np.linspace(0, 2 * np.pi, AREA_POINTS, endpoint=False)
    reaches = reach * (1 + 0.1 * np.sin(5 * turns))
    ring = np.column_stack([np.cos(turns), np.sin(turns)]) * reaches[:, None]
    return shapely.Polygon(middle + ring)


def _stretch(
    one: shapely.Geometry, other: shapely.Geometry, rng: np.random.Generator
) -> shapely.LineString | None:
    """A bulge beside the common edge of two grids, between two of its corners."""
    common = shapely.line_merge(
        shapely.intersection(shapely.boundary(one), shapely.boundary(other))
    )
    corners = shapely.get_coordinates(max(shapely.get_parts(common), key=shapely.length))
    if len(corners) <= STRETCH_CORNERS:
        return None
    first = rng.integers(0, len(corners) - STRETCH_CORNERS)
    start, end = corners[first], corners[first + STRETCH_CORNERS]
    aside = np.array([start[1] - end[1], end[0] - start[0]])
    return shapely.LineString([start, (start + end) / 2 + 0.3 * aside, end])
