"""Moving edges that grids share: a corner, or a stretch drawn anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import shapely

from boundaries.draft_coverage import Box, DraftCoverage
from boundaries.editing.drawn import check_drawn
from boundaries.editing.ground import AIR, Ground, line_places, owners_of, place_in_degrees
from boundaries.editing.handing_over import Handed, grids_of, place_of, with_whole_pieces
from boundaries.editing.noding import REACH, edges_of, node
from boundaries.editing.patch import Patch, faces_of, in_degrees
from boundaries.editing.splitting import Change
from boundaries.refusals import Refused
from boundaries.steps import Edge, Step, is_beside, places, squared_distance, turn
from gis.crs import objects


def move_corner(coverage: DraftCoverage, start: shapely.Point, end: shapely.Point) -> Change:
    """Move a corner, or a point of an edge, in every grid that has it.

    Parameters
    ----------
    start
        Within 2 mm of a corner, else of an edge: that gets a corner there first.
    end
        Where it goes; not within 2 mm of another corner or edge of these grids.

    Raises
    ------
    Refused
        ``no_edge_here``, ``outline_fixed``, ``corners_meet``, ``nothing_changes``,
        ``point_invalid``, ``coordinates_invalid``.
    """
    check_drawn(start, "point")
    check_drawn(end, "point")
    reach = REACH / 1e9
    box: Box = (start.x - reach, start.y - reach, start.x + reach, start.y + reach)
    patch = Patch.of(coverage, coverage.meeting(box))
    (at,) = places(start)
    patch, corner = _corner_at(patch, at)
    if corner is None:
        raise Refused("no_edge_here", "There is no edge of a grid at this place.", start)
    if _is_on_outline(patch, corner):
        raise Refused(
            "outline_fixed",
            "This place is on the outline of the city, which moves by an operation of its own.",
            start,
        )
    (to,) = places(end)
    if to == corner:
        raise Refused("nothing_changes", "The corner would stay where it is.", start)
    owners = patch.codes_at(corner)
    if any(_is_at(to, each) for each in patch.edges(owners) if corner not in each):
        raise Refused(
            "corners_meet", "Another corner or edge of these grids lies there already.", end
        )
    patch = patch.moved(corner, to)
    changed = [
        replace(coverage.grids[code], geometry=in_degrees(patch.parts[code]))
        for code in sorted(patch.noded)
    ]
    return changed, []


def _corner_at(patch: Patch, at: Step) -> tuple[Patch, Step | None]:
    """The corner that a place means, made on the edge it lies beside where there is none."""
    edges = patch.edges()
    corners = {corner for each in edges for corner in each}
    near = [corner for corner in corners if squared_distance(corner, at) <= REACH**2]
    if near:
        return patch, min(near, key=lambda corner: (squared_distance(corner, at), corner))
    beside = [each for each in edges if is_beside(at, *each, REACH)]
    if not beside:
        return patch, None
    # How far a place is from an edge is its turn by the edge's length.
    nearest = min(
        beside, key=lambda each: (turn(each[0], each[1], at) ** 2 / squared_distance(*each), each)
    )
    return patch.with_nodes({nearest: (at,)}), at


def _is_at(place: Step, each: Edge) -> bool:
    """Whether a place is within reach of an edge or its ends."""
    near = any(squared_distance(place, end) <= REACH**2 for end in each)
    return near or is_beside(place, *each, REACH)


def _is_on_outline(patch: Patch, corner: Step) -> bool:
    """Whether an edge with this corner has a grid on one side only."""
    sides: dict[Edge, int] = {}
    for code in patch.codes_at(corner):
        for ring in patch.rings([code]):
            for each in edges_of([ring]):
                if corner in each:
                    sides[each] = sides.get(each, 0) + 1
    return any(count == 1 for count in sides.values())


def move_stretch(coverage: DraftCoverage, line: shapely.Geometry) -> Change:
    """Draw a stretch of the edge between two grids anew, from end to end of the line.

    What lies between the old edge and the line changes from one grid to the other.

    Raises
    ------
    Refused
        ``no_edge_here``: an end of the line is on no edge; ``no_common_edge``: its ends are
        not on the edge of the same two grids; ``outline_fixed``, ``line_through_others``,
        ``would_cut``, ``nothing_changes``, and those of a line.
    """
    path = line_places(line)
    west, south, east, north = shapely.bounds(line).tolist()
    around = coverage.meeting((west - AIR, south - AIR, east + AIR, north + AIR))
    patch = Patch.of(coverage, around)
    found = node(path, patch.edges())
    patch = patch.with_nodes(found.nodes)
    drawn = edges_of([found.line])
    pair, between = _between(patch, found.line, drawn, line)
    faces = faces_of(patch.edges() | drawn)
    owners = owners_of(patch, faces)
    inside = np.zeros(len(faces), dtype=bool)
    points = shapely.point_on_surface(objects(faces))
    inside[shapely.STRtree(between).query(points, "within")[0]] = True
    others = {owners[at] for at in np.flatnonzero(inside)} - {*pair}
    if others:
        raise _beyond_the_two(others, line)
    swapped = {pair[0]: pair[1], pair[1]: pair[0]}
    new = [
        swapped[owner] if is_inside and owner is not None else owner
        for owner, is_inside in zip(owners, inside.tolist(), strict=True)
    ]
    handed = Handed(Ground(patch, faces, owners, inside), new, {})
    handed = with_whole_pieces(
        coverage,
        handed,
        pair,
        None,
        refuse=lambda ground, code, piece, _: would_cut(ground, code, piece),
    )
    return grids_of(coverage, handed)


def would_cut(
    handed: Handed, code: str, piece: Sequence[int], offered: Sequence[str] = ()
) -> Refused:
    """That a grid would fall apart; ``offered`` are neighbours who could take the piece."""
    offer = f" The part could go to {', '.join(offered)}." if offered else ""
    return Refused(
        "would_cut",
        f"This would cut grid {code} in two.{offer}",
        place_of(handed, piece),
        grid=code,
        offered=list(offered),
    )


def _between(
    patch: Patch, path: Sequence[Step], drawn: set[Edge], line: shapely.Geometry
) -> tuple[tuple[str, str], list[shapely.Polygon]]:
    """The two grids whose edge is drawn anew, and what lies between its old and new course."""
    at_ends = [set(patch.codes_at(end)) for end in (path[0], path[-1])]
    for end, codes in zip((path[0], path[-1]), at_ends, strict=True):
        if not codes:
            raise Refused(
                "no_edge_here",
                "The line has to begin and end on an edge of a grid; this end is on none.",
                place_in_degrees(end),
            )
    candidates = []
    for pair in combinations(sorted(at_ends[0] & at_ends[1]), 2):
        common = patch.edges([pair[0]]) & patch.edges([pair[1]])
        for stretch in _stretches(common, path[0], path[-1]):
            between = faces_of(stretch ^ drawn) if stretch != drawn else []
            candidates.append((sum(face.area for face in between), pair, between))
    if not candidates:
        if all(_is_on_outline(patch, end) for end in (path[0], path[-1])):
            raise _beyond_the_two({None}, line)
        raise Refused(
            "no_common_edge",
            "The line has to begin and end on the edge between the same two grids;"
            " draw one line for each neighbour.",
            line,
        )
    _, pair, between = min(candidates, key=lambda each: each[:2])
    if not between:
        raise Refused("nothing_changes", "The line runs along the edge as it is.", line)
    return pair, between


def _stretches(common: set[Edge], start: Step, end: Step) -> Iterator[set[Edge]]:
    """The ways along a common edge of two grids, of which a ring has two."""
    beside: dict[Step, list[Step]] = {}
    for a, b in sorted(common):
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    for first in beside.get(start, ()):
        way = [start, first]
        while way[-1] != end:
            onward = [place for place in beside[way[-1]] if place != way[-2]]
            # Where grids touch at a corner only, a common edge ends or forks.
            if len(onward) != 1 or onward[0] in way:
                break
            way.append(onward[0])
        if way[-1] == end:
            yield edges_of([way])


def _beyond_the_two(others: Collection[str | None], line: shapely.Geometry) -> Refused:
    if None in others:
        return Refused(
            "outline_fixed",
            "The line leaves the outline of the city, which moves by an operation of its own.",
            line,
        )
    return Refused(
        "line_through_others",
        f"The line goes through {', '.join(sorted(filter(None, others)))} as well;"
        " only the edge between two grids can be drawn anew at a time.",
        line,
    )
