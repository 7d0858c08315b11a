"""The square city as rows of a file that somebody edited, and what is found in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import shapely

from boundaries.codes import CodeRule
from boundaries.comparing.compare import Compared, compare
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.plane import Plane
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import Operation, apply
from boundaries.refusals import Refused
from tests.boundaries.planned_city import LIMITS, issuer, prove_whole, shared_edges_match
from tests.boundaries.square_city import square_city

CITY = square_city()
PLANE = Plane.near(121.02, 30.015)
CENTIMETRE = 0.01 / 1_110
"""Of a cell's height, which is 1.1 km."""


def rows_of(city: DraftCoverage) -> dict[str, EditedGrid]:
    """The rows of a coverage by code, as they are exported."""
    return {
        code: EditedGrid(row, code, grid.geometry, grid.name, grid.kind, grid.community)
        for row, (code, grid) in enumerate(sorted(city.grids.items()), start=1)
    }


def edited(city: DraftCoverage = CITY, /, **rows: Any) -> list[EditedGrid]:
    """The rows with some changed: a shape, words of a row, or None for one that is gone."""
    found = rows_of(city)
    for code, given in rows.items():
        if given is None:
            del found[code]
            continue
        words = given if isinstance(given, dict) else {"geometry": given}
        known = found.get(code) or EditedGrid(len(found) + 1, code, shapely.Polygon())
        found[code] = replace(known, **words)
    return list(found.values())


def compared(rows: Iterable[EditedGrid], **allow: bool) -> Compared:
    """What is found in rows that were edited in degrees."""
    return compare(CITY, list(rows), PLANE, **allow)


def operations(rows: Iterable[EditedGrid], **allow: bool) -> list[Operation]:
    """The operations that are found, in their order."""
    return [step.operation for step in compared(rows, **allow).steps]


def carried_out(rows: Iterable[EditedGrid], **allow: bool) -> DraftCoverage:
    """The coverage after every operation that was found, each proven."""
    after = CITY
    for operation in operations(rows, **allow):
        after = apply(after, operation, issuer(after, CodeRule()), LIMITS).coverage
    prove_whole(after)
    assert shared_edges_match(after)
    return after


def refused(rows: Iterable[EditedGrid], code: str) -> Refused:
    """Why rows are refused: by this code, with a place to look at."""
    with pytest.raises(Refused) as caught:
        compared(rows)
    assert caught.value.code == code, str(caught.value)
    assert caught.value.place is not None
    return caught.value
