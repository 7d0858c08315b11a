"""An edited coverage held against its base: the operations that make the one of the other.

Rows and grids are matched by code. What moved no farther than 2 cm has not moved; of what is
left each connected region is one ``RedrawRegion``, and every other change an operation of its
own, in an order in which each can be carried out on what those before it made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from boundaries.comparing.base_lines import BaseLines
from boundaries.comparing.communities import Region, changers, has_to_be_first, ordered
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.fit import Drawn, refuse_misfits
from boundaries.comparing.matching import Matched, match, refuse_repeated
from boundaries.comparing.plane import Plane
from boundaries.comparing.regions import regions_of
from boundaries.comparing.shapes import drawn_shapes
from boundaries.comparing.steps import (
    Step,
    by_old_code,
    drawn_anew,
    into_community,
    other_kinds,
    recodes,
    renames,
)
from boundaries.comparing.wide import is_same_ground
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import ChangeCommunity, Recode, Rename
from boundaries.refusals import Refused

_NO_CODE = "\U0010ffff"
"""Begins what stands for a row whose code the base lacks: no code has it, it comes last."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many grids are what in the edited coverage.

    A grid may be counted in several, but for ``unchanged``. ``corners_snapped`` are those of
    the rows drawn anew that were brought to another place.
    """

    unchanged: int = 0
    redrawn: int = 0
    recoded: int = 0
    renamed: int = 0
    community_changed: int = 0
    kind_changed: int = 0
    added: int = 0
    retired: int = 0
    corners_snapped: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """What was done to a coverage: the operations in their order, and what was found."""

    steps: tuple[Step, ...]
    found: Found


def compare(
    base: DraftCoverage,
    rows: Sequence[EditedGrid],
    plane: Plane,
    *,
    allow_community_change: bool = False,
) -> Compared:
    """Find what was done to a coverage.

    Parameters
    ----------
    rows
        The whole coverage as it is to be.
    plane
        Of the coordinates that they were edited in.
    allow_community_change
        Whether a region may move an edge between communities.

    Raises
    ------
    Refused
        ``duplicate_code``, ``community_not_found``, ``polygon_invalid``,
        ``polygon_too_thin``, ``corners_too_dense``, ``region_overlap``, ``region_uncovered``,
        ``outline_fixed``; with rows, codes and the place. ``codes_unknown``: it is another
        city's file, or another column.
    """
    refuse_repeated(rows)
    _refuse_unknown_communities(base, rows)
    try:
        return _compared(base, rows, plane, allow=allow_community_change)
    except shapely.errors.GEOSException as error:
        raise Refused("shape_unworkable", f"The shapes cannot be worked with: {error}.") from error


def _compared(
    base: DraftCoverage, rows: Sequence[EditedGrid], plane: Plane, *, allow: bool
) -> Compared:
    lines = BaseLines.of(base, plane)
    matched = match(base, lines, rows)
    if not (matched.kept or matched.changed):
        raise Refused(
            "codes_unknown",
            f"None of the {len(rows):,} rows has a code of the version that was edited; it is"
            " another city's file, or the codes are in another column.",
        )
    matched, drawn, snapped = _drawn(base, lines, matched)
    flat = lines.flat
    refuse_misfits(base, matched.kept, drawn, matched.retired, flat)
    regions = _regions(base, drawn, matched.retired, flat)
    first = [region for region in regions if has_to_be_first(base, region, flat)]
    early = {each.row.row for region in first for each in region.drawn}
    moving = changers(base, by_old_code(matched))
    counts = Counter(grid.community for grid in base.grids.values())
    of_row = {row.row: base.grids[code].community for code, row in by_old_code(matched).items()}
    turns = [
        ordered(counts, [(of_row[row.row], row) for row in moving if (row.row in early) is turn])
        for turn in (True, False)
    ]
    steps = [
        *recodes(matched),
        *other_kinds(base, matched.kept),
        *(into_community(row) for row in turns[0]),
        *(drawn_anew(base, region, allow=allow) for region in regions),
        *(into_community(row) for row in turns[1]),
        *renames(base, matched),
    ]
    return Compared(tuple(steps), _found(base, rows, matched, steps, snapped))


def _refuse_unknown_communities(base: DraftCoverage, rows: Sequence[EditedGrid]) -> None:
    for row in rows:
        if row.community is not None and row.community not in base.communities:
            raise row.refused(
                "community_not_found",
                f"there is no community {row.community}.",
                row.geometry,
                community=row.community,
            )


def _drawn(
    base: DraftCoverage, lines: BaseLines, matched: Matched
) -> tuple[Matched, list[Drawn], int]:
    """The rows on other ground with their shapes; those that turn out to have kept it go."""
    rows = [*matched.changed, *matched.added]
    if not rows:
        return matched, [], 0
    shapes, snapped = drawn_shapes(lines, rows)
    # One that was not valid before its corners were brought to the base can be told now.
    is_same = is_same_ground(
        lines.flat.lay_shapes([shapes[row.row] for row in matched.changed]),
        lines.flat.lay_shapes([base.grids[str(row.code)].geometry for row in matched.changed]),
    )
    kept = dict(matched.kept)
    for row, same in zip(matched.changed, is_same.tolist(), strict=True):
        if same:
            kept[str(row.code)] = row
    changed = tuple(row for row in matched.changed if row.code not in kept)
    others = Matched(kept, changed, matched.added, matched.retired)
    drawn = [Drawn(row, shapes[row.row]) for row in (*changed, *matched.added)]
    return others, drawn, snapped


def _regions(
    base: DraftCoverage, drawn: Sequence[Drawn], retired: Sequence[str], flat: Plane
) -> list[Region]:
    """The changed, added and retired grids that hang together, by their first code."""
    of_row = {
        f"{_NO_CODE}{each.row.row:09d}": each for each in drawn if each.row.code not in base.grids
    }
    of_code = {str(each.row.code): each for each in drawn if each.row.code in base.grids}
    shapes = {key: [each.shape] for key, each in of_row.items()}
    for code, each in of_code.items():
        shapes[code] = [each.shape, base.grids[code].geometry]
    for code in retired:
        shapes[code] = [base.grids[code].geometry]
    every = of_row | of_code
    return [
        Region(
            tuple(every[key] for key in members if key in every),
            tuple(key for key in members if key not in every),
        )
        for members in regions_of(shapes, flat)
    ]


def _found(
    base: DraftCoverage,
    rows: Sequence[EditedGrid],
    matched: Matched,
    steps: Sequence[Step],
    snapped: int,
) -> Found:
    told = {row.row for step in steps for row in step.rows}
    count = Counter(type(step.operation) for step in steps)
    by_old = by_old_code(matched)
    return Found(
        unchanged=sum(row.row not in told for row in rows),
        redrawn=len(matched.changed),
        recoded=count[Recode],
        renamed=count[Rename],
        community_changed=count[ChangeCommunity],
        kind_changed=sum(row.kind not in (None, base.grids[c].kind) for c, row in by_old.items()),
        added=len(matched.added),
        retired=len(matched.retired),
        corners_snapped=snapped,
    )
