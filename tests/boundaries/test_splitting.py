"""Dividing a grid by a line: what comes out, and every line that cannot."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from boundaries.codes import CodeRule
from boundaries.operations import Limits, Merge, Split, apply
from boundaries.refusals import Refused
from gis.crs import STEPS_PER_DEGREE
from gis.errors import NotFound
from tests.boundaries.planned_city import city_of, issuer, lines, small_city
from tests.boundaries.square_city import (
    at,
    block,
    cells,
    done,
    line,
    place_type,
    refused,
    shape,
    square_city,
    tried,
)

CITY = square_city()
ACROSS = line((0.9, 0.5), (2.1, 0.5))


def test_a_line_through_a_grid_makes_two_and_its_neighbours_get_the_ends_as_corners() -> None:
    after = done(CITY, Split("G03", ACROSS))
    assert sorted(set(after.grids) - set(CITY.grids)) == ["G03-1", "G03-2"]
    assert "G03" not in after.grids
    assert cells(after, "G03-1") == pytest.approx(0.5, abs=1e-8)
    for neighbour, place in (("G00", at(1, 0.5)), ("G06", at(2, 0.5))):
        assert place in shape(after, neighbour).exterior.coords
        assert place not in shape(CITY, neighbour).exterior.coords


def test_only_the_named_grid_is_divided_however_far_the_line_goes_on() -> None:
    after = tried(CITY, Split("G03", line((-9, 0.5), (9, 0.5))))
    assert {grid.code for grid in after.changed} == {"G00", "G03-1", "G03-2", "G06"}


def test_where_the_rule_says_so_the_largest_piece_keeps_code_and_name() -> None:
    after = done(CITY, Split("G03", line((0.9, 0.8), (2.1, 0.8))), CodeRule(split="largest_keeps"))
    assert cells(after, "G03") == pytest.approx(0.8, abs=1e-8)
    assert cells(after, "G03-1") == pytest.approx(0.2, abs=1e-8)


def test_pieces_are_of_the_community_and_kind_of_the_grid_and_named_by_their_codes() -> None:
    after = done(CITY, Split("G03", ACROSS))
    pieces = [after.grids[code] for code in ("G03-1", "G03-2")]
    assert [(p.name, p.kind, p.community) for p in pieces] == [
        ("G03-1", "base", "C0"),
        ("G03-2", "base", "C0"),
    ]


def test_pieces_are_numbered_from_west_to_east() -> None:
    after = done(CITY, Split("G03", line((1.3, -0.1), (1.3, 1.1))))
    assert cells(after, "G03-1") == pytest.approx(0.3, abs=1e-8)


def test_a_line_that_crosses_twice_makes_three_pieces() -> None:
    there_and_back = line((1.3, 1.1), (1.3, -0.1), (1.6, -0.1), (1.6, 1.1))
    after = done(CITY, Split("G03", there_and_back))
    sizes = [cells(after, f"G03-{n}") for n in (1, 2, 3)]
    assert sizes == pytest.approx([0.3, 0.3, 0.4], abs=1e-8)


def test_a_spiral_makes_as_many_pieces_as_it_cuts_and_every_edge_is_shared() -> None:
    turns = np.linspace(0, 6 * np.pi, 300)
    spiral = line(
        *zip(1.5 + 0.04 * turns * np.cos(turns), 0.5 + 0.04 * turns * np.sin(turns), strict=True)
    )
    after = done(CITY, Split("G03", spiral))
    pieces = [code for code in after.grids if code.startswith("G03-")]
    assert len(pieces) >= 3
    assert sum(cells(after, code) for code in pieces) == pytest.approx(1, abs=1e-8)


def test_a_closed_line_inside_leaves_a_grid_with_a_hole_and_one_in_it() -> None:
    closed = shapely.LineString(block(1.2, 0.2, 1.8, 0.8).exterior.coords)
    after = done(CITY, Split("G03", closed))
    holes = {code: len(shape(after, code).interiors) for code in ("G03-1", "G03-2")}
    assert sorted(holes.values()) == [0, 1]


def test_a_line_through_two_corners_makes_no_new_corner() -> None:
    after = tried(CITY, Split("G03", line((0.5, -0.5), (2.5, 1.5))))
    assert {grid.code for grid in after.changed} == {"G03-1", "G03-2"}


def test_ends_a_millimetre_short_of_an_edge_are_brought_to_it() -> None:
    short = 1e-6  # of a cell, 1.1 mm
    after = done(CITY, Split("G03", line((1 + short, 0.5), (2 - short, 0.5))))
    assert {"G03-1", "G03-2"} <= set(after.grids)


def test_a_part_that_the_line_does_not_cut_stays_with_the_largest_piece() -> None:
    island = shapely.MultiPolygon([block(0, 0, 1, 1), block(3, 0, 3.2, 0.2)])
    shapes = np.array([island, block(1, 0, 2, 1)], dtype=object)
    after = done(city_of(shapes), Split("G00", line((-0.1, 0.4), (1.1, 0.4))))
    parts = {code: shapely.get_num_geometries(shape(after, code)) for code in after.grids}
    assert parts == {"G00-1": 2, "G00-2": 1, "G01": 1}
    assert cells(after, "G00-1") == pytest.approx(0.6 + 0.04, abs=1e-8)


def test_a_grid_with_a_hole_is_divided_on_both_sides_of_it() -> None:
    ring = block(0, 0, 1, 1).difference(block(0.4, 0.4, 0.6, 0.6))
    city = city_of(np.array([ring, block(0.4, 0.4, 0.6, 0.6)], dtype=object))
    after = done(city, Split("G00", line((-0.1, 0.5), (1.1, 0.5))))
    assert cells(after, "G00-1") == pytest.approx(0.48, abs=1e-8)
    assert all(not shape(after, code).interiors for code in after.grids)


@pytest.mark.parametrize(
    ("drawn", "words"),
    [
        (line((5, 5), (6, 6)), "does not go through"),
        (line((0, 0), (2, 2)), "does not go through"),
        (line((1, -0.5), (1, 1.5)), "runs along the edge"),
        (line((1.2, 1), (1.8, 1)), "runs along the edge"),
    ],
    ids=["far away", "through a corner only", "along a whole edge", "along a piece of an edge"],
)
def test_a_line_beside_the_grid_misses_it(drawn: shapely.LineString, words: str) -> None:
    why = refused(CITY, Split("G03", drawn), "line_misses")
    assert words in str(why)
    assert place_type(why) == "LineString"


@pytest.mark.parametrize(
    "drawn",
    [
        line((0.5, 0.5), (1.5, 0.5)),
        line((1.2, 0.5), (1.8, 0.5)),
        line((1, 0.3), (1.5, 0.5)),
        line((1, 0), (1.5, 0), (1.5, 0.5)),
    ],
    ids=["from one side", "inside", "from the edge", "along the edge, then in"],
)
def test_a_line_that_ends_inside_reaches_one_side_only(drawn: shapely.LineString) -> None:
    why = refused(CITY, Split("G03", drawn), "line_too_short")
    assert "does not reach both sides" in str(why)
    assert why.where["grid"] == "G03"


def test_a_piece_of_less_than_the_least_area_is_shown() -> None:
    sliver = line((0.99, 0.99999), (2.01, 0.99999))
    with pytest.raises(Refused) as caught:
        apply(CITY, Split("G03", sliver), issuer(CITY, CodeRule()), Limits(smallest_m2=50))
    assert caught.value.code == "piece_too_small"
    assert place_type(caught.value) == "Polygon"


def test_a_line_that_crosses_itself_is_shown() -> None:
    loop = line((0.9, 0.5), (1.8, 0.5), (1.5, 0.8), (1.5, 0.1))
    assert refused(CITY, Split("G03", loop), "line_crosses_itself").place is loop


def test_a_line_that_runs_back_on_itself_crosses_itself() -> None:
    refused(CITY, Split("G03", line((0.9, 0.5), (2.1, 0.5), (0.9, 0.5))), "line_crosses_itself")


def test_a_line_between_places_of_one_step_has_no_length() -> None:
    x, y = at(1.5, 0.5)
    refused(CITY, Split("G03", shapely.LineString([(x, y), (x + 1e-12, y)])), "line_invalid")


def test_a_grid_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound, match="no grid X"):
        tried(CITY, Split("X", ACROSS))


def corners(ground: shapely.Geometry) -> set[tuple[float, float]]:
    return {(x, y) for x, y in shapely.get_coordinates(ground).tolist()}


@given(data=st.data(), seed=st.integers(0, 20))
def test_uniting_the_pieces_gives_the_shape_back_within_a_step(
    data: st.DataObject, seed: int
) -> None:
    city = small_city(3, 2, seed=seed)
    code = data.draw(st.sampled_from(sorted(city.grids)))
    try:
        divided = tried(city, Split(code, data.draw(lines(city, code))))
    except Refused:
        return
    old = city.grids[code].geometry
    pieces = [g.code for g in divided.changed if g.code not in city.grids]
    united = done(divided.coverage, Merge(tuple(pieces)))
    (new,) = (grid.geometry for grid in united.grids.values() if grid.code not in city.grids)
    step = 1 / STEPS_PER_DEGREE
    assert shapely.hausdorff_distance(old.boundary, new.boundary) <= step
    assert corners(old) <= corners(new)
