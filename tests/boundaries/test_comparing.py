"""An edited coverage held against its base: what is found, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from boundaries.codes import CodeRule, RecordedCodes, Sequence
from boundaries.comparing.carrying_out import carry_out
from boundaries.comparing.compare import Compared, compare
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.plane import Plane
from boundaries.draft_coverage import DraftCoverage
from boundaries.operation_json import read_operation
from boundaries.operations import (
    ChangeCommunity,
    Operation,
    Recode,
    RedrawRegion,
    Rename,
    Split,
    apply,
)
from boundaries.refusals import Refused
from tests.boundaries.planned_city import LIMITS, issuer, prove_whole, shared_edges_match
from tests.boundaries.square_city import at, block, cells, done, line, ring, shape, square_city
from tests.boundaries.test_operation_sequences import bytes_of

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
    return compare(CITY, list(rows), PLANE, **allow)


def operations(rows: Iterable[EditedGrid], **allow: bool) -> list[Operation]:
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
    with pytest.raises(Refused) as caught:
        compared(rows)
    assert caught.value.code == code, str(caught.value)
    assert caught.value.place is not None
    return caught.value


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


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        (edited(G05={"code": "G04"}), "duplicate_code", "row 6 (code G04): row 5 has this code"),
        (edited(G05={"community": "C9"}), "community_not_found", "row 6 (code G05)"),
        (
            edited(G00=ring((0, 0), (1, 1), (1, 0), (0, 1))),
            "polygon_invalid",
            "row 1 (code G00): this is no valid polygon: self-intersection",
        ),
        (edited(G00=block(0, 0, 1, 1.1)), "region_overlap", "it overlaps row 2 (code G01) by"),
        (edited(G00=block(0, 0, 1, 0.9)), "region_uncovered", "that is of G00 in the base"),
        (edited(G00=None), "region_uncovered", "that is of G00 in the base"),
        (edited(G00=block(-0.1, 0, 1, 1)), "outline_fixed", "row 1 (code G00): it goes beyond"),
        (
            edited(X1={"geometry": block(0, 0, 0.5, 0.5), "code": None}),
            "region_overlap",
            "row 13 (no code)",
        ),
        (
            edited(X1=block(5, 5, 6, 6)),
            "outline_fixed",
            "row 13 (code X1): it goes beyond the outline of the city by 106",
        ),
        (edited(X1=block(0, 0, 1.5 * CENTIMETRE, 1)), "polygon_too_thin", "row 13 (code X1)"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_row_code_and_place(
    rows: list[EditedGrid], code: str, named: str
) -> None:
    why = refused(rows, code)
    assert named in why.message
    assert why.message.endswith(".")


def test_a_file_of_another_city_or_column_is_told_as_such() -> None:
    rows = [replace(row, code=f"x{row.row}", geometry=shape) for row, shape in zip(
        edited(), [block(x, 9, x + 1, 10) for x in range(12)], strict=True
    )]  # fmt: skip
    with pytest.raises(Refused, match="another column"):
        compared(rows)


def test_a_city_whose_codes_are_all_new_is_recoded() -> None:
    rows = [replace(row, code=f"x{row.row}") for row in edited()]
    assert [type(each) for each in operations(rows)] == [Recode] * 12 + [Rename] * 12


def test_corners_without_end_in_one_place_are_refused_at_once() -> None:
    """What fits a file has 10^11 pairs."""
    rng = np.random.default_rng(1)
    turns = np.sort(rng.uniform(0, 2 * np.pi, 30_000))
    far = rng.uniform(0.2, 0.5, len(turns)) * CENTIMETRE
    round_a_place = np.stack([0.5 + far * np.cos(turns), 0.5 + far * np.sin(turns)], axis=1)
    shape = shapely.Polygon(np.array(at(0, 0)) + round_a_place * (np.array(at(1, 1)) - at(0, 0)))
    refused(edited(X1=shape), "corners_too_dense")


def test_a_refusal_of_an_operation_names_its_rows() -> None:
    """OLD was published once: as a recode, and as a new grid."""
    for rows in (
        edited(G05={"code": "OLD"}),
        edited(G00=block(0, 0, 1, 0.5), OLD=block(0, 0.5, 1, 1)),
    ):
        steps = compared(rows).steps
        with pytest.raises(Refused) as caught:
            carry_out(CITY, steps, CodeRule(), {"OLD"}.__contains__, LIMITS, lambda *_: None)
        assert caught.value.code == "code_taken"
        assert "(code OLD)" in caught.value.message
        (row,) = (row.row for row in rows if row.code == "OLD")
        assert str(row) in str(caught.value.where["rows"])


def test_codes_given_on_the_way_are_not_given_twice() -> None:
    """Two new grids without a code in two regions, both from grids whose codes the rule goes by."""
    rows = [
        *edited(G00=block(0, 0, 1, 0.5), G08=block(2, 2, 3, 2.5)),
        EditedGrid(21, None, block(0, 0.5, 1, 1)),
        EditedGrid(22, None, block(2, 2.5, 3, 3)),
    ]
    steps = compared(rows).steps
    rule = CodeRule(base=Sequence(digits=2, first=1, last=99))
    done = carry_out(CITY, steps, rule, lambda _: False, LIMITS, lambda *_: None)
    assert [each.codes for each in done] == [("C001",), ("C101",)]
    again = CITY
    for each in done:
        codes = RecordedCodes(rule, each.codes)
        again = apply(again, read_operation(each.asked), codes, LIMITS).coverage
    assert bytes_of(again) == bytes_of(done[-1].applied.coverage)


def test_what_is_three_centimetres_wide_is_refused_and_one_and_a_half_taken_in() -> None:
    """Between G00, which gives up a strip in the north, and G01, which does not take it."""
    wide, thin = 3 * CENTIMETRE, 1.5 * CENTIMETRE
    refused(edited(G00=block(0, 0, 1, 1 - wide)), "region_uncovered")
    refused(edited(G00=block(0, 0, 1, 1 + wide)), "region_overlap")
    assert compared(edited(G00=block(0, 0, 1, 1 - thin))).steps == ()
    assert compared(edited(G00=block(0, 0, 1, 1 + thin))).steps == ()
