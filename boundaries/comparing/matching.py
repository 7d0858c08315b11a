"""Which row of an edited file is which grid of the base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from boundaries.comparing.base_lines import BaseLines
from boundaries.comparing.corners import Corners, Run, likeness
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.wide import is_same_ground
from boundaries.draft_coverage import DraftCoverage
from gis.crs import objects


@dataclass(frozen=True, slots=True)
class Matched:
    """The rows by what became of their grids' ground.

    Parameters
    ----------
    kept
        By the base's code: rows whose grid has the ground it had. The row's own code is
        another one where the grid was recoded.
    changed
        Rows with a code of the base, on other ground.
    added
        Rows with a code that the base does not have, or without one.
    retired
        Codes of the base that no row has.
    """

    kept: dict[str, EditedGrid]
    changed: tuple[EditedGrid, ...]
    added: tuple[EditedGrid, ...]
    retired: tuple[str, ...]


def refuse_repeated(rows: Sequence[EditedGrid]) -> None:
    """Refuse a code that two rows have.

    Raises
    ------
    Refused
        ``duplicate_code``.
    """
    first: dict[str, EditedGrid] = {}
    for row in rows:
        if row.code is None:
            continue
        known = first.setdefault(row.code, row)
        if known is not row:
            raise row.refused(
                "duplicate_code",
                f"row {known.row} has this code too; after a split give the new grid a code of"
                " its own, or none: then the city's rule gives it one.",
                row.geometry,
                beside=(known,),
                grid=row.code,
            )


def match(base: DraftCoverage, lines: BaseLines, rows: Sequence[EditedGrid]) -> Matched:
    """Match rows with grids: by code, and where a code is gone by its ground."""
    shapes = objects([row.geometry for row in rows])
    corners = Corners.of(shapes)
    numbers = lines.at(lines.plane.lay(corners.degrees))
    rings: list[list[Run]] = [[] for _ in rows]
    for run, polygon in zip(corners.runs(numbers), corners.polygon.tolist(), strict=True):
        rings[polygon].append(run)
    like = [likeness(found) for found in rings]
    known = [at for at, row in enumerate(rows) if row.code in base.grids]
    kept = _same(base, lines, rows, [(at, str(rows[at].code)) for at in known], like)
    retired = base.grids.keys() - {row.code for row in rows}
    by_rings = {lines.rings[code]: code for code in retired}
    strangers = [at for at, row in enumerate(rows) if row.code and row.code not in base.grids]
    recoded = {by_rings[like[at]]: rows[at] for at in strangers if like[at] in by_rings}
    found = {row.row for row in recoded.values()}
    left = [at for at in strangers if rows[at].row not in found]
    pairs = _overlapping(base, lines, rows, left, sorted(retired - recoded.keys()))
    recoded |= _same(base, lines, rows, pairs, like)
    told = {row.row for row in (*kept.values(), *recoded.values())}
    others = [row for row in rows if row.row not in told]
    return Matched(
        kept | recoded,
        tuple(row for row in others if row.code in base.grids),
        tuple(row for row in others if row.code not in base.grids),
        tuple(sorted(retired - recoded.keys())),
    )


def _same(
    base: DraftCoverage,
    lines: BaseLines,
    rows: Sequence[EditedGrid],
    pairs: Sequence[tuple[int, str]],
    like: Sequence[tuple[Run, ...]],
) -> dict[str, EditedGrid]:
    """The pairs of row and code that are on the same ground, by code."""
    found = {code: rows[at] for at, code in pairs if like[at] == lines.rings[code]}
    for plane in (lines.flat, lines.plane):
        doubtful = [(at, code) for at, code in pairs if code not in found]
        if not doubtful:
            break
        is_same = is_same_ground(
            plane.lay_shapes([rows[at].geometry for at, _ in doubtful]),
            plane.lay_shapes([base.grids[code].geometry for _, code in doubtful]),
        )
        for (at, code), same in zip(doubtful, is_same.tolist(), strict=True):
            if same:
                found.setdefault(code, rows[at])
    return found


def _overlapping(
    base: DraftCoverage,
    lines: BaseLines,
    rows: Sequence[EditedGrid],
    at: Sequence[int],
    codes: Sequence[str],
) -> list[tuple[int, str]]:
    """The pairs whose boxes are nearly the same."""
    if not at or not codes:
        return []
    boxes = shapely.bounds(lines.plane.lay_shapes([rows[each].geometry for each in at]))
    others = shapely.bounds(lines.plane.lay_shapes([base.grids[code].geometry for code in codes]))
    near = np.abs(boxes[:, None, :] - others[None, :, :]).max(axis=2) < 1.0
    return [(at[one], codes[other]) for one, other in np.argwhere(near).tolist()]
