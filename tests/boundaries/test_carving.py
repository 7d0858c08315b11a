"""Cutting a dedicated grid out of base grids."""

from __future__ import annotations

import pytest
import shapely

from boundaries.codes import CodeRule, Sequence
from boundaries.operations import Carve, Dissolve, Merge, Redraw, Split
from gis.errors import NotFound
from tests.boundaries.square_city import (
    block,
    cells,
    done,
    line,
    offered,
    outline_kept,
    refused,
    ring,
    shape,
    square_city,
    tried,
)

CITY = square_city()
YARD = block(0.4, 0.4, 0.6, 0.6)


def test_a_yard_inside_a_grid_becomes_a_dedicated_grid_in_its_hole() -> None:
    after = done(CITY, Carve(YARD, " 学校 "))
    yard = after.grids["G00-1"]
    assert (yard.name, yard.kind, yard.community) == ("学校", "dedicated", "C0")
    assert shapely.equals(shapely.Polygon(shape(after, "G00").interiors[0]), yard.geometry)
    assert outline_kept(CITY, after)


def test_a_park_over_several_base_grids_takes_ground_of_each() -> None:
    after = done(CITY, Carve(block(0.8, 0.8, 1.3, 1.4), "园区"))
    (new,) = set(after.grids) - set(CITY.grids)
    assert cells(after, new) == pytest.approx(0.3)
    assert sum(cells(after, code) for code in ("G00", "G01", "G03", "G04")) == pytest.approx(3.7)


def test_it_belongs_to_the_community_with_most_of_its_ground() -> None:
    area = block(1.8, 0.2, 2.6, 0.6)
    refused(CITY, Carve(area, "市场"), "community_edge")
    after = done(CITY, Carve(area, "市场", allow_community_change=True))
    (new,) = set(after.grids) - set(CITY.grids)
    assert after.grids[new].community == "C1"


def test_it_belongs_to_the_community_that_is_named() -> None:
    after = done(CITY, Carve(YARD, "学校", "C1", allow_community_change=True))
    assert after.grids["G00-1"].community == "C1"
    refused(CITY, Carve(YARD, "学校", "C1"), "community_edge")
    with pytest.raises(NotFound, match="no community X"):
        tried(CITY, Carve(YARD, "学校", "X"))


def test_a_base_grid_wholly_in_the_area_is_retired() -> None:
    applied = tried(CITY, Carve(block(0, 0, 1, 1), "园区"))
    assert applied.retired == ("G00",)
    assert [grid.kind for grid in applied.changed] == ["dedicated"]


def test_its_code_comes_from_the_sequence_of_dedicated_grids() -> None:
    rule = CodeRule(dedicated=Sequence(digits=3, first=900, last=999))
    assert "C0900" in done(CITY, Carve(YARD, "学校"), rule).grids


def test_no_ground_of_a_dedicated_grid_is_carved() -> None:
    city = done(CITY, Carve(YARD, "学校"))
    why = refused(city, Carve(block(0.5, 0.5, 0.8, 0.8), "市场"), "dedicated_there")
    assert why.where["grid"] == "G00-1"
    assert why.place is shape(city, "G00-1")


def test_one_beside_another_shares_its_edge() -> None:
    city = done(CITY, Carve(YARD, "学校"))
    after = done(city, Carve(block(0.6, 0.4, 0.8, 0.6), "市场"))
    assert len(shape(after, "G00").interiors) == 1


def test_one_that_touches_another_at_a_corner_is_a_coverage_still() -> None:
    city = done(CITY, Carve(YARD, "学校"))
    after = done(city, Carve(block(0.6, 0.6, 0.8, 0.8), "市场"))
    assert len(after.grids) == 14


def test_one_that_touches_the_edge_of_its_grid_at_a_corner_leaves_a_polygon() -> None:
    diamond = ring((0.5, 0.2), (1, 0.5), (0.5, 0.8), (0.2, 0.5))
    after = done(CITY, Carve(diamond, "学校"))
    assert cells(after, "G00") + cells(after, "G00-1") == pytest.approx(1)


@pytest.mark.parametrize(
    "name",
    ["", "  ", "园" * 81, "a\nb", "a\x00"],
    ids=["none", "blank", "81 characters", "two lines", "a null"],
)
def test_it_has_a_name_as_every_grid_has(name: str) -> None:
    refused(CITY, Carve(YARD, name), "name_invalid")


def test_an_area_across_a_grid_offers_the_grids_of_today_for_the_part_cut_off() -> None:
    why = refused(CITY, Carve(block(1, 0.4, 2, 0.6), "道路"), "would_cut")
    assert set(offered(why)) >= {"G00", "G06"}
    assert set(offered(why)) <= CITY.grids.keys(), "the new grid has no code yet"
    after = done(CITY, Carve(block(1, 0.4, 2, 0.6), "道路", cut_off_to="G00"))
    assert cells(after, "G00") == pytest.approx(1.4)


def test_what_the_new_grid_encloses_can_go_to_nobody_and_has_to_be_drawn_over() -> None:
    ring_road = block(0.2, 0.2, 0.8, 0.8).difference(YARD)
    why = refused(CITY, Carve(ring_road, "环路"), "would_cut")
    assert offered(why) == []


def test_two_parts_that_do_not_touch_are_no_grid() -> None:
    parts = shapely.MultiPolygon([YARD, block(0.7, 0.7, 0.8, 0.8)])
    assert refused(CITY, Carve(parts, "学校"), "area_apart").place is not None


def test_an_area_outside_the_city_is_shown() -> None:
    assert refused(CITY, Carve(block(9, 9, 10, 10), "学校"), "outside_city").place is not None


def test_a_yard_split_its_grid_split_around_it_dissolved_and_merged_restores_the_grid() -> None:
    city = done(CITY, Carve(YARD, "学校"))
    city = done(city, Split("G00-1", line((0.5, 0.3), (0.5, 0.7))))
    assert {city.grids[code].kind for code in ("G00-1-1", "G00-1-2")} == {"dedicated"}
    city = done(
        city, Split("G00", line((-0.1, 0.5), (0.45, 0.5), (0.55, 0.5), (1.1, 0.5))), None, "G00-1"
    )
    city = done(city, Dissolve("G00-1-1", "G00-2"))
    city = done(city, Dissolve("G00-1-2", "G00-2"))
    city = done(city, Merge(("G00-2", "G00-3")))
    (last,) = set(city.grids) - set(CITY.grids)
    assert shapely.equals(shape(city, last), shape(CITY, "G00"))


def test_a_yard_redrawn_gives_and_takes_of_the_grid_around_it() -> None:
    city = done(CITY, Carve(YARD, "学校"))
    after = done(city, Redraw("G00-1", block(0.5, 0.5, 0.9, 0.7)))
    assert cells(after, "G00-1") == pytest.approx(0.08)
    assert cells(after, "G00") == pytest.approx(0.92)
