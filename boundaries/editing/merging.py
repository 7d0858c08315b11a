"""Uniting neighbours into one grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.codes import CodeSource
from boundaries.draft_coverage import BASE, DraftCoverage, DraftGrid
from boundaries.editing.handing_over import united
from boundaries.editing.neighbours import neighbours_of
from boundaries.editing.splitting import name_of_new
from boundaries.refusals import Refused
from boundaries.steps import Shape
from gis.crs import objects
from gis.measures import area_m2

Merged = tuple[DraftGrid, list[str], int]
"""The one grid, the codes that are retired, and how many parts it may have."""


def merge(coverage: DraftCoverage, members: Sequence[str], codes: CodeSource) -> Merged:
    """Unite neighbours into one grid.

    It has the name, kind and community of the largest. Edges between them vanish, the places
    on its own edges stay.

    Raises
    ------
    Refused
        ``too_few_grids``, ``not_neighbours``, ``codes_exhausted``.
    """
    if len(set(members)) != len(members) or len(members) < 2:
        raise Refused("too_few_grids", "Name two or more different grids to unite.")
    grids = [coverage.grid(code) for code in members]
    shapes = objects([grid.geometry for grid in grids])
    union, parts = _union(members, shapes)
    sizes = area_m2(shapes, coverage.crs)
    largest = grids[int(np.lexsort((np.array(members), -sizes))[0])]
    if codes.rule.merge == "largest_keeps":
        one = replace(largest, geometry=union)
        return one, [code for code in members if code != largest.code], parts
    new = codes.new(largest.community, largest.kind, largest.code)
    one = replace(largest, code=new, name=name_of_new(largest, new), geometry=union)
    return one, list(members), parts


def dissolve(coverage: DraftCoverage, code: str, to: str | None) -> Merged:
    """Let a grid go up in a neighbour, which stays what it is.

    Without a name it is the one with the longest edge: a base grid of the same community
    where there is one, else any grid of it.

    Raises
    ------
    Refused
        ``not_neighbours``; ``no_neighbour``: none of its community touches it.
    """
    grid = coverage.grid(code)
    neighbours = list(neighbours_of(coverage, code))
    if to is not None and coverage.grid(to).code not in neighbours:
        raise Refused(
            "not_neighbours",
            f"Grids {code} and {to} share no edge; {code} touches"
            f" {', '.join(neighbours) or 'none'}.",
            grid.geometry,
            offered=neighbours,
        )
    own = [each for each in neighbours if coverage.grids[each].community == grid.community]
    if to is None and not own:
        raise Refused(
            "no_neighbour",
            f"No other grid of its community touches grid {code}; name the one to take it.",
            grid.geometry,
            offered=neighbours,
        )
    base = [each for each in own if coverage.grids[each].kind == BASE]
    taker = coverage.grids[to or (base or own)[0]]
    union, parts = _union([taker.code, code], objects([taker.geometry, grid.geometry]))
    return replace(taker, geometry=union), [code], parts


def _union(codes: Sequence[str], shapes: NDArray[np.object_]) -> tuple[Shape, int]:
    """Grids as one geometry, and in how many parts; every edge between two joins two parts."""
    union = united(list(shapes))
    had = int(shapely.get_num_geometries(shapes).sum())
    parts = int(shapely.get_num_geometries(union))
    if parts > had - len(codes) + 1:
        raise Refused(
            "not_neighbours",
            f"Grids {', '.join(codes)} do not all share an edge, so they cannot be one.",
            min(shapely.get_parts(union), key=shapely.area),
        )
    return union, parts
