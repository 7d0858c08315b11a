"""Moving edges that grids share: corners, places on edges, and stretches drawn anew."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from boundaries.operations import Carve, MoveCorner, MoveStretch
from tests.boundaries.planned_city import city_of
from tests.boundaries.square_city import (
    at,
    block,
    cells,
    done,
    line,
    outline_kept,
    place_type,
    point,
    refused,
    shape,
    square_city,
    tried,
)

CITY = square_city()


def test_a_corner_moves_in_every_grid_that_has_it() -> None:
    applied = tried(CITY, MoveCorner(point(1, 1), point(1.2, 0.9)))
    assert [grid.code for grid in applied.changed] == ["G00", "G01", "G03", "G04"]
    after = done(CITY, MoveCorner(point(1, 1), point(1.2, 0.9)))
    for grid in applied.changed:
        assert at(1.2, 0.9) in shape(after, grid.code).exterior.coords
        assert at(1, 1) not in shape(after, grid.code).exterior.coords
    assert outline_kept(CITY, after)


def test_a_place_on_an_edge_gets_a_corner_that_moves_in_both_grids() -> None:
    after = done(CITY, MoveCorner(point(1, 0.5), point(1.3, 0.5)))
    assert cells(after, "G00") == pytest.approx(1.15)
    assert cells(after, "G03") == pytest.approx(0.85)


def test_a_millimetre_beside_a_corner_is_the_corner() -> None:
    near = point(1 + 1e-6, 1 - 1e-6)
    assert len(tried(CITY, MoveCorner(near, point(1.1, 1.1))).changed) == 4


def test_a_millimetre_beside_another_corner_is_that_corner() -> None:
    refused(CITY, MoveCorner(point(1, 1), point(1, 2 + 1e-6)), "corners_meet")


def test_a_corner_that_is_dropped_on_an_edge_near_by_makes_no_overlap() -> None:
    # Onto the edge between G00 and G03, of which it is an end: the two stay neighbours.
    after = done(CITY, MoveCorner(point(1, 1), point(1, 0.7)))
    assert cells(after, "G00") == pytest.approx(0.85)


def test_an_edge_between_communities_moves_only_where_that_is_allowed() -> None:
    move = MoveCorner(point(2, 0.5), point(2.2, 0.5))
    why = refused(CITY, move, "community_edge")
    assert why.where["community"] == "C0"
    assert shapely.get_dimensions(why.place) == 2
    after = done(CITY, MoveCorner(move.start, move.end, allow_community_change=True))
    assert cells(after, "G03") == pytest.approx(1.1)


@pytest.mark.parametrize("start", [(0, 0), (0, 1), (0, 0.5), (2, 3)])
def test_nothing_on_the_outline_moves(start: tuple[float, float]) -> None:
    why = refused(CITY, MoveCorner(point(*start), point(0.1, 0.1), True), "outline_fixed")
    assert place_type(why) == "Point"


def test_a_corner_dragged_beyond_the_outline_leaves_it() -> None:
    refused(CITY, MoveCorner(point(1, 0.5), point(1, -0.5), True), "polygon_invalid")


@pytest.mark.parametrize("end", [(3.5, 1.5), (0.5, -0.5), (2.5, 2.5)])
def test_a_corner_dragged_across_other_edges_is_refused_with_the_place(
    end: tuple[float, float],
) -> None:
    with pytest.raises(Exception, match=r"would") as caught:
        tried(CITY, MoveCorner(point(1, 1), point(*end), True))
    assert getattr(caught.value, "code", None) in {"polygon_invalid", "coverage_invalid"}
    assert "where" in getattr(caught.value, "where", {})


def test_a_place_inside_a_grid_is_no_edge() -> None:
    why = refused(CITY, MoveCorner(point(0.5, 0.5), point(0.6, 0.6)), "no_edge_here")
    assert why.place == point(0.5, 0.5)


def test_a_place_far_away_is_no_edge() -> None:
    refused(CITY, MoveCorner(point(50, 50), point(0.6, 0.6)), "no_edge_here")


def test_a_corner_that_stays_changes_nothing() -> None:
    refused(CITY, MoveCorner(point(1, 1), point(1, 1)), "nothing_changes")


def test_a_corner_cannot_go_where_another_is() -> None:
    why = refused(CITY, MoveCorner(point(1, 1), point(1, 2)), "corners_meet")
    assert why.place == point(1, 2)


@pytest.mark.parametrize("x", [2, 2 - 1e-6])
def test_a_corner_cannot_go_on_an_edge_that_it_is_no_end_of(x: float) -> None:
    refused(CITY, MoveCorner(point(1, 1), point(x, 1.5), True), "corners_meet")


def test_the_hole_of_a_grid_moves_with_what_lies_in_it() -> None:
    city = done(CITY, Carve(block(0.4, 0.4, 0.6, 0.6), "学校"))
    after = done(city, MoveCorner(point(0.4, 0.4), point(0.3, 0.3)))
    assert cells(after, "G00") + cells(after, "G00-1") == pytest.approx(1)
    assert cells(after, "G00-1") > 0.04


# ---- a stretch drawn anew ------------------------------------------------------------------------

BULGE = line((1, 0.2), (1.3, 0.5), (1, 0.8))


def test_the_ground_between_the_old_stretch_and_the_line_changes_hands() -> None:
    after = done(CITY, MoveStretch(BULGE))
    assert cells(after, "G00") == pytest.approx(1.09)
    assert cells(after, "G03") == pytest.approx(0.91)
    assert outline_kept(CITY, after)


def test_a_line_that_swings_to_both_sides_gives_and_takes() -> None:
    wave = line((1, 0.1), (1.3, 0.3), (0.7, 0.7), (1, 0.9))
    after = done(CITY, MoveStretch(wave))
    assert cells(after, "G00") + cells(after, "G03") == pytest.approx(2)
    assert shape(after, "G00").contains(point(1.2, 0.3))
    assert shape(after, "G03").contains(point(0.8, 0.7))


def test_a_stretch_from_corner_to_corner_is_drawn_anew() -> None:
    after = done(CITY, MoveStretch(line((1, 1), (1.3, 1.5), (1, 2))))
    assert cells(after, "G01") == pytest.approx(1.15)


def test_the_course_of_a_line_does_not_matter() -> None:
    back = shapely.LineString(list(BULGE.coords)[::-1])
    one, other = (done(CITY, MoveStretch(each)) for each in (BULGE, back))
    assert shapely.equals_exact(shape(one, "G00"), shape(other, "G00"), 0)


def test_a_stretch_of_the_edge_of_a_hole_is_drawn_anew_over_the_shorter_ground() -> None:
    city = done(CITY, Carve(block(0.4, 0.4, 0.6, 0.6), "学校"))
    after = done(city, MoveStretch(line((0.4, 0.45), (0.3, 0.5), (0.4, 0.55))))
    assert cells(after, "G00-1") == pytest.approx(0.045)


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (line((0.5, 0.5), (1.2, 0.5), (1, 0.8)), "no_edge_here"),
        (line((1, 0.2), (1.3, 0.5)), "no_edge_here"),
        (line((1, 0.5), (1.5, 1)), "no_common_edge"),
        (line((1, 0.2), (2.5, 0.5), (1, 0.8)), "line_through_others"),
        (line((1, 0.2), (1.5, -0.5), (1, 0.8)), "outline_fixed"),
        (line((0, 0.2), (0.5, 0.5), (0, 0.8)), "outline_fixed"),
        (line((1, 0.2), (1, 0.8)), "nothing_changes"),
        (line((0.5, 3), (0.5, 3.5), (0.7, 3)), "outline_fixed"),
    ],
    ids=[
        "begins inside",
        "ends inside",
        "edges of different pairs",
        "through a third grid",
        "out of the city and back",
        "of the outline, inwards",
        "along the edge",
        "of the outline, outwards",
    ],
)
def test_a_stretch_that_cannot_be_drawn_anew(drawn: shapely.LineString, code: str) -> None:
    why = refused(CITY, MoveStretch(drawn, allow_community_change=True), code)
    assert why.place is not None


def test_a_stretch_between_communities_is_drawn_anew_only_where_that_is_allowed() -> None:
    bulge = line((2, 0.2), (2.3, 0.5), (2, 0.8))
    refused(CITY, MoveStretch(bulge), "community_edge")
    after = done(CITY, MoveStretch(bulge, allow_community_change=True))
    assert cells(after, "G03") == pytest.approx(1.09)


def test_a_stretch_that_cuts_off_a_part_of_the_other_grid_is_refused_with_the_part() -> None:
    u_shape = block(1, 0, 2, 1).difference(block(1, 0.4, 1.8, 0.6))
    west = block(0, 0, 1, 1).union(block(1, 0.4, 1.8, 0.6))
    city = city_of(np.array([west, u_shape], dtype=object), communities=1)
    for across in (
        line((1.8, 0.45), (2, 0.5), (1.8, 0.55)),
        line((1.5, 0.6), (1.3, 1.0), (1.1, 0.6)),
    ):
        why = refused(city, MoveStretch(across), "would_cut")
        assert "cut grid G01 in two" in str(why)
        assert why.place is not None
        assert shape(city, "G01").contains(shapely.point_on_surface(why.place))
