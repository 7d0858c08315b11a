"""A draft of square cells, whose answers a reader can work out, and what is drawn on it.

Places are given in cells from the south-west corner. Of the 4 x 3 grids G00 is in the
south-west, G01 lies north of it, G03 east of it; G00 to G05 are of community C0, the
others of C1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from boundaries.codes import CodeRule
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import Applied, Operation, apply
from boundaries.refusals import Refused
from gis.crs import STEPS_PER_DEGREE
from tests.boundaries.planned_city import (
    LIMITS,
    city_of,
    issuer,
    outline,
    prove_whole,
    shared_edges_match,
)

CELL_STEPS = 10**7
WEST, SOUTH = 121 * STEPS_PER_DEGREE, 30 * STEPS_PER_DEGREE


def at(x: float, y: float) -> tuple[float, float]:
    """A place, so many cells east and north of the corner, in degrees."""
    return (
        (WEST + round(x * CELL_STEPS)) / STEPS_PER_DEGREE,
        (SOUTH + round(y * CELL_STEPS)) / STEPS_PER_DEGREE,
    )


def point(x: float, y: float) -> shapely.Point:
    """A point at a place."""
    return shapely.Point(at(x, y))


def line(*places: tuple[float, float]) -> shapely.LineString:
    """A line through places."""
    return shapely.LineString([at(x, y) for x, y in places])


def ring(*places: tuple[float, float]) -> shapely.Polygon:
    """A polygon around places."""
    return shapely.Polygon([at(x, y) for x, y in places])


def block(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle."""
    return ring((west, south), (east, south), (east, north), (west, north))


def blob(x: float, y: float, reach: float, count: int) -> shapely.Polygon:
    """A round area of so many points."""
    turns = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return ring(*zip(x + reach * np.cos(turns), y + reach * np.sin(turns), strict=True))


def square_city(columns: int = 4, rows: int = 3) -> DraftCoverage:
    """Square cells, column by column from the south-west."""
    cells = np.empty(columns * rows, dtype=object)
    for column in range(columns):
        for row in range(rows):
            cells[column * rows + row] = block(column, row, column + 1, row + 1)
    return city_of(cells)


def tried(
    city: DraftCoverage, operation: Operation, rule: CodeRule | None = None, *used: str
) -> Applied:
    """An operation carried out with codes by a rule, without a proof of the whole."""
    return apply(city, operation, issuer(city, rule or CodeRule(), {*used}), LIMITS)


def done(
    city: DraftCoverage, operation: Operation, rule: CodeRule | None = None, *used: str
) -> DraftCoverage:
    """The coverage after an operation, its four proofs told by others than the operation."""
    after = tried(city, operation, rule, *used).coverage
    prove_whole(after)
    assert shared_edges_match(after)
    return after


def refused(city: DraftCoverage, operation: Operation, code: str) -> Refused:
    """Why an operation is refused: by this code, in a sentence."""
    with pytest.raises(Refused) as caught:
        tried(city, operation)
    assert caught.value.code == code, str(caught.value)
    assert str(caught.value).endswith(".")
    return caught.value


def offered(why: Refused) -> list[str]:
    """The grids that a refusal offers, in order of their codes."""
    codes = why.where["offered"]
    assert isinstance(codes, list)
    return sorted(codes)


def place_type(why: Refused) -> str:
    """The type of the geometry that programs are told as the place to look at."""
    told = why.where["where"]
    assert isinstance(told, dict)
    return str(told["type"])


def shape(city: DraftCoverage, code: str) -> Any:
    """The ground of a grid, a Polygon or a MultiPolygon."""
    return city.grids[code].geometry


def cells(city: DraftCoverage, code: str) -> float:
    """The size of a grid, in cells."""
    return float(shapely.area(shape(city, code))) * (STEPS_PER_DEGREE / CELL_STEPS) ** 2


def outline_kept(before: DraftCoverage, after: DraftCoverage) -> bool:
    """Whether the union of all grids is what it was, to a step along its length."""
    was = outline(before)
    differs = shapely.symmetric_difference(was, outline(after))
    return bool(shapely.area(differs) <= shapely.length(was) / STEPS_PER_DEGREE)
