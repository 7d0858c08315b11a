"""Codes, names and communities of grids; no shape changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from boundaries.codes import CodeSource
from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.editing.splitting import Change
from boundaries.refusals import Refused
from gis.crs import objects
from gis.errors import NotFound

LONGEST_NAME = 80


def recode(coverage: DraftCoverage, code: str, new: str, codes: CodeSource) -> Change:
    """Give a grid another code; a name that is its code follows.

    Raises
    ------
    Refused
        ``code_invalid``, ``code_taken``.
    """
    grid = coverage.grid(code)
    codes.refuse_taken(new)
    return [_recoded(grid, new)], [code]


def rename(coverage: DraftCoverage, code: str, name: str) -> Change:
    """Give a grid another name.

    Raises
    ------
    Refused
        ``name_invalid``, ``nothing_changes``.
    """
    grid = coverage.grid(code)
    name = checked_name(name)
    if name == grid.name:
        raise Refused("nothing_changes", f"Grid {code} has this name.", grid=code)
    return [replace(grid, name=name)], []


def checked_name(name: str) -> str:
    """A grid's name without blanks at its ends.

    Raises
    ------
    Refused
        ``name_invalid``.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused("name_invalid", f"A name has 1 to {LONGEST_NAME} printable characters.")
    return name


def change_community(coverage: DraftCoverage, code: str, community: str) -> Change:
    """Put a grid into another community.

    Raises
    ------
    NotFound
        ``community_not_found``.
    Refused
        ``nothing_changes``; ``last_of_community``: a community has one grid at least.
    """
    grid = coverage.grid(code)
    if community not in coverage.communities:
        raise NotFound(
            "community_not_found", f"There is no community {community}.", community=community
        )
    if grid.community == community:
        raise Refused("nothing_changes", f"Grid {code} is of this community.", grid=code)
    if sum(each.community == grid.community for each in coverage.grids.values()) == 1:
        raise Refused(
            "last_of_community",
            f"Grid {code} is the last one of community {grid.community}.",
            grid.geometry,
            grid=code,
        )
    return [replace(grid, community=community)], []


def renumber(coverage: DraftCoverage, community: str, codes: CodeSource) -> Change:
    """Give the grids of a community new codes in the order one reads a map.

    Row by row from the north, each from west to east. A row is as high as half of its grids
    are at least.

    Raises
    ------
    NotFound
        ``community_not_found``.
    """
    grids = [grid for grid in coverage.grids.values() if grid.community == community]
    if not grids:
        raise NotFound(
            "community_not_found", f"There is no community {community}.", community=community
        )
    changed = [
        _recoded(grid, codes.new(community, grid.kind, grid.code)) for grid in reading_order(grids)
    ]
    return changed, [grid.code for grid in grids]


def reading_order(grids: list[DraftGrid]) -> list[DraftGrid]:
    """Grids row by row from the north, each row from west to east."""
    shapes = objects([grid.geometry for grid in grids])
    bounds = shapely.bounds(shapes)
    height = float(np.median(bounds[:, 3] - bounds[:, 1]))
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    rows = np.floor((bounds[:, 3].max() - centres[:, 1]) / height)
    order = np.lexsort((np.array([grid.code for grid in grids]), centres[:, 0], rows))
    return [grids[at] for at in order]


def _recoded(grid: DraftGrid, new: str) -> DraftGrid:
    return replace(grid, code=new, name=new if grid.name == grid.code else grid.name)
