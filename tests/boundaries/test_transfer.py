"""Giving the ground of an area to a neighbour."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from boundaries.codes import CodeRule
from boundaries.operations import Limits, Transfer, apply
from boundaries.refusals import Refused
from tests.boundaries.planned_city import RULES, city_of, issuer
from tests.boundaries.square_city import (
    block,
    cells,
    done,
    line,
    offered,
    outline_kept,
    place_type,
    point,
    refused,
    ring,
    shape,
    square_city,
    tried,
)

CITY = square_city()
FROM_G03 = block(0.9, 0.2, 1.4, 0.6)


def test_the_ground_of_the_area_goes_to_the_neighbour() -> None:
    after = done(CITY, Transfer("G00", FROM_G03))
    assert cells(after, "G00") == pytest.approx(1.16)
    assert cells(after, "G03") == pytest.approx(0.84)
    assert outline_kept(CITY, after)


def test_an_area_over_several_grids_takes_ground_from_each() -> None:
    after = done(CITY, Transfer("G04", block(0.8, 0.8, 1.5, 1.2)))
    assert cells(after, "G04") > 1.1
    assert sum(cells(after, code) for code in ("G00", "G01", "G03", "G04")) == pytest.approx(4)


def test_what_lies_outside_the_city_is_left_out() -> None:
    after = done(CITY, Transfer("G00", block(0.9, -0.5, 1.4, 0.4)))
    assert cells(after, "G00") == pytest.approx(1.16)
    assert outline_kept(CITY, after)


def test_a_grid_that_lies_wholly_in_the_area_is_retired() -> None:
    applied = tried(CITY, Transfer("G00", block(0.9, -0.1, 2, 1)))
    assert applied.retired == ("G03",)
    assert cells(done(CITY, Transfer("G00", block(0.9, -0.1, 2, 1))), "G00") == pytest.approx(2)


def test_an_area_drawn_the_wrong_way_round_is_the_same_area() -> None:
    wrong = shapely.Polygon(FROM_G03.exterior.coords[::-1])
    one, other = (done(CITY, Transfer("G00", each)) for each in (FROM_G03, wrong))
    assert shapely.equals_exact(shape(one, "G00"), shape(other, "G00"), 0)


def test_an_area_of_two_parts_gives_both() -> None:
    both = shapely.MultiPolygon([block(0.9, 0.1, 1.2, 0.3), block(0.9, 0.6, 1.2, 0.8)])
    assert cells(done(CITY, Transfer("G00", both)), "G00") == pytest.approx(1.08)


def test_heights_are_left_away() -> None:
    high = shapely.force_3d(FROM_G03, 31.5)
    assert not shapely.has_z(shape(done(CITY, Transfer("G00", high)), "G00"))


def test_an_area_that_does_not_touch_who_gets_it_lies_apart() -> None:
    why = refused(CITY, Transfer("G00", block(1.2, 0.2, 1.4, 0.6)), "area_apart")
    assert shapely.area(why.place) == pytest.approx(0.08 * 1e-4)
    refused(CITY, Transfer("G00", block(1.2, 1.2, 1.4, 1.6)), "area_apart")


def test_an_area_that_touches_at_a_corner_only_lies_apart() -> None:
    refused(CITY, Transfer("G00", block(1, 1, 1.4, 1.6)), "area_apart")


def test_ground_that_the_grid_has_changes_nothing() -> None:
    refused(CITY, Transfer("G00", block(0.2, 0.2, 0.4, 0.6)), "nothing_changes")


def test_an_area_without_a_grid_is_outside_the_city() -> None:
    why = refused(CITY, Transfer("G00", block(-3, -3, -2, -2)), "outside_city")
    assert place_type(why) == "Polygon"


@pytest.mark.parametrize("rule", RULES)
def test_a_transfer_keeps_every_code_under_any_rule(rule: CodeRule) -> None:
    after = done(CITY, Transfer("G00", FROM_G03), rule)
    assert sorted(after.grids) == sorted(CITY.grids)


# ---- what would fall apart -----------------------------------------------------------------------

THROUGH = block(0.9, 0.48, 2, 0.7)


def test_an_area_that_cuts_a_grid_in_two_offers_who_could_take_the_part() -> None:
    why = refused(CITY, Transfer("G00", THROUGH), "would_cut")
    assert "cut grid G03 in two" in str(why)
    assert why.where["grid"] == "G03"
    # G04 lies above the part, beyond the box of the area.
    assert offered(why) == ["G00", "G04", "G06"]
    assert shapely.area(why.place) == pytest.approx(0.3e-4)


@pytest.mark.parametrize(("to", "gets"), [("G00", 1.52), ("G04", 1.3), ("G06", 1.3)])
def test_each_that_is_offered_can_take_the_part_that_is_cut_off(to: str, gets: float) -> None:
    given = Transfer("G00", THROUGH, cut_off_to=to, allow_community_change=True)
    after = done(CITY, given)
    assert cells(after, "G03") == pytest.approx(0.48)
    assert cells(after, to) == pytest.approx(gets)


def test_the_part_cut_off_cannot_go_to_who_does_not_touch_it() -> None:
    why = refused(CITY, Transfer("G00", THROUGH, cut_off_to="G11"), "cut_off_apart")
    assert "G11" in str(why)
    assert "G00" in offered(why)


def test_nobody_is_asked_for_where_nothing_is_cut_off() -> None:
    after = done(CITY, Transfer("G00", FROM_G03, cut_off_to="G11"))
    assert cells(after, "G11") == pytest.approx(1)


def test_of_three_parts_two_are_given_away() -> None:
    comb = shapely.union_all(
        [block(0.9, 0.2, 2, 0.3), block(0.9, 0.6, 2, 0.7), block(0.8, 0.2, 0.9, 0.7)]
    )
    after = done(CITY, Transfer("G00", comb, cut_off_to="G00"))
    assert cells(after, "G03") == pytest.approx(0.3)
    assert cells(after, "G00") == pytest.approx(1.7)


def test_the_edge_of_a_community_moves_only_where_that_is_allowed() -> None:
    area = block(1.9, 0.2, 2.4, 0.6)
    why = refused(CITY, Transfer("G03", area), "community_edge")
    assert "0." in str(why) or "ha" in str(why)
    assert shapely.area(why.place) == pytest.approx(0.16e-4)
    after = done(CITY, Transfer("G03", area, allow_community_change=True))
    assert cells(after, "G03") == pytest.approx(1.16)


def test_what_is_taken_or_left_is_no_sliver() -> None:
    sliver = block(0.9, 0.2, 1.00001, 0.3)
    left = block(0.9, -0.1, 1.99999, 1)
    for area, words in ((sliver, "takes less"), (left, "would be left")):
        with pytest.raises(Refused, match=words) as caught:
            apply(CITY, Transfer("G00", area), issuer(CITY, RULES[0]), Limits(smallest_m2=20))
        assert caught.value.code == "piece_too_small"
        assert caught.value.place is not None


def test_an_area_that_follows_an_edge_within_a_millimetre_follows_the_edge() -> None:
    near = ring((1 + 1e-6, 0.2), (1.4, 0.2), (1.4, 0.6), (1 - 1e-6, 0.6))
    after = done(CITY, Transfer("G00", near))
    assert cells(after, "G00") == pytest.approx(1.16, abs=1e-6)
    assert len(shape(after, "G00").exterior.coords) == 4 + 1 + 4


def test_an_area_that_all_but_touches_a_corner_goes_through_it() -> None:
    lobes = ring((1, 0.5), (1.3, 0.5), (1, 1 - 1e-6), (1.3, 1.5), (1, 1.5), (0.9, 1.5), (0.9, 0.5))
    after = done(CITY, Transfer("G04", lobes, cut_off_to="G04"))
    assert cells(after, "G04") == pytest.approx(1 + 0.075 + 0.05 + 0.05, abs=1e-5)


def test_a_grid_of_several_parts_may_lose_one_but_never_gains_one() -> None:
    island = block(1.2, 0.4, 1.4, 0.6)
    shapes = [
        shapely.MultiPolygon([block(0, 0, 1, 1), block(3, 0, 4, 1)]),
        block(1, 0, 3, 1).difference(island),
        island,
    ]
    city = city_of(np.array(shapes, dtype=object), communities=1)
    whole = done(city, Transfer("G01", block(3, 0, 4, 1)))
    assert shape(whole, "G00").geom_type == "Polygon"
    joined = done(city, Transfer("G00", block(0.9, 0, 3.1, 0.3)))
    assert shape(joined, "G00").geom_type == "Polygon"
    refused(city, Transfer("G00", block(1.5, 0.7, 1.8, 0.9)), "area_apart")


def test_an_area_with_a_hole_leaves_the_hole_to_its_grid_only_where_it_hangs_together() -> None:
    hole = block(0.8, 0.1, 1.6, 0.9).difference(block(1.2, 0.4, 1.4, 0.6))
    why = refused(CITY, Transfer("G00", hole), "would_cut")
    assert offered(why) == ["G00"]
    after = done(CITY, Transfer("G00", hole, cut_off_to="G00"))
    assert shape(after, "G00").contains(point(1.3, 0.5))


def test_a_line_cannot_be_given_for_an_area() -> None:
    refused(CITY, Transfer("G00", line((0, 0), (1, 1))), "area_invalid")
