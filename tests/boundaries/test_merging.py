"""Uniting neighbours, and letting a grid go up in one of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from boundaries.codes import CodeRule
from boundaries.operations import Carve, Dissolve, Merge, Split
from gis.errors import NotFound
from tests.boundaries.planned_city import city_of
from tests.boundaries.square_city import (
    at,
    block,
    cells,
    done,
    line,
    offered,
    outline_kept,
    place_type,
    refused,
    ring,
    shape,
    square_city,
)

CITY = square_city()
YARD = block(0.4, 0.4, 0.6, 0.6)


def test_neighbours_become_one_grid_under_the_code_of_the_largest() -> None:
    wider = done(CITY, Split("G03", line((0.9, 0.8), (2.1, 0.8))))
    small = next(c for c in ("G03-1", "G03-2") if cells(wider, c) < 0.5)
    after = done(wider, Merge((small, "G04")))
    assert cells(after, "G04") == pytest.approx(1.2, abs=1e-8)
    assert small not in after.grids
    assert outline_kept(CITY, after)


def test_where_the_rule_says_so_the_one_grid_gets_a_new_code() -> None:
    after = done(CITY, Merge(("G00", "G03")), CodeRule(merge="new"))
    assert {"G00", "G03"}.isdisjoint(after.grids)
    assert cells(after, "G00-1" if "G00-1" in after.grids else "G03-1") == pytest.approx(2)


def test_many_grids_in_any_order_become_one() -> None:
    column = ("G02", "G00", "G01", "G05", "G03", "G04")
    after = done(CITY, Merge(column))
    (kept,) = set(column) & after.grids.keys()
    assert cells(after, kept) == pytest.approx(6)
    assert len(after.grids) == 7


def test_a_merge_does_not_touch_the_places_on_its_own_edges() -> None:
    noded = done(CITY, Split("G06", line((1.9, 0.5), (3.1, 0.5))))
    after = done(noded, Merge(("G03", "G04")))
    kept = "G03" if "G03" in after.grids else "G04"
    assert at(2, 0.5) in shape(after, kept).exterior.coords


@pytest.mark.parametrize(
    ("members", "words"),
    [(("G00", "G08"), "share an edge"), (("G00", "G04"), "share an edge")],
    ids=["far apart", "a corner only"],
)
def test_grids_without_a_common_edge_cannot_be_one(members: tuple[str, ...], words: str) -> None:
    why = refused(CITY, Merge(members, allow_community_change=True), "not_neighbours")
    assert words in str(why)
    assert place_type(why) == "Polygon"


def test_three_of_which_one_lies_apart_cannot_be_one() -> None:
    why = refused(CITY, Merge(("G00", "G01", "G05")), "not_neighbours")
    assert why.place is not None


@pytest.mark.parametrize("members", [(), ("G00",), ("G00", "G00"), ("G00", "G01", "G00")])
def test_a_merge_names_two_different_grids_at_least(members: tuple[str, ...]) -> None:
    refused(CITY, Merge(members), "too_few_grids")


def test_a_grid_that_is_not_there_is_not_found() -> None:
    for operation in (Merge(("G00", "X")), Dissolve("X"), Dissolve("G00", "X")):
        with pytest.raises(NotFound, match="no grid X"):
            done(CITY, operation)


def test_grids_of_two_communities_become_one_only_where_that_is_allowed() -> None:
    why = refused(CITY, Merge(("G03", "G06")), "community_edge")
    assert "社区" in str(why)
    assert "ha" in str(why)
    assert shapely.get_dimensions(why.place) == 2
    after = done(CITY, Merge(("G03", "G06"), allow_community_change=True))
    assert len(after.grids) == 11
    assert outline_kept(CITY, after)


def test_a_merge_around_a_grid_makes_a_hole_in_which_it_lies() -> None:
    after = done(
        square_city(3, 3), Merge(("G00", "G01", "G02", "G03", "G05", "G06", "G07", "G08"), True)
    )
    (around,) = set(after.grids) - {"G04"}
    assert shapely.equals(shapely.Polygon(shape(after, around).interiors[0]), shape(CITY, "G04"))


def test_grids_of_several_parts_are_united_part_by_part() -> None:
    island = block(0, 5, 0.2, 5.2)
    shapes = [shapely.MultiPolygon([block(0, 0, 1, 1), island]), block(1, 0, 2, 1)]
    after = done(city_of(np.array(shapes, dtype=object)), Merge(("G00", "G01"), True))
    assert shapely.get_num_geometries(shape(after, "G00")) == 2
    assert cells(after, "G00") == pytest.approx(2.04)


# ---- dissolving ----------------------------------------------------------------------------------


def test_a_grid_goes_up_in_the_neighbour_with_the_longest_edge_of_its_community() -> None:
    city = done(CITY, Split("G04", line((1.2, 0.9), (1.2, 2.1))))
    after = done(city, Dissolve("G04-1"))
    assert "G04-1" not in after.grids
    assert (cells(after, "G01") > 1.1) or (cells(after, "G04-2") > 0.9)
    assert outline_kept(CITY, after)


def test_a_grid_goes_up_in_the_neighbour_that_is_named_which_stays_what_it_is() -> None:
    after = done(CITY, Dissolve("G00", "G01"))
    assert after.grids["G01"].name == "G01"
    assert cells(after, "G01") == pytest.approx(2)


def test_a_dissolved_yard_goes_back_to_the_grid_around_it() -> None:
    carved = done(CITY, Carve(YARD, "学校"))
    after = done(carved, Dissolve("G00-1"))
    assert shapely.equals(shape(after, "G00"), shape(CITY, "G00"))
    assert sorted(after.grids) == sorted(CITY.grids)


def test_a_base_neighbour_is_taken_before_a_dedicated_one_with_a_longer_edge() -> None:
    inner = done(CITY, Carve(block(0.2, 0.2, 0.8, 0.8), "园区"))
    cut = done(inner, Split("G00-1", line((0.1, 0.3), (0.9, 0.3))))
    after = done(cut, Dissolve("G00-1-1"))
    assert cells(after, "G00") > 0.64


def test_a_dedicated_grid_inside_is_split_around_dissolved_and_all_is_merged_back() -> None:
    carved = done(CITY, Carve(YARD, "学校"))
    around = done(carved, Split("G00", line((0.5, -0.1), (0.5, 0.45), (0.5, 1.1))), None, "G00-1")
    assert {"G00-2", "G00-3"} <= around.grids.keys()
    west = done(around, Dissolve("G00-1", "G00-2"))
    back = done(west, Merge(("G00-2", "G00-3")))
    (one,) = set(back.grids) - set(CITY.grids)
    assert shapely.equals(shape(back, one), shape(CITY, "G00"))


def test_a_grid_alone_in_its_community_has_to_be_told_who_takes_it() -> None:
    city = city_of(np.array([block(0, 0, 1, 1), block(1, 0, 2, 1)], dtype=object))
    why = refused(city, Dissolve("G00"), "no_neighbour")
    assert offered(why) == ["G01"]
    refused(city, Dissolve("G00", "G01"), "community_edge")
    after = done(city, Dissolve("G00", "G01", allow_community_change=True))
    assert list(after.grids) == ["G01"]


@pytest.mark.parametrize("to", ["G04", "G08", "G00"], ids=["a corner", "far away", "itself"])
def test_a_grid_cannot_go_up_in_one_that_it_does_not_touch(to: str) -> None:
    why = refused(CITY, Dissolve("G00", to), "not_neighbours")
    assert offered(why) == ["G01", "G03"]


def test_a_dissolved_grid_goes_to_the_base_grid_with_the_longest_edge() -> None:
    places = [block(0, 0, 1, 1), block(0, 1, 1, 3), ring((1, 0), (2, 0), (2, 3), (1, 3), (1, 1))]
    city = city_of(np.array(places, dtype=object), communities=1)
    assert set(done(city, Dissolve("G02")).grids) == {"G00", "G01"}
    assert cells(done(city, Dissolve("G02")), "G01") == pytest.approx(5)
    # A dedicated grid takes it only where no base grid can.
    school = city.with_changes([replace(city.grids["G01"], kind="dedicated")])
    assert cells(done(school, Dissolve("G02")), "G00") == pytest.approx(4)
    only = city.with_changes(
        [replace(city.grids[code], kind="dedicated") for code in ("G00", "G01")]
    )
    assert cells(done(only, Dissolve("G02")), "G01") == pytest.approx(5)
