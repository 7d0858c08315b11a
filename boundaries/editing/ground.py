"""The faces that an area cuts the grids around it into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.draft_coverage import Box, DraftCoverage
from boundaries.editing.drawn import check_drawn, check_size
from boundaries.editing.noding import edges_of, node
from boundaries.editing.patch import Patch, Ring, faces_of, parts_of, polygon_of
from boundaries.refusals import Refused
from boundaries.steps import (
    Shape,
    Step,
    places,
    to_degrees,
    without_repeats,
)
from gis.crs import STEPS_PER_DEGREE, objects

AIR = 1e-7
"""Degrees, 1 cm: how far beyond an area grids may get places on their edges."""

Owners = list[str | None]
"""For each face the code of its grid; None outside the city."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Grids cut by an area into faces.

    ``owners`` and ``inside`` are in step with ``faces`` (polygons in steps): whose the face
    is now, and whether it lies in the area.
    """

    patch: Patch
    faces: list[shapely.Polygon]
    owners: Owners
    inside: NDArray[np.bool_]

    @property
    def taken(self) -> list[int]:
        """The faces of grids that lie in the area."""
        return [at for at, owner in enumerate(self.owners) if owner is not None and self.inside[at]]


def cut(coverage: DraftCoverage, area: shapely.Geometry, also: Iterable[str] = ()) -> Ground:
    """Cut the grids around an area by its edges.

    Parameters
    ----------
    area
        Polygon or MultiPolygon in degrees, as a planner drew it.
    also
        Grids to take into the patch wherever they are.

    Raises
    ------
    Refused
        ``area_invalid``, ``coordinates_invalid``, ``too_many_points``, ``line_tangled``.
    """
    check_drawn(area, "area")
    check_size(area, "area")
    parts = rings_of(area)
    if any(len(ring) < 4 for part in parts for ring in part):
        raise Refused("area_invalid", "The area is smaller than the grid of coordinates.", area)
    drawn = polygon_of(parts)
    if not shapely.is_valid(drawn):
        reason = shapely.is_valid_reason(drawn).split("[")[0]
        raise Refused(
            "area_invalid",
            f"The area crosses or touches itself, or is too thin ({reason}).",
            shapely.boundary(to_degrees(drawn)),
        )
    return cut_along(coverage, parts, drawn, also)


def cut_along(
    coverage: DraftCoverage, parts: list[list[Ring]], drawn: Shape, also: Iterable[str] = ()
) -> Ground:
    """Cut the grids around an area by its rings.

    Parameters
    ----------
    drawn
        The same area in steps, valid: it says what lies inside where its rings, brought to
        corners near by, touch themselves.

    Raises
    ------
    Refused
        ``line_tangled``.
    """
    west, south, east, north = (shapely.bounds(drawn) / STEPS_PER_DEGREE).tolist()
    box: Box = (west - AIR, south - AIR, east + AIR, north + AIR)
    patch = Patch.of(coverage, sorted({*coverage.meeting(box), *also}))
    patch, noded = _noded(patch, parts)
    brought = _polygon_of(noded)
    shape = brought if brought is not None and shapely.is_valid(brought) else drawn
    faces = faces_of(patch.edges() | {each for part in noded for each in edges_of(part)})
    owners = owners_of(patch, faces)
    inside = np.zeros(len(faces), dtype=bool)
    within = shapely.STRtree([shape]).query(points_in(faces), "within")[0]
    inside[within] = True
    return Ground(patch, faces, owners, inside)


def owners_of(patch: Patch, faces: Sequence[shapely.Polygon]) -> Owners:
    """Whose each face is."""
    codes = list(patch.parts)
    owners: Owners = [None] * len(faces)
    tree = shapely.STRtree([patch.polygon(code) for code in codes])
    for face, grid in zip(*tree.query(points_in(faces), "within").tolist(), strict=True):
        owners[face] = codes[grid]
    return owners


def points_in(faces: Sequence[shapely.Polygon]) -> NDArray[np.object_]:
    """A point inside each face."""
    points: NDArray[np.object_] = shapely.point_on_surface(objects(faces))
    return points


def rings_of(area: shapely.Geometry) -> list[list[Ring]]:
    """The rings of an area's parts in steps, repeated places dropped."""
    return [[without_repeats(ring) for ring in part] for part in parts_of(area)]


def _noded(patch: Patch, parts: list[list[Ring]]) -> tuple[Patch, list[list[Ring]]]:
    """Patch and rings with common places; a ring may run along one that came before it."""
    done: dict[tuple[int, int], Ring] = {}
    for number, part in enumerate(parts):
        for hole, ring in enumerate(part):
            found = node(ring, patch.edges() | edges_of(done.values()))
            patch = patch.with_nodes(found.nodes)
            rings = Patch({"": [[each] for each in done.values()]}).with_nodes(found.nodes)
            done = dict(zip(done, rings.rings(), strict=True))
            done[number, hole] = list(found.line)
    return patch, [
        [done[number, hole] for hole in range(len(part))] for number, part in enumerate(parts)
    ]


def _polygon_of(parts: Sequence[Sequence[Ring]]) -> Shape | None:
    """The area within rings, perhaps invalid; None where a ring has become a line."""
    if any(len(ring) < 4 for part in parts for ring in part):
        return None
    return polygon_of([list(part) for part in parts])


def place_in_degrees(step: Step) -> shapely.Point:
    """A place to look at."""
    return shapely.Point(step[0] / STEPS_PER_DEGREE, step[1] / STEPS_PER_DEGREE)


def line_places(line: shapely.Geometry, least: int = 2) -> list[Step]:
    """The places of a planner's line, checked.

    Raises
    ------
    Refused
        ``line_invalid``, ``coordinates_invalid``, ``too_many_points``, ``line_crosses_itself``.
    """
    check_drawn(line, "line")
    check_size(line, "line")
    path = places(line)
    if len(path) < least:
        raise Refused("line_invalid", "The line has no length.")
    if not shapely.is_simple(shapely.LineString(np.asarray(path, dtype=float))):
        raise Refused("line_crosses_itself", "The line crosses itself.", line)
    return path
