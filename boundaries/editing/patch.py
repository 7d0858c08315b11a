"""A few grids of a coverage taken apart into rings of whole steps."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.noding import edges_of
from boundaries.steps import Edge, Shape, Step, to_degrees

Ring = list[Step]
"""Closed: the first place is the last."""
Part = list[Ring]
"""The shell and its holes."""


@dataclass(frozen=True, slots=True)
class Patch:
    """The parts of some grids, by code; ``noded`` are those that got places on their edges."""

    parts: Mapping[str, list[Part]]
    noded: frozenset[str] = frozenset()

    @classmethod
    def of(cls, coverage: DraftCoverage, codes: Iterable[str]) -> Patch:
        """The patch of some grids of a coverage."""
        return cls({code: parts_of(coverage.grids[code].geometry) for code in codes})

    def rings(self, codes: Iterable[str] | None = None) -> Iterator[Ring]:
        """Every ring of some grids, of all where none are named."""
        for code in self.parts if codes is None else codes:
            for part in self.parts[code]:
                yield from part

    def edges(self, codes: Iterable[str] | None = None) -> set[Edge]:
        """The edges of some grids, of all where none are named."""
        return edges_of(self.rings(codes))

    def with_nodes(self, nodes: Mapping[Edge, Sequence[Step]]) -> Patch:
        """The patch with places put on edges, in every ring that has the edge."""
        if not nodes:
            return self
        between = {each: list(run) for each, run in nodes.items()}
        between |= {(b, a): run[::-1] for (a, b), run in between.items()}
        parts: dict[str, list[Part]] = {}
        noded = set(self.noded)
        for code, of_code in self.parts.items():
            parts[code] = [[_with_nodes(ring, between) for ring in part] for part in of_code]
            if parts[code] != of_code:
                noded.add(code)
        return Patch(parts, frozenset(noded))

    def moved(self, place: Step, to: Step) -> Patch:
        """The patch with one place put elsewhere, in every ring that has it."""
        parts = {
            code: [
                [[to if each == place else each for each in ring] for ring in part]
                for part in of_code
            ]
            for code, of_code in self.parts.items()
        }
        changed = {code for code in parts if parts[code] != self.parts[code]}
        return Patch(parts, self.noded | changed)

    def polygon(self, code: str) -> Shape:
        """A grid's geometry in steps."""
        return polygon_of(self.parts[code])

    def codes_at(self, place: Step) -> list[str]:
        """The grids with a corner at a place."""
        return [code for code in self.parts if any(place in ring for ring in self.rings([code]))]

    def codes_of(self, wanted: Edge) -> list[str]:
        """The grids on the two sides of an edge; one where it is on the outline."""
        return [
            code
            for code in self.parts
            if any(wanted in edges_of([ring]) for ring in self.rings([code]))
        ]


def parts_of(geometry: shapely.Geometry) -> list[Part]:
    """The rings of a geometry in degrees, as places."""
    parts = []
    for polygon in shapely.get_parts(geometry):
        rings = []
        for ring in shapely.get_rings(polygon):
            steps = np.rint(shapely.get_coordinates(ring) * 1e9).astype(np.int64).tolist()
            rings.append([(x, y) for x, y in steps])
        parts.append(rings)
    return parts


def polygon_of(parts: Sequence[Part]) -> Shape:
    """A Polygon, or a MultiPolygon of several parts, in steps."""
    polygons = [_polygon(part) for part in parts]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _polygon(part: Part) -> shapely.Polygon:
    rings: list[Any] = [shapely.linearrings(np.asarray(ring, dtype=float)) for ring in part]
    polygon: shapely.Polygon = shapely.polygons(rings[0], rings[1:] or None)
    return polygon


def in_degrees(parts: Sequence[Part]) -> Shape:
    """As :func:`polygon_of`, as it is stored."""
    return to_degrees(polygon_of(parts))


def faces_of(edges: Collection[Edge]) -> list[shapely.Polygon]:
    """The faces that noded edges enclose, in steps, in an order of their own.

    Ends that lead nowhere fall away. Sorted by the lowest place of the face, so that the
    same edges always give the same faces in the same order.
    """
    lines = np.asarray(shapely.linestrings(np.asarray(sorted(edges), dtype=float)))
    faces = shapely.get_parts(shapely.normalize(shapely.polygonize(lines)))
    return sorted(faces, key=lambda face: (face.bounds, shapely.get_coordinates(face).tolist()))


def _with_nodes(ring: Ring, between: Mapping[tuple[Step, Step], list[Step]]) -> Ring:
    longer: Ring = []
    for a, b in itertools.pairwise(ring):
        longer.append(a)
        longer += between.get((a, b), ())
    longer.append(ring[-1])
    return longer
