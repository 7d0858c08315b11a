"""When, among the other operations, grids are put into another community.

An edge between two communities moves only where that is allowed. A grid that changes its
community and its shape may need it before or after, as the ground it gains or gives up is
of its new or of its old community.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.fit import Drawn
from boundaries.comparing.plane import Plane
from boundaries.comparing.wide import is_wide
from boundaries.draft_coverage import DraftCoverage
from gis.crs import objects


@dataclass(frozen=True, slots=True)
class Region:
    """Grids that hang together: rows with their new shapes, and codes of those that are gone."""

    drawn: tuple[Drawn, ...]
    retired: tuple[str, ...]


def changers(base: DraftCoverage, kept: Mapping[str, EditedGrid]) -> list[EditedGrid]:
    """The rows, by the base's code, whose community is not that of their grid."""
    return [
        row
        for code, row in sorted(kept.items())
        if row.community not in (None, base.grids[code].community)
    ]


def has_to_be_first(base: DraftCoverage, region: Region, plane: Plane) -> bool:
    """Whether the grids of a region change their communities before it is drawn anew.

    So it is where an edge between communities would move otherwise, and then does not.
    """
    changed = [each.row for each in region.drawn if each.row.code in base.grids]
    moving = changers(base, {str(row.code): row for row in changed})
    if not moving:
        return False
    now = {code: base.grids[code].community for code in (*region.retired, *_codes(changed))}
    then = now | {str(row.code): str(row.community) for row in moving}
    pairs = _ground_in_common(base, region, plane)
    return _crosses(pairs, region, now) and not _crosses(pairs, region, then)


def ordered(counts: Counter[str], moving: Iterable[tuple[str, EditedGrid]]) -> list[EditedGrid]:
    """Rows that change their community so that none is left without a grid on the way.

    Parameters
    ----------
    counts
        How many grids each community has; brought to what it is afterwards.
    moving
        The community a row's grid is of, and the row.
    """
    waiting = list(moving)
    done: list[EditedGrid] = []
    while waiting:
        # One that leaves nobody behind is refused when its turn has come.
        at = next((at for at, (old, _) in enumerate(waiting) if counts[old] > 1), 0)
        old, row = waiting.pop(at)
        counts[old] -= 1
        counts[str(row.community)] += 1
        done.append(row)
    return done


def _codes(rows: Iterable[EditedGrid]) -> list[str]:
    return [str(row.code) for row in rows]


def _ground_in_common(
    base: DraftCoverage, region: Region, plane: Plane
) -> list[tuple[int, str, float]]:
    """Shapes, grids of the base, and the area that is of both and wider than 2 cm."""
    codes = [*region.retired, *(str(e.row.code) for e in region.drawn if e.row.code in base.grids)]
    old = plane.lay_shapes([base.grids[code].geometry for code in codes])
    new = plane.lay_shapes([each.shape for each in region.drawn])
    one, other = shapely.STRtree(old).query(new, "intersects")
    common = objects(shapely.intersection(new[one], old[other]))
    wide = np.flatnonzero(is_wide(common))
    sizes = shapely.area(common)
    return [(int(one[at]), codes[other[at]], float(sizes[at])) for at in wide.tolist()]


def _crosses(
    pairs: Sequence[tuple[int, str, float]], region: Region, communities: Mapping[str, str]
) -> bool:
    most: dict[int, tuple[float, str]] = {}
    for at, code, size in pairs:
        most[at] = max(most.get(at, (0.0, "")), (size, communities[code]))
    for at, code, _ in pairs:
        row = region.drawn[at].row
        of_row = communities.get(row.code or "") or row.community or most[at][1]
        if of_row != communities[code]:
            return True
    return False
