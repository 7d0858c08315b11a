"""The operations on a coverage: what a planner may do, each whole or not at all.

Pure: a coverage and an operation in, another coverage out, proven; or ``Refused``, in the
planner's words with a place to look at. Applied again to the same coverage with the codes
that it was given, an operation gives the same coverage byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import shapely

from boundaries.codes import CodeSource
from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.editing.areas import carve, redraw, transfer
from boundaries.editing.merging import dissolve, merge
from boundaries.editing.moving import move_corner, move_stretch
from boundaries.editing.outline_redraw import redraw_outline
from boundaries.editing.region import DrawnGrid, redraw_region
from boundaries.editing.renaming import change_community, recode, rename, renumber
from boundaries.editing.splitting import Change, split
from boundaries.proof import Meant, prove_change
from boundaries.refusals import Refused
from gis.errors import BadInput


@dataclass(frozen=True, slots=True)
class Split:
    """Divide a grid along a line."""

    grid: str
    line: shapely.LineString


@dataclass(frozen=True, slots=True)
class Merge:
    """Unite neighbours into one grid."""

    grids: tuple[str, ...]
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class MoveCorner:
    """Move a corner, or a point of an edge, in every grid that has it."""

    start: shapely.Point
    end: shapely.Point
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class MoveStretch:
    """Draw a stretch of the edge between two grids anew."""

    line: shapely.LineString
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class Transfer:
    """Give the ground of an area to a neighbour."""

    to: str
    area: shapely.Geometry
    cut_off_to: str | None = None
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class Carve:
    """Cut a dedicated grid out of base grids."""

    area: shapely.Geometry
    name: str
    community: str | None = None
    cut_off_to: str | None = None
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class Dissolve:
    """Let a grid go up in a neighbour."""

    grid: str
    to: str | None = None
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class Redraw:
    """Give a grid another shape."""

    grid: str
    area: shapely.Geometry
    cut_off_to: str | None = None
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class RedrawRegion:
    """Draw several grids anew at once, on the ground of those they replace."""

    grids: tuple[DrawnGrid, ...]
    retire: tuple[str, ...] = ()
    allow_community_change: bool = False


@dataclass(frozen=True, slots=True)
class RedrawOutline:
    """Move the outline of the city."""

    outline: shapely.MultiPolygon
    reason: str


@dataclass(frozen=True, slots=True)
class Recode:
    """Give a grid another code."""

    grid: str
    code: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a grid another name."""

    grid: str
    name: str


@dataclass(frozen=True, slots=True)
class ChangeCommunity:
    """Put a grid into another community."""

    grid: str
    community: str


@dataclass(frozen=True, slots=True)
class Renumber:
    """Give the grids of a community new codes, west to east and north to south."""

    community: str


Operation = (
    Split
    | Merge
    | MoveCorner
    | MoveStretch
    | Transfer
    | Carve
    | Dissolve
    | Redraw
    | RedrawRegion
    | RedrawOutline
    | Recode
    | Rename
    | ChangeCommunity
    | Renumber
)


@dataclass(frozen=True, slots=True)
class Limits:
    """``smallest_m2``: what an operation leaves or makes is no smaller."""

    smallest_m2: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.smallest_m2 < 1e9:
            raise BadInput("limit_invalid", f"smallest_m2 is an area, not {self.smallest_m2}.")


@dataclass(frozen=True, slots=True)
class Applied:
    """A coverage after an operation: its grids that are new or others than before."""

    coverage: DraftCoverage
    changed: tuple[DraftGrid, ...]
    retired: tuple[str, ...]


def apply(
    coverage: DraftCoverage, operation: Operation, codes: CodeSource, limits: Limits
) -> Applied:
    """Carry out an operation and prove the neighbourhood of what it changed.

    Raises
    ------
    Refused
        With the reason and the place; nothing has changed then.
    NotFound
        ``grid_not_found``, ``community_not_found``.
    """
    allow: bool = getattr(operation, "allow_community_change", False)
    meant = Meant(communities=allow)
    try:
        match operation:
            case Merge(grids):
                one, retired, parts = merge(coverage, grids, codes)
                change, meant = ([one], retired), Meant(communities=allow, parts={one.code: parts})
            case Dissolve(grid, to):
                one, retired, parts = dissolve(coverage, grid, to)
                change, meant = ([one], retired), Meant(communities=allow, parts={one.code: parts})
            case Split(grid, line):
                change = split(coverage, grid, line, codes, limits.smallest_m2)
                # Parts that the line leaves whole stay together, under a new code perhaps.
                had = int(shapely.get_num_geometries(coverage.grids[grid].geometry))
                new = (each.code for each in change[0] if each.code not in coverage.grids)
                meant = Meant(parts=dict.fromkeys(new, had))
            case RedrawOutline(outline, reason):
                return _with_outline(coverage, outline, reason)
            case Recode() | Rename() | ChangeCommunity() | Renumber():
                return _renamed(coverage, operation, codes)
            case _:
                change = _shaped(coverage, operation, codes, limits)
        changed, gone = _differing(coverage, change)
        if not changed:
            raise Refused("nothing_changes", "The grids are as this would make them.")
        prove_change(coverage, changed, gone, meant)
    except shapely.errors.GEOSException as error:
        raise Refused(
            "shape_unworkable", f"The shapes cannot be worked with here: {error}."
        ) from error
    return Applied(coverage.with_changes(changed, gone), tuple(changed), tuple(gone))


def _shaped(
    coverage: DraftCoverage, operation: Operation, codes: CodeSource, limits: Limits
) -> Change:
    smallest_m2 = limits.smallest_m2
    match operation:
        case MoveCorner(start, end):
            return move_corner(coverage, start, end)
        case MoveStretch(line):
            return move_stretch(coverage, line)
        case Transfer(to, area, cut_off_to):
            return transfer(coverage, to, area, cut_off_to=cut_off_to, smallest_m2=smallest_m2)
        case Carve(area, name, community, cut_off_to):
            return carve(
                coverage,
                area,
                name,
                community,
                codes,
                cut_off_to=cut_off_to,
                smallest_m2=smallest_m2,
            )
        case RedrawRegion(grids, retire):
            return redraw_region(coverage, grids, retire, codes, smallest_m2=smallest_m2)
        case Redraw(grid, area, cut_off_to):
            return redraw(coverage, grid, area, cut_off_to=cut_off_to, smallest_m2=smallest_m2)
    raise AssertionError(operation)


def _renamed(coverage: DraftCoverage, operation: Operation, codes: CodeSource) -> Applied:
    match operation:
        case Recode(grid, code):
            change = recode(coverage, grid, code, codes)
        case Rename(grid, name):
            change = rename(coverage, grid, name)
        case ChangeCommunity(grid, community):
            change = change_community(coverage, grid, community)
        case Renumber(community):
            change = renumber(coverage, community, codes)
        case _:
            raise AssertionError(operation)
    return Applied(coverage.with_changes(*change), tuple(change[0]), tuple(change[1]))


def _with_outline(coverage: DraftCoverage, outline: shapely.MultiPolygon, reason: str) -> Applied:
    if not reason.strip():
        raise Refused("reason_missing", "A change of the outline needs a reason.")
    after, (changed, retired) = redraw_outline(coverage, outline)
    prove_change(coverage, changed, retired, Meant(outline=True, communities=True))
    return Applied(after, tuple(changed), tuple(retired))


def _differing(coverage: DraftCoverage, change: Change) -> Change:
    """A change without the grids that are as they were, in a normal form that bytes compare by."""
    changed, retired = change
    normal = [replace(grid, geometry=shapely.normalize(grid.geometry)) for grid in changed]
    return [grid for grid in normal if _is_other(coverage, grid)], retired


def _is_other(coverage: DraftCoverage, grid: DraftGrid) -> bool:
    old = coverage.grids.get(grid.code)
    if old is None or replace(old, geometry=grid.geometry) != grid:
        return True
    return not shapely.equals_exact(shapely.normalize(old.geometry), grid.geometry, 0.0)
