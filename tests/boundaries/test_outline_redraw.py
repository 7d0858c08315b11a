"""Moving the outline of a city, with a reason: the one operation that may."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import RedrawOutline
from boundaries.refusals import Refused
from gis.coverage import prove
from tests.boundaries.planned_city import (
    CRS,
    areas,
    city_of,
    outline,
    prove_whole,
    shared_edges_match,
    small_city,
)
from tests.boundaries.square_city import (
    block,
    cells,
    ring,
    shape,
    square_city,
    tried,
)

CITY = square_city()
WHOLE = block(0, 0, 4, 3)


def redrawn(city: DraftCoverage, new: Any) -> DraftCoverage:
    """The city in another outline, proven to be in that one."""
    wanted = shapely.multipolygons([new]) if new.geom_type == "Polygon" else new
    after = tried(city, RedrawOutline(wanted, "勘界")).coverage
    prove(list(after.grids), [g.geometry for g in after.grids.values()], wanted, CRS)
    assert shared_edges_match(after)
    return after


def refused_outline(new: Any, code: str, reason: str = "勘界") -> Refused:
    with pytest.raises(Refused) as caught:
        tried(CITY, RedrawOutline(new, reason))
    assert caught.value.code == code, str(caught.value)
    return caught.value


def test_ground_that_the_city_gains_goes_to_the_grid_beside_it() -> None:
    after = redrawn(CITY, shapely.union(WHOLE, block(0.2, 3, 0.8, 3.2)))
    assert cells(after, "G02") == pytest.approx(1.12)
    assert sorted(after.grids) == sorted(CITY.grids)


def test_ground_gained_along_several_grids_goes_to_the_longest_edge() -> None:
    after = redrawn(CITY, shapely.union(WHOLE, block(0.8, 3, 2, 3.2)))
    assert cells(after, "G05") == pytest.approx(1.24)


def test_ground_that_the_city_gives_up_leaves_its_grids() -> None:
    after = redrawn(CITY, shapely.difference(WHOLE, ring((0, 0), (0.5, 0), (0, 0.5))))
    assert cells(after, "G00") == pytest.approx(0.875)


def test_it_gains_and_gives_up_in_one_operation() -> None:
    new = block(0, 0.1, 4, 3.1)
    after = redrawn(CITY, new)
    assert cells(after, "G00") == pytest.approx(0.9)
    assert cells(after, "G02") + cells(after, "G05") + cells(after, "G08") + cells(
        after, "G11"
    ) == pytest.approx(4.4)


def test_a_grid_of_which_nothing_is_left_is_retired() -> None:
    applied = tried(CITY, RedrawOutline(shapely.multipolygons([block(0, 0, 3, 3)]), "勘界"))
    assert sorted(applied.retired) == ["G09", "G10", "G11"]
    assert applied.changed == ()


def test_a_lake_becomes_a_hole_and_is_filled_again() -> None:
    lake = block(0.8, 0.4, 1.2, 0.6)
    with_lake = redrawn(CITY, shapely.difference(WHOLE, lake))
    assert len(outline(with_lake).geoms[0].interiors) == 1
    filled = redrawn(with_lake, WHOLE)
    assert cells(filled, "G00") + cells(filled, "G03") == pytest.approx(2)


def test_an_outline_that_all_but_touches_a_corner_goes_through_it() -> None:
    # The ground gained is one piece with a neck of a millimetre at the corner of G02 and G05.
    lobes = ring((0.5, 3), (1.5, 3), (1.5, 3.2), (1.1, 3.2), (1, 3 + 1e-6), (0.9, 3.2), (0.5, 3.2))
    wanted: Any = shapely.multipolygons([shapely.union(WHOLE, lobes)])
    after = tried(CITY, RedrawOutline(wanted, "勘界")).coverage
    prove_whole(after)
    assert cells(after, "G02") == pytest.approx(1.09, abs=1e-5)
    assert cells(after, "G05") == pytest.approx(1.09, abs=1e-5)


def test_an_outline_within_two_millimetres_is_the_same() -> None:
    d = 1e-6
    refused_outline(block(d, -d, 4 + d, 3 - d), "nothing_changes")
    refused_outline(WHOLE, "nothing_changes")


def test_an_outline_drawn_the_wrong_way_round_is_the_same() -> None:
    new = ring((0, 0), (4, 0), (4, 3), (1, 3), (0.5, 3.2), (0, 3))
    backwards = shapely.Polygon(new.exterior.coords[::-1])
    assert cells(redrawn(CITY, backwards), "G02") == pytest.approx(1.1)


def test_an_island_far_from_every_grid_is_of_no_grid() -> None:
    island = shapely.MultiPolygon([WHOLE, block(6, 0, 7, 1)])
    why = refused_outline(island, "no_neighbour")
    assert shapely.equals(why.place, block(6, 0, 7, 1))


def test_ground_that_touches_a_corner_only_is_of_no_grid() -> None:
    refused_outline(shapely.MultiPolygon([WHOLE, block(4, 3, 5, 4)]), "no_neighbour")


def test_an_outline_elsewhere_leaves_nothing() -> None:
    assert refused_outline(block(50, 50, 60, 60), "nothing_left").place is not None


def test_an_outline_that_would_cut_a_grid_in_two_is_refused_with_the_part() -> None:
    why = refused_outline(shapely.difference(WHOLE, block(0.4, -1, 0.6, 1)), "new_part")
    assert shapely.area(why.place) == pytest.approx(0.4e-4)


def test_an_outline_that_crosses_itself_is_shown() -> None:
    bow = ring((0, 0), (4, 3), (4, 0), (0, 3))
    assert refused_outline(bow, "outline_invalid").place is not None


@pytest.mark.parametrize("reason", ["", "  "])
def test_it_needs_a_reason(reason: str) -> None:
    refused_outline(block(0, 0, 4, 3.2), "reason_missing", reason)


def test_a_city_of_several_parts_keeps_those_that_are_in_the_outline() -> None:
    shapes = np.array([block(0, 0, 1, 1), block(1, 0, 2, 1), block(5, 0, 6, 1)], dtype=object)
    city = city_of(shapes)
    after = redrawn(city, shapely.MultiPolygon([block(0, 0, 2, 1.1), block(5, 0, 6, 1)]))
    assert cells(after, "G00") + cells(after, "G01") == pytest.approx(2.2)
    assert after.grids["G02"] is city.grids["G02"]


def test_communities_follow_their_grids() -> None:
    after = redrawn(CITY, block(0, 0, 4, 3.2))
    assert {g.code: g.community for g in after.grids.values()} == {
        g.code: g.community for g in CITY.grids.values()
    }
    assert shapely.get_num_geometries(shape(after, "G02")) == 1


@given(data=st.data(), seed=st.integers(0, 20))
@settings(max_examples=settings().max_examples // 2)
def test_the_city_is_in_whatever_outline_was_drawn_or_as_it_was(
    data: st.DataObject, seed: int
) -> None:
    city = small_city(3, 2, seed=seed)
    code = data.draw(st.sampled_from(sorted(city.grids)))
    area = data.draw(areas(city, code))
    if not area.is_valid:
        return
    change = data.draw(st.sampled_from([shapely.union, shapely.difference]))
    wanted = change(outline(city), area)
    try:
        applied = tried(city, RedrawOutline(wanted, "勘界"))
    except Refused:
        return
    after = applied.coverage
    prove_whole(after)
    assert shared_edges_match(after)
    differs = shapely.symmetric_difference(wanted, outline(after))
    # What is nearer than 2 mm to an edge is brought to it.
    assert shapely.area(differs) <= 2e-8 * (shapely.length(wanted) + shapely.length(area))
    told = {grid.code for grid in applied.changed} | set(applied.retired)
    assert all(after.grids[c] is city.grids[c] for c in city.grids.keys() - told)
