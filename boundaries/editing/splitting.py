"""Dividing a grid by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from boundaries.codes import CodeSource
from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.editing.ground import line_places, owners_of
from boundaries.editing.noding import edges_of, node
from boundaries.editing.patch import Patch, faces_of, in_degrees
from boundaries.refusals import Refused
from boundaries.steps import Shape, Step, all_to_degrees, line_in_degrees, to_degrees
from gis.crs import objects
from gis.measures import area_m2

Change = tuple[list[DraftGrid], list[str]]
"""Changed and new grids, retired codes."""


def split(
    coverage: DraftCoverage,
    code: str,
    line: shapely.Geometry,
    codes: CodeSource,
    smallest_m2: float,
) -> Change:
    """Divide a grid along a line into two or more.

    Only this grid is divided, however far the line goes on; its neighbours get the ends of
    the line as places on their edges. Other parts of a grid of several stay with the largest
    piece. The pieces are numbered west to east, then north to south.

    Raises
    ------
    Refused
        ``line_misses``, ``line_too_short``, ``piece_too_small``, ``line_invalid``,
        ``line_crosses_itself``, ``line_tangled``, ``too_many_points``, ``codes_exhausted``.
    """
    grid = coverage.grid(code)
    path = line_places(line)
    patch = Patch.of(coverage, coverage.meeting(grid.geometry.bounds))
    found = node(path, patch.edges([code]))
    patch = patch.with_nodes(found.nodes)
    own = Patch({code: patch.parts[code]})
    faces = faces_of(own.edges() | edges_of([found.line]))
    mine = [face for face, owner in zip(faces, owners_of(own, faces), strict=True) if owner == code]
    pieces = _pieces(patch, code, mine)
    if len(pieces) < 2:
        raise _not_through(grid, own, found.line)
    sizes = area_m2(all_to_degrees(pieces), coverage.crs)
    if sizes.min() < smallest_m2:
        raise Refused(
            "piece_too_small",
            f"A piece of {sizes.min():,.1f} m² would be cut off; {smallest_m2:,.1f} m² at least.",
            to_degrees(pieces[int(sizes.argmin())]),
            grid=code,
        )
    largest = int(sizes.argmax())
    changed = []
    for at, piece in enumerate(pieces):
        keeps = codes.rule.split == "largest_keeps" and at == largest
        new = code if keeps else codes.new(grid.community, grid.kind, code)
        name = grid.name if keeps else name_of_new(grid, new)
        changed.append(replace(grid, code=new, name=name, geometry=to_degrees(piece)))
    retired = [] if codes.rule.split == "largest_keeps" else [code]
    return [*changed, *_noded_neighbours(coverage, patch, {code})], retired


def _pieces(patch: Patch, code: str, faces: Sequence[shapely.Polygon]) -> list[Shape]:
    """The pieces a grid falls into: each face one, but parts that were not cut stay together."""
    parts = [Patch({code: [part]}).polygon(code) for part in patch.parts[code]]
    if len(parts) == 1:
        pieces: list[Shape] = [shapely.normalize(face) for face in faces]
    else:
        tree = shapely.STRtree(parts)
        of_part = tree.query(shapely.point_on_surface(objects(faces)), "within")[1]
        cut = [at for at in range(len(parts)) if (of_part == at).sum() > 1]
        whole = [faces[at] for at, part in enumerate(of_part) if part not in cut]
        pieces = [shapely.normalize(faces[at]) for at, part in enumerate(of_part) if part in cut]
        if pieces and whole:
            largest = max(range(len(pieces)), key=lambda at: pieces[at].area)
            together = [*shapely.get_parts(pieces[largest]), *whole]
            pieces[largest] = shapely.normalize(shapely.MultiPolygon(together))
    return sorted(pieces, key=lambda piece: (piece.bounds[0], -piece.bounds[3]))


def _not_through(grid: DraftGrid, own: Patch, path: Sequence[Step]) -> Refused:
    drawn, edges = edges_of([path]), own.edges()
    middles = shapely.points(np.array([*(drawn - edges)], dtype=float).reshape(-1, 2, 2).mean(1))
    if shapely.contains_properly(own.polygon(grid.code), middles).any():
        code, words = "line_too_short", "does not reach both sides of"
    elif drawn & edges:
        code, words = "line_misses", "runs along the edge of"
    else:
        code, words = "line_misses", "does not go through"
    return Refused(
        code, f"The line {words} grid {grid.code}.", line_in_degrees(path), grid=grid.code
    )


def name_of_new(grid: DraftGrid, new: str) -> str:
    """The name of a grid that comes from another: a grid named by its code is so again."""
    return new if grid.name == grid.code else f"{grid.name}（{new[-3:]}）"


def _noded_neighbours(coverage: DraftCoverage, patch: Patch, but: set[str]) -> list[DraftGrid]:
    return [
        replace(coverage.grids[code], geometry=in_degrees(patch.parts[code]))
        for code in sorted(patch.noded - but)
    ]
