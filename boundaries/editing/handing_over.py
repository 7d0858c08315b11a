"""Ground changing hands: faces given to grids, and the grids that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.editing.ground import AIR, Ground, Owners, points_in
from boundaries.editing.noding import edges_of
from boundaries.editing.patch import Patch, in_degrees
from boundaries.refusals import Refused
from boundaries.steps import Edge, Shape, all_to_degrees, to_degrees
from gis.crs import STEPS_PER_DEGREE, objects
from gis.measures import area_m2

NOBODY = ""
"""Whose ground is that looks for a grid."""


@dataclass(frozen=True, slots=True)
class Handed:
    """Faces given to grids; ``describe`` makes the grid of a code that is new."""

    ground: Ground
    owners: Owners
    describe: Mapping[str, DraftGrid]


def grids_of(coverage: DraftCoverage, handed: Handed) -> tuple[list[DraftGrid], list[str]]:
    """The grids whose shape is another now, and the codes of those that nothing is left of."""
    ground = handed.ground
    composed = {
        owner
        for was, owner in zip(ground.owners, handed.owners, strict=True)
        if was != owner
        for owner in (was, owner)
        if owner is not None
    }
    changed, retired = [], []
    for code in sorted(composed):
        mine = [
            face for face, owner in zip(ground.faces, handed.owners, strict=True) if owner == code
        ]
        if not mine:
            retired.append(code)
            continue
        grid = coverage.grids.get(code) or handed.describe[code]
        changed.append(replace(grid, geometry=to_degrees(united(mine))))
    for code in sorted(ground.patch.noded - composed):
        parts = ground.patch.parts[code]
        changed.append(replace(coverage.grids[code], geometry=in_degrees(parts)))
    return changed, retired


def united(faces: Sequence[Shape]) -> Shape:
    """Noded faces as one geometry, every place kept."""
    if len(faces) == 1:
        return shapely.normalize(faces[0])
    union = shapely.normalize(shapely.coverage_union_all(objects(faces)))
    parts = shapely.get_parts(union)
    one: Shape = parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))
    return one


def cut_off(coverage: DraftCoverage, handed: Handed, code: str) -> list[list[int]]:
    """The faces of a grid that no longer hang together with it, piece by piece.

    What is kept are as many of its largest pieces as it had parts before.
    """
    mine = [at for at, owner in enumerate(handed.owners) if owner == code]
    if not mine:
        return []
    pieces = sorted(
        shapely.get_parts(united([handed.ground.faces[at] for at in mine])),
        key=lambda piece: (-piece.area, piece.bounds),
    )
    had = coverage.grids.get(code)
    most = 1 if had is None else int(shapely.get_num_geometries(had.geometry))
    points = points_in([handed.ground.faces[at] for at in mine])
    found = []
    for piece in pieces[most:]:
        shapely.prepare(piece)
        within = shapely.contains(piece, points)
        found.append([at for at, is_in in zip(mine, within, strict=True) if is_in])
    return found


def touching(handed: Handed, faces: Sequence[int]) -> list[str]:
    """The grids that share an edge with some faces, without their own; longest edge first."""
    ground = handed.ground
    own = {handed.owners[at] for at in faces}
    border = _boundary_edges([ground.faces[at] for at in faces])
    lengths: dict[str, float] = {}
    for at, owner in enumerate(handed.owners):
        if owner is None or owner in own:
            continue
        shared = border & _boundary_edges([ground.faces[at]])
        if shared:
            lengths[owner] = lengths.get(owner, 0.0) + sum(map(_length, shared))
    return sorted(lengths, key=lambda code: (-lengths[code], code))


def with_surroundings(coverage: DraftCoverage, handed: Handed, faces: Iterable[int]) -> Handed:
    """The same with every grid that meets the box of some faces, however far from the area.

    An area cuts only grids that meet its own box, so these are as they were: each part a face.
    """
    ground = handed.ground
    boxes = shapely.bounds(objects([ground.faces[at] for at in faces])) / STEPS_PER_DEGREE
    west, south = (boxes[:, :2].min(axis=0) - AIR).tolist()
    east, north = (boxes[:, 2:].max(axis=0) + AIR).tolist()
    more = Patch.of(
        coverage, set(coverage.meeting((west, south, east, north))) - ground.patch.parts.keys()
    )
    new = [
        (shapely.Polygon(part[0], part[1:]), code)
        for code in sorted(more.parts)
        for part in more.parts[code]
    ]
    if not new:
        return handed
    codes = [code for _, code in new]
    wider = Ground(
        replace(ground.patch, parts={**ground.patch.parts, **more.parts}),
        [*ground.faces, *(face for face, _ in new)],
        [*ground.owners, *codes],
        np.append(ground.inside, np.zeros(len(new), dtype=bool)),
    )
    return replace(handed, ground=wider, owners=[*handed.owners, *codes])


def _boundary_edges(faces: Sequence[shapely.Polygon]) -> set[Edge]:
    rings = [
        [(int(x), int(y)) for x, y in shapely.get_coordinates(ring)]
        for face in faces
        for ring in shapely.get_rings(face)
    ]
    return edges_of(rings)


def _length(each: Edge) -> float:
    (ax, ay), (bx, by) = each
    return float(np.hypot(bx - ax, by - ay))


def place_of(handed: Handed, faces: Sequence[int]) -> Shape:
    """Some faces to look at, in degrees."""
    return to_degrees(united([handed.ground.faces[at] for at in faces]))


def m2_of(coverage: DraftCoverage, handed: Handed, faces: Iterable[int]) -> float:
    """Square metres of some faces."""
    shapes = all_to_degrees([handed.ground.faces[at] for at in faces])
    return float(area_m2(shapes, coverage.crs).sum())


def reassigned(handed: Handed, faces: Iterable[int], to: str | None) -> Handed:
    """The same with some faces given to another grid, or out of the city."""
    given = set(faces)
    owners = [to if at in given else owner for at, owner in enumerate(handed.owners)]
    return replace(handed, owners=owners)


def with_whole_pieces(
    coverage: DraftCoverage,
    handed: Handed,
    codes: Iterable[str],
    cut_off_to: str | None,
    *,
    refuse: Callable[[Handed, str, Sequence[int], list[str]], Refused],
) -> Handed:
    """Give what hangs together with its grid no longer to the neighbour that was named.

    Raises
    ------
    Refused
        Of ``refuse``, with the ground, the grid, the faces of the piece and the neighbours to
        offer, when no neighbour was named; ``cut_off_apart`` when the named one does not
        touch the piece.
    """
    for code in codes:
        for piece in cut_off(coverage, handed, code):
            handed = with_surroundings(coverage, handed, piece)
            # A grid that is new has no code that a planner could know.
            offered = [each for each in touching(handed, piece) if each in coverage.grids]
            if cut_off_to is None:
                raise refuse(handed, code, piece, offered)
            if cut_off_to not in offered:
                raise Refused(
                    "cut_off_apart",
                    f"The part cut off from grid {code} does not touch grid {cut_off_to};"
                    f" it touches {', '.join(offered) or 'none'}.",
                    place_of(handed, piece),
                    grid=code,
                    offered=offered,
                )
            handed = reassigned(handed, piece, cut_off_to)
    return handed
