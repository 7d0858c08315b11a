"""Operations by an area: ground transferred, a dedicated grid carved out, a grid drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import shapely

from boundaries.codes import CodeSource
from boundaries.draft_coverage import DEDICATED, DraftCoverage, DraftGrid
from boundaries.editing.ground import Ground, cut
from boundaries.editing.handing_over import (
    NOBODY,
    Handed,
    cut_off,
    grids_of,
    m2_of,
    place_of,
    reassigned,
    touching,
    with_surroundings,
    with_whole_pieces,
)
from boundaries.editing.moving import would_cut
from boundaries.editing.renaming import checked_name
from boundaries.editing.splitting import Change
from boundaries.refusals import Refused
from gis.errors import NotFound

MOST_BEYOND = 1e8
"""Square steps, 1 m²: what a shape may go beyond the outline, where its points were rounded."""


def transfer(
    coverage: DraftCoverage,
    to: str,
    area: shapely.Geometry,
    *,
    cut_off_to: str | None,
    smallest_m2: float,
) -> Change:
    """Give the ground of an area to a neighbour; what lies outside the city is left out.

    A grid that lies wholly in the area is retired.

    Raises
    ------
    Refused
        ``nothing_changes``, ``area_apart``: it does not touch the grid that gets it;
        ``would_cut``, ``cut_off_apart``, ``piece_too_small``, and those of an area.
    """
    receiver = coverage.grid(to)
    ground = cut(coverage, area, also=[to])
    if not ground.taken:
        raise _outside(area)
    handed = _given(coverage, ground, to, ground.taken, smallest_m2)
    apart = cut_off(coverage, handed, to)
    if apart:
        raise Refused(
            "area_apart",
            f"This part of the area does not touch grid {receiver.code}.",
            place_of(handed, apart[0]),
            grid=to,
        )
    return _settled(coverage, handed, cut_off_to, smallest_m2)


def carve(
    coverage: DraftCoverage,
    area: shapely.Geometry,
    name: str,
    community: str | None,
    codes: CodeSource,
    *,
    cut_off_to: str | None,
    smallest_m2: float,
) -> Change:
    """Cut a dedicated grid out of the base grids it lies in.

    It belongs to ``community``, else to the one that most of its ground is of.

    Raises
    ------
    Refused
        ``dedicated_there``: a dedicated grid lies in the area; ``area_apart``: it is in
        several parts; ``name_invalid``, ``would_cut``, ``cut_off_apart``, ``piece_too_small``,
        and those of an area.
    """
    ground = cut(coverage, area)
    owners = sorted({owner for at in ground.taken if (owner := ground.owners[at])})
    if not owners:
        raise _outside(area)
    there = [code for code in owners if coverage.grids[code].kind == DEDICATED]
    if there:
        raise Refused(
            "dedicated_there",
            f"The area takes ground of the dedicated grid {there[0]}; dissolve or redraw that.",
            coverage.grids[there[0]].geometry,
            grid=there[0],
        )
    if community is None:
        community = _community_of(coverage, ground)
    elif community not in coverage.communities:
        raise NotFound(
            "community_not_found", f"There is no community {community}.", community=community
        )
    name = checked_name(name)
    new = codes.new(community, DEDICATED, owners[0])
    grid = DraftGrid(new, name, DEDICATED, community, shapely.Polygon())
    handed = replace(_given(coverage, ground, new, ground.taken, smallest_m2), describe={new: grid})
    apart = cut_off(coverage, handed, new)
    if apart:
        raise Refused(
            "area_apart",
            "The area lies in several parts of the city that do not touch.",
            place_of(handed, apart[0]),
        )
    return _settled(coverage, handed, cut_off_to, smallest_m2)


def redraw(
    coverage: DraftCoverage,
    code: str,
    area: shapely.Geometry,
    *,
    cut_off_to: str | None,
    smallest_m2: float,
) -> Change:
    """Give a grid another shape.

    Ground it gains comes from its neighbours; ground it gives up goes, piece by piece, to the
    neighbour with the longest edge to it, of its own community where there is one.

    Raises
    ------
    Refused
        ``outline_fixed``: the shape goes beyond the city; ``nothing_changes``,
        ``new_part``, ``would_cut``, ``cut_off_apart``, ``piece_too_small``, and those of an
        area.
    """
    coverage.grid(code)
    ground = cut(coverage, area, also=[code])
    beyond = [at for at, owner in enumerate(ground.owners) if owner is None and ground.inside[at]]
    handed = Handed(ground, list(ground.owners), {})
    # In steps: a projection has no true areas far from the city.
    if sum(ground.faces[at].area for at in beyond) >= MOST_BEYOND:
        raise Refused(
            "outline_fixed",
            "The new shape goes beyond the outline of the city, which moves by an operation"
            " of its own.",
            place_of(handed, beyond),
        )
    given_up = [
        at for at, owner in enumerate(ground.owners) if owner == code and not ground.inside[at]
    ]
    gained = [at for at in ground.taken if ground.owners[at] != code]
    if not (given_up or gained):
        raise Refused("nothing_changes", f"Grid {code} has this shape.", area, grid=code)
    handed = reassigned(handed, gained, code)
    if given_up:
        handed = _left_to_neighbours(coverage, handed, code, given_up)
    return _settled(coverage, handed, cut_off_to, smallest_m2)


def _outside(area: shapely.Geometry) -> Refused:
    return Refused("outside_city", "There is no grid in this area.", area)


def _given(
    coverage: DraftCoverage,
    ground: Ground,
    to: str,
    faces: Sequence[int],
    smallest_m2: float,
) -> Handed:
    handed = reassigned(Handed(ground, list(ground.owners), {}), faces, to)
    moved = [at for at in faces if ground.owners[at] != to]
    if not moved:
        raise Refused("nothing_changes", f"The area lies in grid {to} already.")
    if m2_of(coverage, handed, moved) < smallest_m2:
        raise Refused(
            "piece_too_small",
            f"The area takes less than {smallest_m2:,.1f} m².",
            place_of(handed, moved),
        )
    return handed


def _settled(
    coverage: DraftCoverage, handed: Handed, cut_off_to: str | None, smallest_m2: float
) -> Change:
    """The grids after ground was given; pieces that were cut off go where the planner said."""
    ground = handed.ground
    losers = sorted(
        {
            was
            for was, owner in zip(ground.owners, handed.owners, strict=True)
            if was != owner and was is not None
        }
    )
    handed = with_whole_pieces(coverage, handed, losers, cut_off_to, refuse=would_cut)
    ground = handed.ground
    for code in losers:
        left = [at for at, owner in enumerate(handed.owners) if owner == code]
        if left and m2_of(coverage, handed, left) < smallest_m2:
            raise Refused(
                "piece_too_small",
                f"Less than {smallest_m2:,.1f} m² would be left of grid {code}.",
                place_of(handed, left),
                grid=code,
            )
    return grids_of(coverage, handed)


def _left_to_neighbours(
    coverage: DraftCoverage, handed: Handed, code: str, faces: Sequence[int]
) -> Handed:
    """Give faces up, one after the other, so that one can follow its neighbour."""
    community = coverage.grids[code].community
    waiting = list(faces)
    handed = reassigned(with_surroundings(coverage, handed, waiting), waiting, NOBODY)
    while waiting:
        for at in waiting:
            offered = [each for each in touching(handed, [at]) if each != code]
            if offered:
                own = [each for each in offered if coverage.grids[each].community == community]
                handed = reassigned(handed, [at], (own or offered)[0])
                waiting.remove(at)
                break
        else:
            raise Refused(
                "no_neighbour",
                f"No other grid touches what grid {code} would give up.",
                place_of(handed, waiting),
                grid=code,
            )
    return handed


def _community_of(coverage: DraftCoverage, ground: Ground) -> str:
    """The community most of the area is of; the lowest code where two have as much."""
    areas: dict[str, float] = {}
    for at in ground.taken:
        owner = ground.owners[at]
        if owner is not None:
            community = coverage.grids[owner].community
            areas[community] = areas.get(community, 0.0) + ground.faces[at].area
    return min(areas, key=lambda code: (-areas[code], code))
