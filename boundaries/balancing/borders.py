"""Blocks united into parts, and the new borders between parts drawn straight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.balancing.cutting import Blocks, rings_of_face
from boundaries.balancing.plane import Plane
from boundaries.editing.handing_over import united
from boundaries.editing.noding import edges_of
from boundaries.editing.patch import faces_of
from boundaries.steps import Edge, Shape, Step, edge
from gis.crs import objects

SHARPEST_COSINE = float(np.cos(np.radians(25)))
MOST_M2 = 40_000.0
"""Ground that one corner may take with it."""
CLEAR_M = 2.0
"""How near to another corner a straightened border may come."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """What new borders are not to move across: counted at places or over polygons, in steps.

    ``most`` is the weight that a border may yet move from one part to another.
    """

    shapes: NDArray[np.object_]
    weight: NDArray[np.float64]
    most: float


def unite_blocks(
    blocks: Blocks, part: NDArray[np.integer], in_the_way: InTheWay
) -> dict[int, Shape]:
    """The ground of each part, in steps.

    A new border goes straight from end to end as far as nothing that was counted changes hands
    by that. Corners that only the cutting put on older edges are gone again, so an edge at
    which no new border begins is as it was.
    """
    border = _Border.of(blocks, part)
    border.drop_idle_corners()
    border.straighten(in_the_way)
    return _assigned(blocks, part, faces_of(border.edges()))


def _assigned(
    blocks: Blocks, part: NDArray[np.integer], faces: list[shapely.Polygon]
) -> dict[int, Shape]:
    """Whose each face is: of the part that most of the blocks in it are of."""
    inner = shapely.point_on_surface(objects(blocks.faces))
    votes: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    areas = shapely.area(objects(blocks.faces))
    at, of = shapely.STRtree(faces).query(inner, "within")
    for block, face in zip(at.tolist(), of.tolist(), strict=True):
        votes[face][int(part[block])] += float(areas[block])
    mine: dict[int, list[shapely.Polygon]] = defaultdict(list)
    for face, of_face in sorted(votes.items()):
        mine[max(sorted(of_face), key=lambda each: of_face[each])].append(faces[face])
    return {each: united(found) for each, found in sorted(mine.items())}


@dataclass
class _Border:
    """The edges between parts and around them all, as a graph of places.

    ``whole`` says of edges that stay of which longer edge they are pieces.
    """

    near: dict[Step, set[Step]]
    whole: dict[Edge, Edge]
    plane: Plane

    @classmethod
    def of(cls, blocks: Blocks, part: NDArray[np.integer]) -> _Border:
        """The border of parts that are made of blocks."""
        sides: dict[Edge, list[int]] = defaultdict(list)
        for face, mine in zip(blocks.faces, part.tolist(), strict=True):
            for each in edges_of(rings_of_face(face)):
                sides[each].append(mine)
        near: dict[Step, set[Step]] = defaultdict(set)
        for (a, b), of_edge in sides.items():
            if len(of_edge) < 2 or of_edge[0] != of_edge[1]:
                near[a].add(b)
                near[b].add(a)
        plane = Plane.around(shapely.MultiPoint(np.array([*near], dtype=float)))
        return cls(near, dict(blocks.fixed), plane)

    def edges(self) -> set[Edge]:
        """All edges."""
        return {edge(a, b) for a, others in self.near.items() for b in others}

    def _take_out(self, place: Step) -> Edge:
        """Let the two neighbours of a place be neighbours of each other instead."""
        a, b = self.near.pop(place)
        self.near[a] = self.near[a] - {place} | {b}
        self.near[b] = self.near[b] - {place} | {a}
        return edge(a, b)

    def drop_idle_corners(self) -> None:
        """Put pieces of one older edge together again where nothing begins between them."""
        for place in sorted(self.near):
            if len(self.near[place]) != 2:
                continue
            a, b = self.near[place]
            of = self.whole.get(edge(a, place))
            if of is not None and of == self.whole.get(edge(place, b)) and b not in self.near[a]:
                self.whole[self._take_out(place)] = of

    def straighten(self, in_the_way: InTheWay) -> None:
        """Take corners out of new borders, the flattest first."""
        tree = shapely.STRtree(in_the_way.shapes)
        for chain in list(self._new_borders()):
            left = in_the_way.most
            places = list(chain)
            while True:
                found = self._flattest(places, in_the_way, tree, left)
                if found is None:
                    break
                at, weight = found
                left -= weight
                self._take_out(places.pop(at))

    def _new_borders(self) -> Iterator[list[Step]]:
        """Runs of edges that are new, from one place where something else begins to the next."""
        new = {each for each in self.edges() if each not in self.whole}
        ends = {
            place
            for each in new
            for place in each
            if len(self.near[place]) != 2
            or any(edge(place, other) not in new for other in self.near[place])
        }
        for start in sorted(ends):
            for following in sorted(self.near[start]):
                if edge(start, following) not in new:
                    continue
                chain = [start, following]
                while chain[-1] not in ends:
                    ahead = self.near[chain[-1]] - {chain[-2]}
                    chain.append(next(iter(ahead)))
                # Each is walked from both ends, and taken once.
                if chain[0] < chain[-1] or (chain[0] == chain[-1] and chain[1] < chain[-2]):
                    yield chain

    def _flattest(
        self, chain: list[Step], in_the_way: InTheWay, tree: shapely.STRtree, left: float
    ) -> tuple[int, float] | None:
        """The corner whose loss moves the least ground, of those that may go; its weight."""
        at = self.plane.metres(np.array(chain, dtype=float))
        before, here, after = at[:-2], at[1:-1], at[2:]
        one, two = here - before, after - before
        ground = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / 2
        for index in np.argsort(ground, kind="stable").tolist():
            if ground[index] > MOST_M2:
                return None
            triangle = chain[index : index + 3]
            if chain[index] == chain[index + 2] or not self._is_clear(triangle):
                continue
            if self._is_sharp(chain, index + 1):
                continue
            weight = _weight_in(triangle, in_the_way, tree)
            if weight <= left:
                return index + 1, weight
        return None

    def _is_clear(self, triangle: list[Step]) -> bool:
        """Whether no other place of the border lies in a triangle or close to its new side."""
        places = [place for place in self.near if place not in triangle]
        points = shapely.points(self.plane.metres(np.array(places, dtype=float)))
        corners = self.plane.metres(np.array(triangle, dtype=float))
        side = shapely.LineString([corners[0], corners[2]])
        if shapely.dwithin(points, side, CLEAR_M).any():
            return False
        shape = shapely.Polygon(corners)
        return shape.area == 0 or not shapely.intersects(points, shape).any()

    def _is_sharp(self, chain: list[Step], gone: int) -> bool:
        """Whether a border without one of its corners would leave a sharp angle at its ends."""
        for end, beside in ((gone - 1, gone + 1), (gone + 1, gone - 1)):
            here = chain[end]
            others = self.near[here] - {chain[gone]}
            rays = self.plane.metres(np.array([here, chain[beside], *sorted(others)], dtype=float))
            ways = rays[1:] - rays[0]
            ways /= np.hypot(*ways.T)[:, None]
            before = self.plane.metres(np.array([here, chain[gone]], dtype=float))
            was = before[1] - before[0]
            was /= np.hypot(*was)
            if (ways[1:] @ ways[0] > np.maximum(SHARPEST_COSINE, ways[1:] @ was)).any():
                return True
        return False


def _weight_in(triangle: list[Step], in_the_way: InTheWay, tree: shapely.STRtree) -> float:
    """What was counted in a triangle."""
    shape = shapely.Polygon(triangle)
    found = tree.query(shape, "intersects")
    if not len(found):
        return 0.0
    shapes, weight = in_the_way.shapes[found], in_the_way.weight[found]
    areas = shapely.area(shapes)
    common = shapely.area(shapely.intersection(shapes, shape))
    share = np.divide(common, areas, out=np.ones_like(areas), where=areas > 0)
    return float((share * weight).sum())
