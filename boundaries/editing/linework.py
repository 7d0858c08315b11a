"""The lines of several shapes given common places with a coverage and with each other.

As for one line (``noding``): the shapes are brought to the coverage, not it to them; but all
edges at once, for many shapes share their lines or nearly do.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.editing.noding import (
    REACH,
    edges_of,
    may_meet,
    nearest_corners,
    nearest_on_edges,
    tree_of,
    with_places,
)
from boundaries.editing.patch import Patch
from boundaries.refusals import Refused
from boundaries.steps import (
    Edge,
    Shape,
    Step,
    crossing,
    edge,
    is_beside,
    line_in_degrees,
    squared_distance,
    without_repeats,
)
from gis.crs import objects

MOST_ROUNDS = 24
"""Of 900 plans whose corners were shaken by 4 mm each, none needed more than 4."""


def noded_lines(patch: Patch, shapes: Sequence[Shape]) -> tuple[Patch, set[Edge]]:
    """Node what shapes do not have in common with a patch.

    Parameters
    ----------
    shapes
        Polygons in steps; they may overlap.

    Returns
    -------
    Patch
        With the places that its edges got.
    set of Edge
        The edges of the shapes, noded with the patch and each other, as far as they are
        none of the patch's.

    Raises
    ------
    Refused
        ``line_tangled``.
    """
    base = patch.edges()
    drawn, places = _brought(_edges(shapes) - base, base)
    fresh: Collection[Edge] = drawn
    for _ in range(MOST_ROUNDS):
        runs = {each: with_places(each, {0: found}) for each, found in places.items()}
        patch = patch.with_nodes({each: run[1:-1] for each, run in runs.items() if each in base})
        new = {each: {edge(a, b) for a, b in pairwise(run)} for each, run in runs.items()}
        base = _divided(base, new)
        drawn = _divided(drawn, new) - base
        fresh = (set(fresh) | set(chain.from_iterable(new.values()))) - new.keys()
        places = _meetings(fresh & (base | drawn), drawn, base)
        if not places:
            return patch, drawn
        fresh = set()
    raise Refused(
        "line_tangled",
        "The shapes lie so closely along each other that they cannot be brought together.",
        line_in_degrees(min(places)),
    )


def _edges(shapes: Sequence[Shape]) -> set[Edge]:
    rings = shapely.get_rings(shapely.get_parts(objects(shapes)))
    return edges_of(
        without_repeats((int(x), int(y)) for x, y in shapely.get_coordinates(ring).tolist())
        for ring in rings
    )


def _brought(edges: set[Edge], base: set[Edge]) -> tuple[set[Edge], dict[Edge, set[Step]]]:
    """Edges with their ends at corners and on edges near by, and the places the latter get."""
    corners = set(chain.from_iterable(base))
    free = sorted(set(chain.from_iterable(edges)) - corners)
    to = nearest_corners(free, corners)
    on_edges = nearest_on_edges([place for place in free if place not in to], sorted(base))
    places: dict[Edge, set[Step]] = {}
    for place, (each, on) in sorted(on_edges.items()):
        kept = nearest_corners([on], places.get(each, set())).get(on, on)
        to[place] = kept
        if kept not in each:
            places.setdefault(each, set()).add(kept)
    to |= _together(sorted({to.get(place, place) for place in free} - corners), to)
    moved = ((to.get(a, a), to.get(b, b)) for a, b in edges)
    return {edge(a, b) for a, b in moved if a != b} - base, places


def _together(places: Sequence[Step], to: Mapping[Step, Step]) -> dict[Step, Step]:
    """Places of the shapes that are within reach of each other, as one of them."""
    if not places:
        return {}
    fixed = set(to.values())
    ordered = [*(p for p in places if p in fixed), *(p for p in places if p not in fixed)]
    points = np.asarray(shapely.points(np.asarray(ordered, dtype=float)))
    near: list[list[int]] = [[] for _ in ordered]
    for one, other in zip(*shapely.STRtree(points).query(points, "dwithin", REACH), strict=True):
        near[one].append(int(other))
    brought: dict[Step, Step] = {}
    for at, place in enumerate(ordered):
        if place not in brought:
            for other in near[at]:
                if ordered[other] not in fixed:
                    brought.setdefault(ordered[other], place)
    return brought


def _divided(edges: set[Edge], new: Mapping[Edge, set[Edge]]) -> set[Edge]:
    gone = edges & new.keys()
    return (edges - gone).union(*(new[each] for each in gone)) if gone else edges


def _meetings(
    fresh: Iterable[Edge], drawn: Collection[Edge], base: Collection[Edge]
) -> dict[Edge, set[Step]]:
    """Places that edges must get: those looked at, and those they meet."""
    looked_at, every = sorted(fresh), sorted([*drawn, *base])
    places: dict[Edge, set[Step]] = {}
    if not looked_at:
        return places
    ones, others = np.asarray(looked_at), np.asarray(every)
    lines = np.asarray(shapely.linestrings(ones.astype(float)))
    near: NDArray[np.int64] = tree_of(others).query(lines, "dwithin", float(REACH))
    near = near[:, may_meet(ones[near[0]], others[near[1]])]
    for at, other in zip(*near.tolist(), strict=True):
        one, two = looked_at[at], every[other]
        if one not in drawn and two not in drawn:
            continue
        # The drawn one first, of two the lower one.
        if (one not in drawn, one) > (two not in drawn, two):
            one, two = two, one
        for_one, for_two = _places_of(one, two, is_fixed=two not in drawn)
        for each, found in ((one, for_one), (two, for_two)):
            wanted = {place for place in found if place not in each}
            if wanted:
                places.setdefault(each, set()).update(wanted)
    return places


def _places_of(one: Edge, two: Edge, *, is_fixed: bool) -> tuple[list[Step], list[Step]]:
    """Places that two edges must get from each other; a fixed one bends only by rounding.

    Only one of them goes through ends of the other, and of places within reach of each other
    one is used: else edges of a few millimetres would take turns for ever.
    """
    for_one = [end for end in two if _is_between(end, one, REACH)]
    if for_one:
        return for_one, []
    for_two = [end for end in one if _is_between(end, two, 0 if is_fixed else REACH)]
    if for_two:
        return [], for_two
    place = crossing(*one, *two)
    if place is None:
        return [], []
    ends = two if is_fixed else (*one, *two)
    found = nearest_corners([place], ends).get(place, place)
    return [found], [found]


def _is_between(place: Step, each: Edge, reach: int) -> bool:
    # Of an edge of millimetres a quarter: through its own ends, moved, it would come back.
    reach = min(reach, math.isqrt(squared_distance(*each)) // 4)
    near = REACH**2 if reach else 0
    return is_beside(place, *each, reach) and all(
        squared_distance(place, end) > near for end in each
    )
