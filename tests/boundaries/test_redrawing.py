"""Giving a grid another shape."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from boundaries.operations import Carve, Redraw
from gis.errors import NotFound
from tests.boundaries.planned_city import city_of
from tests.boundaries.square_city import (
    block,
    cells,
    done,
    outline_kept,
    refused,
    ring,
    shape,
    square_city,
    tried,
)

CITY = square_city()


def test_a_grid_gains_from_and_gives_to_its_neighbours() -> None:
    after = done(CITY, Redraw("G00", ring((0, 0), (1.2, 0), (0.9, 1), (0, 1))))
    assert cells(after, "G00") == pytest.approx(1.05)
    assert cells(after, "G03") == pytest.approx(0.95)
    assert outline_kept(CITY, after)


def test_ground_given_up_goes_to_the_longest_edge_within_the_community() -> None:
    after = done(CITY, Redraw("G03", block(1, 0, 1.5, 1)))
    assert "G06" in after.grids
    assert cells(after, "G06") == pytest.approx(1), "G06 is of another community"
    assert cells(after, "G04") == pytest.approx(1.5)


def test_the_same_shape_changes_nothing() -> None:
    assert refused(CITY, Redraw("G04", shape(CITY, "G04")), "nothing_changes").place is not None


def test_a_shape_within_a_millimetre_of_the_old_changes_nothing() -> None:
    d = 1e-6
    refused(CITY, Redraw("G04", block(1 + d, 1 - d, 2 - d, 2 + d)), "nothing_changes")


@pytest.mark.parametrize(
    "shape_of_it", [block(0, -0.2, 1, 1), block(-180, -100, 100, 100), block(5, 5, 6, 6)]
)
def test_no_shape_goes_beyond_the_outline(shape_of_it: shapely.Polygon) -> None:
    why = refused(CITY, Redraw("G00", shape_of_it, None, True), "outline_fixed")
    assert shapely.area(why.place) > 0


def test_a_shape_apart_from_the_old_is_elsewhere_in_the_city_under_the_same_code() -> None:
    after = done(CITY, Redraw("G00", block(1.2, 1.2, 1.8, 1.8)))
    assert shapely.equals(shape(after, "G00"), block(1.2, 1.2, 1.8, 1.8))
    assert outline_kept(CITY, after)


def test_of_a_shape_in_two_parts_the_smaller_one_goes_where_the_planner_says() -> None:
    both = shapely.MultiPolygon([block(0, 0, 0.5, 1), block(0.7, 0, 1, 1)])
    why = refused(CITY, Redraw("G00", both), "would_cut")
    assert shapely.equals(why.place, block(0.7, 0, 1, 1))
    after = done(CITY, Redraw("G00", both, cut_off_to="G03"))
    assert cells(after, "G03") == pytest.approx(1.3)


def test_a_shape_across_a_neighbour_offers_who_could_take_what_is_cut_off() -> None:
    reaching = shapely.union(block(0, 0, 1, 1), block(1, 0.4, 2, 0.6))
    why = refused(CITY, Redraw("G00", reaching), "would_cut")
    assert why.where["grid"] == "G03"
    after = done(CITY, Redraw("G00", reaching, cut_off_to="G00"))
    assert cells(after, "G00") == pytest.approx(1.6)
    refused(CITY, Redraw("G00", reaching, cut_off_to="G11"), "cut_off_apart")


def test_a_shape_over_whole_neighbours_retires_them() -> None:
    applied = tried(CITY, Redraw("G00", block(0, 0, 2, 1)))
    assert applied.retired == ("G03",)


def test_the_only_grid_has_nobody_to_give_to() -> None:
    city = city_of(np.array([block(0, 0, 1, 1)], dtype=object), communities=1)
    why = refused(city, Redraw("G00", block(0, 0, 0.5, 1)), "no_neighbour")
    assert shapely.area(why.place) == pytest.approx(0.5e-4)


def test_the_edge_of_a_community_moves_only_where_that_is_allowed() -> None:
    wider = block(1, 0, 2.3, 1)
    refused(CITY, Redraw("G03", wider), "community_edge")
    assert cells(done(CITY, Redraw("G03", wider, None, True)), "G03") == pytest.approx(1.3)


def test_a_yard_is_pulled_out_of_its_hole() -> None:
    city = done(CITY, Carve(block(0.4, 0.4, 0.6, 0.6), "学校"))
    after = done(city, Redraw("G00-1", block(0.4, 0.4, 1, 0.6)))
    assert not shape(after, "G00").interiors
    assert cells(after, "G00") == pytest.approx(0.88)


def test_a_shape_with_a_hole_gives_the_ground_of_the_hole_to_nobody() -> None:
    holed = block(0, 0, 1, 1).difference(block(0.4, 0.4, 0.6, 0.6))
    why = refused(CITY, Redraw("G00", holed), "no_neighbour")
    assert why.place is not None


def test_a_grid_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="no grid X"):
        tried(CITY, Redraw("X", block(0, 0, 1, 1)))


@pytest.mark.parametrize("small", ["G00", "G01"])
def test_neither_it_nor_a_neighbour_is_left_smaller_than_the_least_area(small: str) -> None:
    # A cell is a kilometre wide: half a metre by half a metre, in the outer corner of each.
    corner = {"G00": block(0, 0, 5e-4, 5e-4), "G01": block(0, 2 - 5e-4, 5e-4, 2)}[small]
    shape_of_it = {"G00": corner, "G01": shapely.difference(block(0, 0, 1, 2), corner)}[small]
    why = refused(CITY, Redraw("G00", shape_of_it), "piece_too_small")
    assert why.where["grid"] == small
    assert shapely.area(shapely.symmetric_difference(why.place, corner)) < 1e-14
