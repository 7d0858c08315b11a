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
        pieces[whole] = _with_places(pieces[whole], found)
    for _ in range(MOST_ROUNDS):
        on_path, on_edges = _meetings(path, pieces)
        if not (on_path or on_edges):
            nodes = {each: tuple(run[1:-1]) for each, run in pieces.items() if len(run) > 2}
            return Noded(tuple(path), nodes)
        path = _with_places(path, on_path)
        for whole, found in on_edges.items():
            pieces[whole] = _with_places(pieces[whole], found)
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
    corners = sorted({corner for each in edges for corner in each})
    if not corners:
        return path
    tree = shapely.STRtree(np.asarray(shapely.points(np.asarray(corners, dtype=float))))
    given = shapely.points(np.asarray(path, dtype=float))
    moved = list(path)
    for at, near in zip(*tree.query(given, "dwithin", REACH).tolist(), strict=True):
        corner = corners[near]
        if moved[at] == path[at] or (
            (squared_distance(corner, path[at]), corner)
            < (squared_distance(moved[at], path[at]), moved[at])
        ):
            moved[at] = corner
    return without_repeats(moved)


_Found = dict[int, set[Step]]


def _brought_to(
    path: Sequence[Step], pieces: Mapping[Edge, Sequence[Step]]
) -> tuple[list[Step], dict[Edge, _Found]]:
    """The line with each place near an edge moved onto it, and those places by their edge.

    The nearest edge has it; what is at a corner stays there.
    """
    edges = list(pieces)
    on_edges: dict[Edge, _Found] = {}
    if not edges:
        return list(path), on_edges
    corners = {corner for each in edges for corner in each}
    given = np.asarray(shapely.points(np.asarray(path, dtype=float)))
    nearest: dict[int, tuple[float, Edge]] = {}
    for at, near in zip(*_tree(edges).query(given, "dwithin", REACH).tolist(), strict=True):
        a, b = edges[near]
        if path[at] not in corners and is_beside(path[at], a, b, REACH):
            apart = turn(a, b, path[at]) ** 2 / squared_distance(a, b)
            nearest[at] = min(nearest.get(at, (apart, (a, b))), (apart, (a, b)))
    moved = list(path)
    for at, (_, each) in nearest.items():
        place = foot(path[at], *each)
        end = next((end for end in each if squared_distance(place, end) <= REACH**2), None)
        moved[at] = end or place
        if end is None:
            on_edges.setdefault(each, {}).setdefault(0, set()).add(place)
    return without_repeats(moved), on_edges


def _tree(edges: Sequence[Edge] | NDArray[np.int64]) -> shapely.STRtree:
    return shapely.STRtree(np.asarray(shapely.linestrings(np.asarray(edges, dtype=float))))


def _may_meet(drawn: NDArray[np.int64], edges: NDArray[np.int64]) -> NDArray[np.bool_]:
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
    near = _tree(edges).query(lines, "dwithin", float(REACH))
    near = near[:, _may_meet(drawn[near[0]], edges[near[1]])]
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


def _with_places(run: Sequence[Step], found: _Found) -> list[Step]:
    """A run of places with more of them between, in the order they lie along it."""
    longer: list[Step] = []
    for at, (a, b) in enumerate(pairwise(run)):
        between = sorted((along(a, b, place), place) for place in found.get(at, ()))
        longer += [a, *(place for _, place in between)]
    return without_repeats([*longer, run[-1]])


def edges_of(rings: Iterable[Sequence[Step]]) -> set[Edge]:
    """The edges of closed rings, each once."""
    return {edge(a, b) for ring in rings for a, b in pairwise(ring)}
