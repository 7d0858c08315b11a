"""Giving a line and the edges of a coverage common places wherever they meet.

The planner's line is brought to the coverage, never the coverage to the line: near a
corner it goes through the corner, near an edge it puts a place on it. A crossing is
computed once for an edge, whichever grids have it, and need not lie exactly on it: the
edge bends by half a step there, for all its grids alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.refusals import Refused
from boundaries.steps import (
    Edge,
    Step,
    along,
    crossing,
    edge,
    foot,
    is_beside,
    line_in_degrees,
    squared_distance,
    turn,
    without_repeats,
)

REACH = 20
"""Steps, 2 mm: nearer than this is meant to be the same."""
MOST_ROUNDS = 8
"""Rounding bends edges, which may then cross anew; a second round was seen in one of 300."""


@dataclass(frozen=True, slots=True)
class Noded:
    """A line with its places on edges, and for each edge that got places, those in order."""

    line: tuple[Step, ...]
    nodes: dict[Edge, tuple[Step, ...]]


def node(line: Sequence[Step], edges: Collection[Edge]) -> Noded:
    """Node a line with the edges of a coverage.

    Parameters
    ----------
    line
        Places of the line in order; a ring repeats its first at its end.
    edges
        Edges of a coverage: they meet at their ends only.

    Raises
    ------
    Refused
        ``line_tangled``: new crossings do not end, so near to each other are its bends.
    """
    near = _near(line, edges)
    pieces: dict[Edge, list[Step]] = {each: [*each] for each in near}
    path, on_edges = _brought_to(_through_corners(list(line), near), pieces)
    for whole, found in on_edges.items():
        pieces[whole] = with_places(pieces[whole], found)
    for _ in range(MOST_ROUNDS):
        on_path, on_edges = _meetings(path, pieces)
        if not (on_path or on_edges):
            nodes = {each: tuple(run[1:-1]) for each, run in pieces.items() if len(run) > 2}
            return Noded(tuple(path), nodes)
        path = with_places(path, on_path)
        for whole, found in on_edges.items():
            pieces[whole] = with_places(pieces[whole], found)
    raise Refused(
        "line_tangled",
        "The line bends so closely along the edges that it cannot be brought to them;"
        " draw it with fewer points.",
        line_in_degrees(path),
    )


def _near(line: Sequence[Step], edges: Iterable[Edge]) -> list[Edge]:
    """The edges whose box meets that of the line, however often the line is moved by REACH."""
    air = REACH * (MOST_ROUNDS + 2)
    xs, ys = zip(*line, strict=True)
    west, south, east, north = min(xs) - air, min(ys) - air, max(xs) + air, max(ys) + air
    return [
        ((ax, ay), (bx, by))
        for (ax, ay), (bx, by) in edges  # The western end is first.
        if bx >= west
        and ax <= east
        and (ay >= south or by >= south)
        and (ay <= north or by <= north)
    ]


def _through_corners(path: list[Step], edges: Iterable[Edge]) -> list[Step]:
    """The line with each place near a corner of the coverage moved there."""
    to = nearest_corners(path, {corner for each in edges for corner in each})
    return without_repeats(to.get(place, place) for place in path)


def nearest_corners(places: Sequence[Step], corners: Collection[Step]) -> dict[Step, Step]:
    """For each place within reach of corners the nearest of them, the lowest of two."""
    if not places or not corners:
        return {}
    ordered = sorted(corners)
    tree = shapely.STRtree(np.asarray(shapely.points(np.asarray(ordered, dtype=float))))
    given = np.asarray(shapely.points(np.asarray(places, dtype=float)))
    nearest: dict[Step, tuple[int, Step]] = {}
    for at, near in zip(*tree.query(given, "dwithin", REACH).tolist(), strict=True):
        found = squared_distance(ordered[near], places[at]), ordered[near]
        nearest[places[at]] = min(nearest.get(places[at], found), found)
    return {place: corner for place, (_, corner) in nearest.items()}


_Found = dict[int, set[Step]]


def _brought_to(
    path: Sequence[Step], pieces: Mapping[Edge, Sequence[Step]]
) -> tuple[list[Step], dict[Edge, _Found]]:
    """The line with each place near an edge moved onto it, and those places by their edge."""
    on_edges: dict[Edge, _Found] = {}
    to = nearest_on_edges(path, list(pieces))
    for each, place in to.values():
        if place not in each:
            on_edges.setdefault(each, {}).setdefault(0, set()).add(place)
    moved = (to[place][1] if place in to else place for place in path)
    return without_repeats(moved), on_edges


def nearest_on_edges(
    places: Sequence[Step], edges: Sequence[Edge]
) -> dict[Step, tuple[Edge, Step]]:
    """For each place beside edges, within reach, the nearest edge and the place on it.

    That is an end of the edge where one is within reach. What is at a corner stays there.
    """
    if not places or not edges:
        return {}
    corners = {corner for each in edges for corner in each}
    given = np.asarray(shapely.points(np.asarray(places, dtype=float)))
    nearest: dict[Step, tuple[float, Edge]] = {}
    for at, near in zip(*tree_of(edges).query(given, "dwithin", REACH).tolist(), strict=True):
        (a, b), place = edges[near], places[at]
        if place not in corners and is_beside(place, a, b, REACH):
            apart = turn(a, b, place) ** 2 / squared_distance(a, b)
            nearest[place] = min(nearest.get(place, (apart, (a, b))), (apart, (a, b)))
    brought = {}
    for place, (_, each) in nearest.items():
        on = foot(place, *each)
        end = next((end for end in each if squared_distance(on, end) <= REACH**2), None)
        brought[place] = each, end or on
    return brought


def tree_of(edges: Sequence[Edge] | NDArray[np.int64]) -> shapely.STRtree:
    """An index of edges as lines in steps."""
    return shapely.STRtree(np.asarray(shapely.linestrings(np.asarray(edges, dtype=float))))


def may_meet(drawn: NDArray[np.int64], edges: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pairs of segments, near each other, may meet elsewhere than at a common end.

    A line along the edges of a grid has thousands of pairs that do not. In doubles, which
    are wrong by less than a step here; the few that are left are looked at in whole numbers.
    """
    same = (drawn[:, :, None, :] == edges[:, None, :, :]).all(axis=3)
    common = same.sum(axis=(1, 2))
    p_is_common, a_is_common = same.any(axis=2)[:, 0], same.any(axis=1)[:, 0]
    start = np.where(p_is_common[:, None], drawn[:, 0], drawn[:, 1])
    one = np.where(p_is_common[:, None], drawn[:, 1], drawn[:, 0]) - start
    other = np.where(a_is_common[:, None], edges[:, 1], edges[:, 0]) - start
    apart = np.abs(one[:, 0] * other[:, 1].astype(float) - one[:, 1] * other[:, 0].astype(float))
    lengths = np.hypot(one[:, 0], one[:, 1]), np.hypot(other[:, 0], other[:, 1])
    ahead = (one * other.astype(float)).sum(axis=1) > 0
    beside = ahead & (apart <= (REACH + 1) * np.maximum(*lengths))
    may_meet: NDArray[np.bool_] = (common == 0) | ((common == 1) & beside)
    return may_meet


def _meetings(
    path: Sequence[Step], pieces: Mapping[Edge, Sequence[Step]]
) -> tuple[_Found, dict[Edge, _Found]]:
    """Places that line and edges must get: by the segment of the line, of each edge's run."""
    segments = [(whole, at) for whole, run in pieces.items() for at in range(len(run) - 1)]
    ends = [(pieces[whole][at], pieces[whole][at + 1]) for whole, at in segments]
    on_path: _Found = {}
    on_edges: dict[Edge, _Found] = {}
    if len(path) < 2 or not ends:
        return on_path, on_edges
    drawn = np.asarray(list(pairwise(path)))
    edges = np.asarray(ends)
    lines = np.asarray(shapely.linestrings(drawn.astype(float)))
    near = tree_of(edges).query(lines, "dwithin", float(REACH))
    near = near[:, may_meet(drawn[near[0]], edges[near[1]])]
    for step, other in sorted(zip(*near.tolist(), strict=True)):
        for_path, for_edge = _places_of(path[step], path[step + 1], *ends[other])
        if for_path:
            on_path.setdefault(step, set()).update(for_path)
        if for_edge:
            whole, at = segments[other]
            on_edges.setdefault(whole, {}).setdefault(at, set()).update(for_edge)
    return on_path, on_edges


def _places_of(p: Step, q: Step, a: Step, b: Step) -> tuple[list[Step], list[Step]]:
    """Places that a segment of the line and one of an edge must get from each other."""
    for_path = [end for end in (a, b) if end not in (p, q) and is_beside(end, p, q, REACH)]
    for_edge = [end for end in (p, q) if end not in (a, b) and is_beside(end, a, b, 0)]
    if for_path or for_edge:
        return for_path, for_edge
    place = crossing(p, q, a, b)
    if place is None:
        return [], []
    for end in (a, b):
        if squared_distance(place, end) <= REACH**2:
            return [end], []
    return [place], [place]


def with_places(run: Sequence[Step], found: _Found) -> list[Step]:
    """A run of places with more of them between, in the order they lie along it."""
    longer: list[Step] = []
    for at, (a, b) in enumerate(pairwise(run)):
        between = sorted((along(a, b, place), place) for place in found.get(at, ()))
        longer += [a, *(place for _, place in between)]
    return without_repeats([*longer, run[-1]])


def edges_of(rings: Iterable[Sequence[Step]]) -> set[Edge]:
    """The edges of closed rings, each once."""
    return {edge(a, b) for ring in rings for a, b in pairwise(ring)}
