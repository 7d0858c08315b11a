"""Moving the outline of a city: the one operation that may."""

from __future__ import annotations

from collections.abc import Sequence

import shapely

from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.editing.drawn import check_drawn, check_size
from boundaries.editing.ground import Ground, cut_along, rings_of
from boundaries.editing.handing_over import NOBODY, Handed, grids_of, place_of, reassigned, touching
from boundaries.editing.noding import REACH
from boundaries.editing.splitting import Change
from boundaries.refusals import Refused
from gis.crs import STEPS_PER_DEGREE


def redraw_outline(
    coverage: DraftCoverage, outline: shapely.MultiPolygon
) -> tuple[DraftCoverage, Change]:
    """Bring the grids to a new outline; what differs by no more than 2 mm stays.

    Ground that the city gives up leaves its grids; ground it gains goes, piece by piece, to
    the grid with the longest edge to it. A grid of which nothing is left is retired.

    Raises
    ------
    Refused
        ``outline_invalid``, ``coordinates_invalid``, ``nothing_changes``, ``no_neighbour``,
        ``nothing_left``, and those of an area.
    """
    check_drawn(outline, "outline")
    if not shapely.is_valid(outline):
        raise Refused(
            "outline_invalid",
            f"The outline is no valid polygon: {shapely.is_valid_reason(outline)}.",
            shapely.boundary(outline),
        )
    lost = _real_parts(shapely.difference(coverage.outline, outline))
    won = _real_parts(shapely.difference(outline, coverage.outline))
    if not lost and not won:
        raise Refused("nothing_changes", "The city has this outline.", outline)
    changed: dict[str, DraftGrid] = {}
    retired: list[str] = []
    for part, is_won in [*((part, False) for part in lost), *((part, True) for part in won)]:
        grids, gone = (_with if is_won else _without)(coverage, part)
        if len(gone) == len(coverage.grids):
            raise Refused("nothing_left", "No grid lies inside this outline.", outline)
        coverage = coverage.with_changes(grids, gone)
        changed |= {grid.code: grid for grid in grids}
        retired += gone
    for code in retired:
        changed.pop(code, None)
    return coverage, ([changed[code] for code in sorted(changed)], retired)


def _real_parts(difference: shapely.Geometry) -> list[shapely.Polygon]:
    """Parts of a difference of outlines that are more than the same line drawn twice."""
    parts = shapely.get_parts(difference)
    reach = REACH / STEPS_PER_DEGREE
    real = [
        part for part in parts if part.geom_type == "Polygon" and part.area > part.length * reach
    ]
    return sorted(real, key=lambda part: part.bounds)


def _cut(coverage: DraftCoverage, part: shapely.Polygon) -> Ground:
    # Rounded to steps, a part of a difference may touch itself where it was thin.
    check_size(part, "outline")
    (rings,) = rings_of(part)
    rings = [ring for ring in rings if len(ring) >= 4]
    return cut_along(coverage, [rings], shapely.transform(part, lambda c: c * STEPS_PER_DEGREE))


def _without(coverage: DraftCoverage, part: shapely.Polygon) -> Change:
    ground = _cut(coverage, part)
    handed = reassigned(Handed(ground, list(ground.owners), {}), ground.taken, None)
    return grids_of(coverage, handed)


def _with(coverage: DraftCoverage, part: shapely.Polygon) -> Change:
    ground = _cut(coverage, part)
    waiting = [at for at, owner in enumerate(ground.owners) if owner is None and ground.inside[at]]
    handed = reassigned(Handed(ground, list(ground.owners), {}), waiting, NOBODY)
    while waiting:
        at, taker = _next(handed, waiting)
        handed = reassigned(handed, [at], taker)
        waiting.remove(at)
    return grids_of(coverage, handed)


def _next(handed: Handed, waiting: Sequence[int]) -> tuple[int, str]:
    """A face that touches a grid, and the grid it shares the longest edge with."""
    for at in waiting:
        takers = [code for code in touching(handed, [at]) if code != NOBODY]
        if takers:
            return at, takers[0]
    raise Refused(
        "no_neighbour",
        "The outline would take in ground that touches no grid.",
        place_of(handed, waiting),
    )
