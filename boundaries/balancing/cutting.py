"""The ground of some grids cut into blocks: along lines where there are some, else straight."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.balancing.chords import Spacing, best_chord
from boundaries.balancing.lines import lines_past_hole, lines_through
from boundaries.balancing.plane import Plane
from boundaries.editing.noding import edges_of, node
from boundaries.editing.patch import Part, Ring, faces_of, parts_of
from boundaries.refusals import Refused
from boundaries.steps import Edge, Shape, Step, edge
from gis.crs import STEPS_PER_DEGREE, objects

KEPT_CORNER_M = 250.0
"""An edge of a parent gets a corner where a cut may begin only where it is longer than that."""
NARROWEST_M = 8.0
LONG = 0.3
"""Polsby and Popper's roundness of a block that is cut however little it weighs: 1 by 8."""
MOST_PLACES = 400
"""Of a block with more places that were counted so many say where it is cut."""


@dataclass(frozen=True, slots=True)
class Fineness:
    """How small blocks become.

    Parameters
    ----------
    weight
        A block that weighs more, and more than one place of it, is cut on.
    share_of_grid
        So is one that has more than this share of its grid's ground.
    least_m2
        No block is smaller, if its grid is not.
    most_blocks
        No part of a grid is cut into more.
    """

    weight: float
    share_of_grid: float = 0.125
    least_m2: float = 600.0
    most_blocks: int = 200


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks that tile grids, every place on the storage grid.

    Attributes
    ----------
    faces
        Polygons in steps of 1e-9 degree.
    grid
        The code of the grid each block lies in.
    fixed
        Edges that stay where they are, of the grids as they were and of lines; for each the
        longer edge of which it is a piece, itself where it is whole.
    """

    faces: list[shapely.Polygon]
    grid: list[str]
    fixed: Mapping[Edge, Edge]


@dataclass(frozen=True, slots=True)
class Weighed:
    """What was counted and where: rows of longitude and latitude in degrees."""

    places: NDArray[np.float64]
    weight: NDArray[np.float64]


def cut_into_blocks(
    grids: Mapping[str, Shape],
    parents: Mapping[str, str],
    lines: Sequence[shapely.LineString],
    weighed: Weighed,
    fineness: Fineness,
) -> Blocks:
    """Cut grids into blocks.

    Lines that run through a grid cut it first; then each block that is too heavy or too large
    is cut straight, from corner to corner, into two compact pieces of like weight, again and
    again. Corners are used where there are some: the outline of a parent gets a new one only
    where a line meets it, or on an edge of more than 250 m.

    Parameters
    ----------
    grids
        Shapes in degrees by code, a valid coverage on the storage grid.
    parents
        The parent of each grid.
    lines
        Roads and waters in degrees.
    """
    parts = {code: parts_of(shape) for code, shape in grids.items()}
    ground = _Ground(_outlines(parts, parents))
    at = weighed.places * STEPS_PER_DEGREE
    counted = _Counted(at, weighed.weight, shapely.STRtree(np.asarray(shapely.points(at))))
    faces: list[shapely.Polygon] = []
    owner: list[str] = []
    for code in sorted(parts):
        polygons = [shapely.Polygon(part[0], part[1:]) for part in parts[code]]
        plane = Plane.around(shapely.MultiPolygon(polygons))
        total_m2 = sum(plane.polygon(polygon).area for polygon in polygons)
        cutter = _Cutter(ground, fineness, plane, total_m2, counted)
        for polygon in polygons:
            found = cutter.cut(polygon, lines)
            faces += found
            owner += [code] * len(found)
    rings = [ring for of_grid in parts.values() for part in of_grid for ring in part]
    whole = edges_of(rings) | ground.of_lines
    fixed = {piece: each for each in whole for piece in ground.now([each])}
    return Blocks([ground.face_now(face) for face in faces], owner, fixed)


def _outlines(parts: Mapping[str, list[Part]], parents: Mapping[str, str]) -> set[Edge]:
    """Edges that are not between two grids of one parent."""
    sides: dict[Edge, list[str]] = {}
    for code, of_grid in parts.items():
        for each in edges_of(ring for part in of_grid for ring in part):
            sides.setdefault(each, []).append(parents[code])
    return {each for each, of in sides.items() if len(of) < 2 or of[0] != of[1]}


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was counted where, in steps."""

    at: NDArray[np.float64]
    weight: NDArray[np.float64]
    tree: shapely.STRtree

    def inside(self, face: shapely.Polygon) -> NDArray[np.int64]:
        found: NDArray[np.int64] = np.sort(self.tree.query(face, "intersects"))
        return found


@dataclass
class _Ground:
    """Edges as they are cut: what has become of each, which follow a line or a parent."""

    outlines: set[Edge]
    pieces: dict[Edge, tuple[Step, ...]] = field(default_factory=dict)
    of_lines: set[Edge] = field(default_factory=set)

    def now(self, edges: Iterable[Edge], also: Mapping[Edge, tuple[Step, ...]] = {}) -> set[Edge]:
        """Edges with all places that they have got by now."""
        found: set[Edge] = set()
        open_edges = list(edges)
        while open_edges:
            each = open_edges.pop()
            run = self.pieces.get(each) or also.get(each)
            if run is None:
                found.add(each)
            else:
                open_edges += [edge(a, b) for a, b in pairwise((each[0], *run, each[1]))]
        return found

    def face_now(self, face: shapely.Polygon) -> shapely.Polygon:
        """A face with the places that its edges have got by now."""
        edges = edges_of(rings_of_face(face))
        now = self.now(edges)
        if now == edges:
            return face
        inner = shapely.point_on_surface(face)
        # Its holes are faces as well.
        return next(each for each in faces_of(now) if each.contains(inner))

    def keep(self, nodes: Mapping[Edge, tuple[Step, ...]]) -> None:
        """Put places on edges for good."""
        for each, run in nodes.items():
            self.pieces[each] = run
            if each in self.outlines:
                self.outlines |= {edge(a, b) for a, b in pairwise((each[0], *run, each[1]))}


@dataclass
class _Cutter:
    """Cuts the parts of one grid."""

    ground: _Ground
    fineness: Fineness
    plane: Plane
    total_m2: float
    counted: _Counted

    def cut(
        self, polygon: shapely.Polygon, lines: Sequence[shapely.LineString]
    ) -> list[shapely.Polygon]:
        """The blocks of one part of the grid."""
        open_faces = [polygon]
        for line in lines_through(polygon, lines, self.plane):
            open_faces = [
                piece for face in open_faces for piece in self._cut(face, [line], is_line=True)
            ]
        # The largest first; the count keeps polygons, which have no order, from being compared.
        waiting = [(-face.area, count, face) for count, face in enumerate(open_faces)]
        heapq.heapify(waiting)
        count = len(waiting)
        done: list[shapely.Polygon] = []
        while waiting and len(done) + len(waiting) < self.fineness.most_blocks:
            _, _, face = heapq.heappop(waiting)
            pieces = self._cut_in_two(face) if self._is_too_big(face) else [face]
            if len(pieces) == 1:
                done.append(face)
                continue
            for piece in pieces:
                heapq.heappush(waiting, (-piece.area, count, piece))
                count += 1
        return [*done, *(face for _, _, face in waiting)]

    def _is_too_big(self, face: shapely.Polygon) -> bool:
        shape = self.plane.polygon(face)
        m2 = shape.area
        if m2 < 2 * self.fineness.least_m2:
            return False
        is_long = 4 * np.pi * m2 < LONG * shape.length**2
        if len(face.interiors) or m2 > self.fineness.share_of_grid * self.total_m2 or is_long:
            return True
        inside = self.counted.inside(face)
        weighs = float(self.counted.weight[inside].sum()) > self.fineness.weight
        return weighs and len(inside) > 1

    def _cut_in_two(self, face: shapely.Polygon) -> list[shapely.Polygon]:
        if len(face.interiors):
            for lines in lines_past_hole(face, self.plane):
                pieces = self._cut(face, lines)
                if len(pieces) > 1:
                    return pieces
            return [face]
        whole = self.ground.face_now(face)
        inside = self.counted.inside(face)
        some = inside[:: 1 + len(inside) // MOST_PLACES]
        side_m = float(np.sqrt(self.plane.polygon(face).area)) / 3
        spacing = Spacing(max(side_m, 15.0), max(side_m, KEPT_CORNER_M), self.fineness.least_m2)
        chord = best_chord(
            whole,
            self.ground.outlines,
            spacing,
            self.plane,
            self.plane.metres(self.counted.at[some]),
            self.counted.weight[some],
        )
        return [face] if chord is None else self._cut(face, [chord])

    def _cut(
        self, face: shapely.Polygon, lines: Sequence[Sequence[Step]], *, is_line: bool = False
    ) -> list[shapely.Polygon]:
        """What a face falls into along lines; the face where a piece would be a sliver."""
        edges = self.ground.now(edges_of(rings_of_face(face)))
        nodes: dict[Edge, tuple[Step, ...]] = {}
        new: set[Edge] = set()
        for line in lines:
            try:
                noded = node(line, edges)
            except Refused:
                return [face]
            nodes |= noded.nodes
            drawn = edges_of([noded.line])
            new |= drawn
            edges = self.ground.now(edges, noded.nodes) | drawn
        pieces = faces_of(edges)
        inner = shapely.point_on_surface(objects(pieces))
        pieces = [each for each, at in zip(pieces, inner, strict=True) if face.contains(at)]
        if len(pieces) < 2 or any(map(self._is_sliver, pieces)):
            return [face]
        self.ground.keep(nodes)
        if is_line:
            self.ground.of_lines |= new
        return pieces

    def _is_sliver(self, face: shapely.Polygon) -> bool:
        ground = self.plane.polygon(face)
        narrow = 2 * ground.area < NARROWEST_M * ground.length
        return narrow or ground.area < self.fineness.least_m2


def rings_of_face(face: shapely.Polygon) -> list[Ring]:
    """The rings of a polygon in steps, as places."""
    return [
        [(int(x), int(y)) for x, y in shapely.get_coordinates(ring)]
        for ring in shapely.get_rings(face)
    ]
