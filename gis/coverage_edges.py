"""The lines of a coverage, each drawn once and at its highest level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, objects
from gis.errors import BadInput

CITY_LEVEL, GRID_LEVEL = "city", "grid"


@dataclass(frozen=True, slots=True)
class Edges:
    """Lines between the junctions of a coverage and, in step, the level of each."""

    lines: NDArray[np.object_]
    level: NDArray[np.str_]


def edges(polygons: Geometries, levels: Mapping[str, Sequence[str]]) -> Edges:
    """Extract each edge of a valid coverage once, with its highest level.

    A line runs from junction to junction, so it has the same grids on its two sides all
    along. It is ``city`` on the outline and round declared holes, else the first level
    whose codes differ between the two sides, else ``grid``.

    Parameters
    ----------
    polygons
        A valid coverage in any CRS; its coordinates are kept.
    levels
        The upper levels from high to low with each polygon's code, for instance
        ``{"township": [...], "community": [...]}``.

    Returns
    -------
    Edges
        LineStrings in the CRS of the polygons; closed where an edge is a ring of its own.

    Raises
    ------
    BadInput
        ``coverage_invalid`` when more than two rings share a segment.
    """
    start, end, owner = ring_segments(polygons)
    vertices = np.unique(np.concatenate([start, end]))
    keys = segment_keys(vertices, start, end)
    order = np.argsort(keys, kind="stable")
    keys, first, sides = np.unique(keys[order], return_index=True, return_counts=True)
    if sides.max(initial=0) > 2:
        raise BadInput("coverage_invalid", "more than two polygons share one edge")
    one = owner[order[first]]
    other = np.where(sides == 2, owner[order[np.minimum(first + 1, len(order) - 1)]], -1)
    level = _levels(one, other, levels)
    pairs = np.stack([vertices[keys // len(vertices)], vertices[keys % len(vertices)]], axis=1)
    segments = np.stack([pairs.real, pairs.imag], axis=-1)
    merged = shapely.line_merge(shapely.multilinestrings(segments))
    lines: NDArray[np.object_] = shapely.get_parts(merged)
    points, line = shapely.get_coordinates(lines, return_index=True)
    at = np.searchsorted(line, np.arange(len(lines)))
    leading = segment_keys(vertices, _complex(points[at]), _complex(points[at + 1]))
    return Edges(lines, level[np.searchsorted(keys, leading)])


def ring_segments(
    polygons: Geometries,
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.intp]]:
    """Start and end of each segment of all rings, and the polygon (its index) it belongs to.

    A point is a complex number, so that numpy sorts points by x, then y.
    """
    parts, part_owner = shapely.get_parts(objects(polygons), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    flat = _complex(points)
    inside = (ring[1:] == ring[:-1]) & (flat[1:] != flat[:-1])
    return flat[:-1][inside], flat[1:][inside], part_owner[ring_part[ring[:-1][inside]]]


def _complex(points: NDArray[np.float64]) -> NDArray[np.complex128]:
    # Adding 0.0 makes the two zeros one.
    flat: NDArray[np.complex128] = (points[:, 0] + 0.0) + 1j * (points[:, 1] + 0.0)
    return flat


def segment_keys(
    vertices: NDArray[np.complex128],
    start: NDArray[np.complex128],
    end: NDArray[np.complex128],
) -> NDArray[np.int64]:
    """One number per segment, the same in both directions; ``vertices`` are all points, sorted."""
    a, b = np.searchsorted(vertices, start), np.searchsorted(vertices, end)
    return np.minimum(a, b).astype(np.int64) * len(vertices) + np.maximum(a, b)


def _levels(
    one: NDArray[np.intp], other: NDArray[np.intp], levels: Mapping[str, Sequence[str]]
) -> NDArray[np.str_]:
    names = [CITY_LEVEL, *levels, GRID_LEVEL]
    rank = np.full(len(one), len(names) - 1)
    for index, codes in reversed(list(enumerate(levels.values(), start=1))):
        labels = np.unique(np.asarray(codes, dtype=str), return_inverse=True)[1]
        rank[labels[one] != labels[other]] = index
    rank[other < 0] = 0
    found: NDArray[np.str_] = np.asarray(names)[rank]
    return found
