"""The place a refusal tells programs is where the fault lies, as GeoJSON."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.codes import CodeRule
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import (
    Carve,
    ChangeCommunity,
    Dissolve,
    Merge,
    MoveCorner,
    MoveStretch,
    Operation,
    Redraw,
    RedrawRegion,
    Split,
    Transfer,
    apply,
)
from boundaries.refusals import Refused
from tests.boundaries.planned_city import LIMITS, issuer, operations, outline, small_city
from tests.boundaries.square_city import block, line, point, refused, ring, square_city

CITY = square_city()
NEAR = 1e-8
"""A tenth of a millimetre is 1e-9 degrees."""


def told(why: Refused) -> shapely.Geometry:
    return shapely.from_geojson(json.dumps(why.where["where"]))


@pytest.mark.parametrize(
    ("operation", "code", "place"),
    [
        (Split("G03", line((1.5, -1), (1.5, 0.5))), "line_too_short", line((1.5, -1), (1.5, 0.5))),
        (Merge(("G00", "G04")), "not_neighbours", block(0, 0, 2, 2)),
        (Merge(("G03", "G06")), "community_edge", block(1, 0, 3, 1)),
        (MoveCorner(point(0.5, 0.5), point(0.6, 0.6)), "no_edge_here", point(0.5, 0.5)),
        (MoveCorner(point(0, 0), point(0.2, 0.2)), "outline_fixed", point(0, 0)),
        (
            MoveStretch(line((2, 0.2), (2.2, 0.5), (2, 0.8))),
            "community_edge",
            ring((2, 0.2), (2.2, 0.5), (2, 0.8)),
        ),
        (Transfer("G03", block(2, 0.2, 2.4, 0.8)), "community_edge", block(2, 0.2, 2.4, 0.8)),
        (Carve(block(1.7, 0.2, 2.3, 0.8), "学校"), "community_edge", block(1.7, 0.2, 2.3, 0.8)),
        (Redraw("G03", block(1, 0, 2.3, 1)), "community_edge", block(2, 0, 2.3, 1)),
        (Redraw("G00", block(0, -0.3, 1, 1)), "outline_fixed", block(0, -0.3, 1, 0)),
        (Carve(block(9, 9, 10, 10), "学校"), "outside_city", block(9, 9, 10, 10)),
        (Dissolve("G00", "G04"), "not_neighbours", block(0, 0, 1, 1)),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_refusal_tells_where_to_look(
    operation: Operation, code: str, place: shapely.Geometry
) -> None:
    where = told(refused(CITY, operation, code))
    assert not shapely.is_empty(where)
    assert shapely.covers(shapely.buffer(place, NEAR), where)


def test_the_last_grid_of_a_community_is_told_with_its_ground() -> None:
    city = CITY.with_changes([], [f"G{at:02d}" for at in range(7, 12)])
    where = told(refused(city, ChangeCommunity("G06", "C0"), "last_of_community"))
    assert shapely.equals(where, block(2, 0, 3, 1))


def refusal_of(city: DraftCoverage, operation: Operation) -> Refused | None:
    try:
        apply(city, operation, issuer(city, CodeRule()), LIMITS)
    except Refused as why:
        return why
    return None


def in_reach(city: DraftCoverage, operation: Operation) -> shapely.Polygon:
    """The box around a city and what was drawn on it."""
    drawn = [getattr(operation, field.name) for field in fields(operation)]
    if isinstance(operation, RedrawRegion):
        drawn = [grid.area for grid in operation.grids]
    shapes = [each for each in drawn if isinstance(each, shapely.Geometry)]
    return shapely.box(*shapely.total_bounds([outline(city), *shapes]))


@given(data=st.data(), seed=st.integers(0, 20))
@settings(max_examples=settings().max_examples * 2 // 10)
def test_whatever_is_refused_is_told_with_a_place_nearby_if_it_has_one(
    data: st.DataObject, seed: int
) -> None:
    city = small_city(seed=seed)
    for _ in range(4):
        operation = data.draw(operations(city))
        why = refusal_of(city, operation)
        if why is None or why.place is None:
            assert why is None or "where" not in why.where
            continue
        where = told(why)
        assert not shapely.is_empty(where)
        assert shapely.equals_exact(where, why.place, 1e-9)
        assert shapely.covers(shapely.buffer(in_reach(city, operation), NEAR), where)
