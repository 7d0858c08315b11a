"""A straight cut through a face, from corner to corner, that leaves two compact pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.balancing.plane import Plane
from boundaries.steps import Edge, Step, edge

MOST_PLACES = 40
"""Places of a ring between which cuts are tried, 780 of them."""
MOST_LOOKED_AT = 24
"""The best cuts that are looked at until one lies inside."""
SHARPEST_SINE = float(np.sin(np.radians(32)))
CLEAR_M = 4.0
"""How far a cut keeps from the corners that it passes."""
HOUSE_M = 8.0
"""A cut this near to where something was counted runs through it."""
EVENNESS, NEW_CORNER, STRAIGHT_ON, THROUGH_HOUSES = 0.5, 0.08, 0.1, 0.5

Points = NDArray[np.float64]
"""Rows of x, y in metres."""


class Chord(NamedTuple):
    """A cut between two places of a face's ring."""

    start: Step
    end: Step


@dataclass(frozen=True, slots=True)
class Spacing:
    """How near to each other cuts may begin, and on what.

    Attributes
    ----------
    corner_m
        Edges longer than one and a half times this get corners where a cut may begin.
    kept_corner_m
        The same for edges that are to keep their corners if that can be.
    least_m2
        No piece is smaller.
    """

    corner_m: float
    kept_corner_m: float
    least_m2: float


def best_chord(
    face: shapely.Polygon,
    outlines: set[Edge],
    spacing: Spacing,
    plane: Plane,
    points: Points,
    weight: NDArray[np.float64],
) -> Chord | None:
    """The cut that leaves the two most compact pieces of like weight; None where there is none.

    Parameters
    ----------
    face
        A polygon without holes, in steps.
    outlines
        Edges that get a corner only where they are long.
    points, weight
        What was counted inside the face, and where (metres).
    """
    ring = _ring_with_places(face, outlines, spacing, plane)
    at, here = ring.metres, ring.chosen
    one, other = (here[index] for index in np.triu_indices(len(here), 1))
    apart = at[other] - at[one]
    length = np.hypot(apart[:, 0], apart[:, 1])
    area, around = _left_of(at, one, other)
    whole_m2, whole_m = abs(area[0][-1]), around[0][-1]
    left_m2, left_m = area[1], around[1] + length
    right_m2, right_m = whole_m2 - left_m2, whole_m - around[1] + length
    compact = np.minimum(left_m2 / left_m**2, right_m2 / right_m**2) * (4 * np.pi)
    even, through = _parted(at, one, other, left_m2 / whole_m2, points, weight)
    sine, straight = _angles(at, one, other)
    score = (
        compact
        + EVENNESS * even
        + STRAIGHT_ON * straight
        - THROUGH_HOUSES * through
        - NEW_CORNER * (ring.is_new[one].astype(float) + ring.is_new[other])
    )
    fits = (
        (np.minimum(left_m2, right_m2) >= spacing.least_m2)
        & (sine >= SHARPEST_SINE)
        & (length > CLEAR_M)
    )
    if not fits.any():
        return None
    order = np.flatnonzero(fits)
    order = order[np.argsort(-score[order], kind="stable")][:MOST_LOOKED_AT]
    inside = _lies_inside(at, one[order], other[order])
    found = order[inside]
    if not len(found):
        return None
    best = int(found[0])
    return Chord(ring.steps[int(one[best])], ring.steps[int(other[best])])


class _Ring(NamedTuple):
    """A ring, counter-clockwise and open, with places between its corners."""

    steps: list[Step]
    metres: Points
    is_new: NDArray[np.bool_]
    chosen: NDArray[np.int64]


def _ring_with_places(
    face: shapely.Polygon, outlines: set[Edge], spacing: Spacing, plane: Plane
) -> _Ring:
    ccw = shapely.get_coordinates(shapely.orient_polygons(face, exterior_cw=False))
    corners = [(int(x), int(y)) for x, y in ccw]
    metres = plane.metres(ccw)
    lengths = np.hypot(*np.diff(metres, axis=0).T)
    steps: list[Step] = []
    is_new: list[bool] = []
    for index, length in enumerate(lengths.tolist()):
        a, b = corners[index], corners[index + 1]
        usual = spacing.kept_corner_m if edge(a, b) in outlines else spacing.corner_m
        pieces = 1 if length < 1.5 * usual else int(np.ceil(length / usual))
        steps.append(a)
        is_new.append(False)
        for piece in range(1, pieces):
            share = piece / pieces
            steps.append((round(a[0] + share * (b[0] - a[0])), round(a[1] + share * (b[1] - a[1]))))
            is_new.append(True)
    at = plane.metres(np.array(steps, dtype=float))
    return _Ring(steps, at, np.array(is_new), _thinned(at, np.array(is_new)))


def _thinned(at: Points, is_new: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Places to try: all, or so many at even distances, corners before others."""
    if len(at) <= MOST_PLACES:
        return np.arange(len(at))
    lengths = np.hypot(*np.diff(np.vstack([at, at[:1]]), axis=0).T)
    slot = (np.cumsum(lengths) - lengths) / lengths.sum() * MOST_PLACES
    best: dict[int, int] = {}
    for index in np.lexsort((np.arange(len(at)), is_new)).tolist():
        best.setdefault(int(slot[index]), index)
    return np.array(sorted(best.values()))


def _left_of(
    at: Points, one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[tuple[NDArray[np.float64], ...], tuple[NDArray[np.float64], ...]]:
    """Running area and length of a ring, and those of what each cut leaves on its right hand."""
    following = np.roll(at, -1, axis=0)
    cross = at[:, 0] * following[:, 1] - following[:, 0] * at[:, 1]
    area = np.concatenate([[0.0], np.cumsum(cross) / 2])
    step = np.hypot(*(following - at).T)
    along = np.concatenate([[0.0], np.cumsum(step)])
    back = (at[other, 0] * at[one, 1] - at[one, 0] * at[other, 1]) / 2
    return (area, area[other] - area[one] + back), (along, along[other] - along[one])


def _parted(
    at: Points,
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    left_share: NDArray[np.float64],
    points: Points,
    weight: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How evenly cuts part what was counted, and how much of it they run through.

    The first is 1 where both pieces have half the weight and half the ground, 0 where one has
    all; the second 1 where a fifth of the weight or more is too near.
    """
    ground = 1 - np.abs(2 * left_share - 1)
    total = float(weight.sum())
    if not total:
        return ground, np.zeros(len(one))
    way = (at[other] - at[one])[:, None, :]
    to = points[None, :, :] - at[one][:, None, :]
    side = way[..., 0] * to[..., 1] - way[..., 1] * to[..., 0]
    long_m2 = (way**2).sum(axis=2)
    along = (way * to).sum(axis=2)
    beside = (along > 0) & (along < long_m2) & (side**2 < HOUSE_M**2 * long_m2)
    even = (1 - np.abs(2 * ((side < 0) @ weight) / total - 1)) * 0.75 + ground * 0.25
    return even, np.minimum(1.0, 5 * (beside @ weight) / total)


def _angles(
    at: Points, one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sine of the sharpest angle a cut makes with the ring, and how squarely it meets it."""
    following, before = np.roll(at, -1, axis=0) - at, np.roll(at, 1, axis=0) - at
    worst = np.full(len(one), 2.0)
    square = np.zeros(len(one))
    for start, end in ((one, other), (other, one)):
        chord = at[end] - at[start]
        chord /= np.maximum(np.hypot(chord[:, 0], chord[:, 1]), 1e-9)[:, None]
        for side in (following[start], before[start]):
            along = side / np.maximum(np.hypot(side[:, 0], side[:, 1]), 1e-9)[:, None]
            cosine = (chord * along).sum(axis=1)
            # Beyond a right angle no sliver is left, however flat the corner.
            sine = np.where(cosine > 0, np.sqrt(np.clip(1 - cosine**2, 0, 1)), 1.0)
            worst = np.minimum(worst, sine)
            square += np.where(np.abs(cosine) < 0.26, 0.25, 0.0)
    return worst, square


def _lies_inside(at: Points, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether cuts run inside the ring and keep clear of its other corners."""
    polygon = shapely.polygons(at)
    shapely.prepare(polygon)
    a, b = at[one], at[other]
    long = np.hypot(*(b - a).T)[:, None]
    inset = np.minimum(CLEAR_M / 2 / long, 0.25)
    middles = shapely.linestrings(np.stack([a + inset * (b - a), b - inset * (b - a)], axis=1))
    inside: NDArray[np.bool_] = np.asarray(shapely.contains_properly(polygon, middles))
    corners = np.asarray(shapely.points(at))
    near = shapely.STRtree(corners).query(middles, "dwithin", CLEAR_M)
    passed = (near[1] != one[near[0]]) & (near[1] != other[near[0]])
    # Places put on an edge beside its end are no corners to keep clear of, those ends are.
    inside[near[0][passed]] = False
    return inside
