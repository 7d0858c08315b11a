"""An edited coverage held against its base: what is found, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from boundaries.codes import CodeRule
from boundaries.comparing.compare import compare
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.plane import Plane
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import ChangeCommunity, Recode, RedrawRegion, Rename, Split, apply
from boundaries.refusals import Refused
from tests.boundaries.edited_rows import (
    CENTIMETRE,
    CITY,
    PLANE,
    carried_out,
    compared,
    edited,
    operations,
    rows_of,
)
from tests.boundaries.planned_city import LIMITS, issuer, shared_edges_match
from tests.boundaries.square_city import block, cells, done, line, ring, shape, square_city


def test_an_unchanged_coverage_is_no_operation() -> None:
    found = compared(edited())
    assert found.steps == ()
    assert (found.found.unchanged, found.found.corners_snapped) == (12, 0)


def test_words_alone_are_operations_of_their_own() -> None:
    rows = edited(G00={"name": "桥西"}, G01={"code": "X1", "name": "X1"}, G04={"community": "C1"})
    assert operations(rows) == [
        Recode("G01", "X1"),
        ChangeCommunity("G04", "C1"),
        Rename("G00", "桥西"),
    ]
    after = carried_out(rows)
    assert after.grids["G00"].name == "桥西"
    assert shapely.to_wkb(shape(after, "X1")) == shapely.to_wkb(shape(CITY, "G01"))
    assert after.grids["G04"].community == "C1"


def test_a_name_that_was_the_code_stays_where_the_file_keeps_it() -> None:
    """A recode takes such a name along; the row says what it is called."""
    kept = carried_out(edited(G01={"code": "X1"}))
    assert kept.grids["X1"].name == "G01"
    followed = carried_out(edited(G01={"code": "X1", "name": "X1"}))
    assert followed.grids["X1"].name == "X1"


def test_a_grid_becomes_dedicated_on_the_ground_it_has() -> None:
    after = carried_out(edited(G05={"kind": "dedicated"}))
    assert after.grids["G05"].kind == "dedicated"
    assert compared(edited(G05={"kind": "dedicated"})).found.kind_changed == 1


def test_everything_at_once_comes_to_what_the_rows_say() -> None:
    """G03, which gets a corner by the split of G00, is recoded, renamed and of another kind."""
    rows = edited(
        G00=block(0, 0, 1, 0.5),
        X1={"geometry": block(0, 0.5, 1, 1), "community": "C0", "kind": "dedicated"},
        G03={"code": "X3", "name": "桥西", "kind": "dedicated"},
        G05={"community": "C1"},
        G10=None,
        G11=block(3, 1, 4, 3),
    )
    after = carried_out(rows)
    assert {code: (grid.kind, grid.community) for code, grid in after.grids.items()} == {
        str(row.code): (row.kind, row.community) for row in rows
    }
    assert after.grids["X3"].name == "桥西"
    assert shapely.get_num_coordinates(shape(after, "X3")) == 6
    assert cells(after, "G11") == pytest.approx(2)


def test_what_the_file_does_not_say_stays() -> None:
    rows = [EditedGrid(row.row, row.code, row.geometry) for row in edited()]
    assert compared(rows).steps == ()


def test_a_split_is_one_region_and_gives_its_neighbours_the_corner() -> None:
    """The neighbour G03 has the corner in the file or has not: it is the same draft."""
    lower, upper = block(0, 0, 1, 0.5), block(0, 0.5, 1, 1)
    rows = edited(G00=lower, X1={"geometry": upper, "name": "北半"})
    (region,) = operations(rows)
    assert isinstance(region, RedrawRegion)
    assert [each.code for each in region.grids] == ["G00", "X1"]
    after = carried_out(rows)
    assert after.grids["X1"].name == "北半"
    cornered = ring((1, 0), (2, 0), (2, 1), (1, 1), (1, 0.5))
    beside = carried_out([*rows[:3], replace(rows[3], geometry=cornered), *rows[4:]])
    assert beside.grids == after.grids
    assert shapely.get_num_coordinates(shape(after, "G03")) == 6
    untouched = after.grids.keys() - {"G00", "X1", "G03"}
    assert all(after.grids[code] is CITY.grids[code] for code in untouched)


def test_a_row_without_a_code_gets_one_by_the_rule() -> None:
    rows = edited(G00=block(0, 0, 1, 0.5), new={"geometry": block(0, 0.5, 1, 1), "code": None})
    after = carried_out(rows)
    assert set(after.grids) == set(CITY.grids) | {"G00-1"}


def test_grids_that_only_touch_in_a_corner_are_regions_of_their_own() -> None:
    """G00 with G01, and diagonally beside them G05 with G08: the corner they share is no edge."""
    rows = edited(
        G00=block(0, 0, 1, 1.1),
        G01=block(0, 1.1, 1, 2),
        G05=block(1, 2, 2.1, 3),
        G08=block(2.1, 2, 3, 3),
    )
    regions = operations(rows, allow_community_change=True)
    codes = [
        [each.code for each in region.grids]
        for region in regions
        if isinstance(region, RedrawRegion)
    ]
    assert codes == [["G00", "G01"], ["G05", "G08"]]
    after = carried_out(rows, allow_community_change=True)
    assert cells(after, "G08") == pytest.approx(0.9)


def test_a_grid_merged_into_its_neighbour_is_retired() -> None:
    found = compared(edited(G00=None, G01=block(0, 0, 1, 2)))
    assert (found.found.redrawn, found.found.retired, found.found.unchanged) == (1, 1, 10)
    after = carried_out(edited(G00=None, G01=block(0, 0, 1, 2)))
    assert cells(after, "G01") == pytest.approx(2)


def test_two_grids_that_swap_their_codes_are_redrawn() -> None:
    """Matched by code: each has the other's ground, and nobody is given a used code."""
    rows = edited(G00=shape(CITY, "G01"), G01=shape(CITY, "G00"))
    after = carried_out(rows)
    assert shape(after, "G00").equals(shape(CITY, "G01"))


@pytest.mark.parametrize("apart_cm", [0.5, 1.9])
def test_what_moved_no_farther_than_two_centimetres_has_not_moved(apart_cm: float) -> None:
    aside = apart_cm * CENTIMETRE
    rows = edited(G00=ring((0, 0), (1, 0), (1, 1 + aside), (0, 1 - aside)))
    assert compared(rows).steps == ()


def test_corners_that_were_brought_to_the_base_are_counted() -> None:
    """Of G00 two are a centimetre beside the base's, and one is moved on purpose."""
    aside = 1.2 * CENTIMETRE
    drawn = ring((0, 0), (1, aside), (1 - aside, 1), (0, 0.9))
    rows = edited(G00=drawn, G01=ring((0, 0.9), (1, 1), (1, 2), (0, 2)))
    assert compared(rows).found.corners_snapped == 2


def test_a_corner_moved_by_five_centimetres_moves_for_all_who_have_it() -> None:
    there = (1 + 5 * CENTIMETRE, 1)
    rows = edited(
        G00=ring((0, 0), (1, 0), there, (0, 1)),
        G01=ring((0, 1), there, (1, 2), (0, 2)),
        G03=ring((1, 0), (2, 0), (2, 1), there),
        G04=ring(there, (2, 1), (2, 2), (1, 2)),
    )
    after = carried_out(rows)
    assert after.grids.keys() == CITY.grids.keys()
    assert sum(after.grids[code] is not CITY.grids[code] for code in CITY.grids) == 4


def test_new_corners_of_neighbours_that_nearly_meet_become_one() -> None:
    """The dividing line was drawn twice, 1.5 cm apart and bent: no strip is left between."""
    up = 1.5 * CENTIMETRE
    lower = ring((0, 0), (1, 0), (1, 0.5), (0.5, 0.6), (0, 0.5))
    upper = ring((0, 0.5 + up), (0.5, 0.6 - up), (1, 0.5 + up), (1, 1), (0, 1))
    after = carried_out(edited(G00=lower, X1=upper))
    assert shapely.get_num_coordinates(shape(after, "X1")) == 6
    assert shapely.equals_exact(shapely.normalize(lower), shape(after, "G00"), 0.0)


def test_a_needless_corner_on_an_edge_changes_nobody() -> None:
    """G00 is redrawn in the west; on its eastern edge a program has put corners."""
    densified = ring((0, 0), (1, 0), (1, 0.3), (1, 0.6), (1, 1), (0, 0.9))
    rows = edited(G00=densified, G01=ring((0, 0.9), (1, 1), (1, 2), (0, 2)))
    after = carried_out(rows)
    assert after.grids["G03"] is CITY.grids["G03"]


def test_a_grid_takes_its_new_community_before_ground_of_it_or_after() -> None:
    """G04 of C0 goes to C1; the ground it gains is of C1 in one case, of C0 in the other."""
    to_east = edited(
        G04={"geometry": block(1, 1, 2.5, 2), "community": "C1"}, G07=block(2.5, 1, 3, 2)
    )
    kinds = [type(each) for each in operations(to_east)]
    assert kinds == [ChangeCommunity, RedrawRegion]
    carried_out(to_east)
    to_west = edited(
        G04={"geometry": block(0.5, 1, 2, 2), "community": "C1"}, G01=block(0, 1, 0.5, 2)
    )
    assert [type(each) for each in operations(to_west)] == [RedrawRegion, ChangeCommunity]
    carried_out(to_west)


def test_an_edge_between_communities_moves_only_where_that_is_allowed() -> None:
    rows = edited(G04=block(1, 1, 2.5, 2), G07=block(2.5, 1, 3, 2))
    with pytest.raises(Refused, match="community"):
        carried_out(rows)
    assert cells(carried_out(rows, allow_community_change=True), "G04") == pytest.approx(1.5)


def test_two_communities_change_places_without_either_being_empty() -> None:
    """C0 has one grid left: it goes when another has come."""
    small = DraftCoverage(
        {c: g for c, g in CITY.grids.items() if c in ("G05", "G06", "G08")},
        CITY.communities, CITY.townships, CITY.crs,
    )  # fmt: skip
    rows = edited(small, G05={"community": "C1"}, G06={"community": "C0"})
    steps = [step.operation for step in compare(small, rows, PLANE).steps]
    assert steps == [ChangeCommunity("G06", "C0"), ChangeCommunity("G05", "C1")]


def test_a_long_edge_that_was_straight_in_another_projection_is_met_on_the_edge() -> None:
    """In the plane of the file the corner is in the middle of an edge of 10 km; in degrees the
    edge runs 1 m beside it, and keeps its place for the neighbour that nobody touched."""

    def bend(places: Any) -> Any:
        x, y = (places - np.array([121.0, 30.0])).T
        return np.column_stack([x, y + x * (0.2 - x) * 0.005]) * 100_000

    def unbend(places: Any) -> Any:
        x, y = (places / 100_000).T
        return np.column_stack([x + 121.0, y + 30.0 - x * (0.2 - x) * 0.005])

    wide = square_city(2, 2)
    stretched = {
        code: replace(
            grid,
            geometry=shapely.transform(
                grid.geometry, lambda c: (c - (121, 30)) * (10, 10) + (121, 30)
            ),
        )
        for code, grid in wide.grids.items()
    }
    city = DraftCoverage(stretched, wide.communities, wide.townships, wide.crs)
    ends = bend(np.array([(121.0, 30.1), (121.1, 30.1)]))
    middle = unbend(ends.mean(axis=0, keepdims=True))[0]
    assert abs(middle[1] - 30.1) * 111_000 > 1
    west = shapely.Polygon([(121, 30), (121.05, 30), middle, (121, 30.1)])
    east = shapely.Polygon([(121.05, 30), (121.1, 30), (121.1, 30.1), middle])
    rows = edited(city, G00=west, X1=east)
    plane = Plane.near(121.1, 30.1, bend)
    after = city
    for step in compare(city, rows, plane).steps:
        after = apply(after, step.operation, issuer(after, CodeRule()), LIMITS).coverage
    assert shapely.get_num_coordinates(shape(after, "G01")) == 6
    corners = shapely.get_coordinates(shape(after, "G01"))
    assert np.abs(corners[:, 1] - 30.1).min() <= 1e-9
    assert shared_edges_match(after)


def test_a_split_read_back_is_the_split_byte_for_byte() -> None:
    plan = done(CITY, Split("G04", line((0.9, 1.4), (1.5, 1.6), (2.1, 1.3))))
    after = carried_out(rows_of(plan).values())
    assert {c: shapely.to_wkb(g.geometry) for c, g in after.grids.items()} == {
        c: shapely.to_wkb(g.geometry) for c, g in plan.grids.items()
    }
