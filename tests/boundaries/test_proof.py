"""The proof of one operation, against changes that no operation would make."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shapely

from boundaries.draft_coverage import DraftCoverage, DraftGrid
from boundaries.editing.noding import edges_of
from boundaries.editing.patch import Patch, in_degrees
from boundaries.proof import Meant, prove_change
from boundaries.refusals import Refused
from boundaries.steps import Edge, Step
from tests.boundaries.planned_city import small_city
from tests.boundaries.square_city import block, ring, square_city

CITY = square_city()
ANY = Meant(communities=True)


def refused(
    city: DraftCoverage, changed: list[DraftGrid], code: str, meant: Meant = ANY, *gone: str
) -> Refused:
    with pytest.raises(Refused) as caught:
        prove_change(city, changed, gone, meant)
    assert caught.value.code == code, str(caught.value)
    assert caught.value.place is not None
    return caught.value


def shaped(city: DraftCoverage, code: str, shape: shapely.Polygon) -> DraftGrid:
    return replace(city.grids[code], geometry=shape)


def common_edge(city: DraftCoverage, one: str, other: str) -> Edge:
    patch = Patch.of(city, [one, other])
    return min(patch.edges([one]) & patch.edges([other]))


def with_place(city: DraftCoverage, code: str, on: Edge, place: Step) -> DraftGrid:
    """A grid with a place put on one of its edges."""
    patch = Patch.of(city, [code]).with_nodes({on: (place,)})
    return shaped(city, code, in_degrees(patch.parts[code]))  # type: ignore[arg-type]


@pytest.mark.parametrize("aside", [-1, 0, 1])
@pytest.mark.parametrize("seed", range(4))
def test_a_place_on_an_edge_of_one_grid_and_not_of_its_neighbour_is_refused(
    seed: int, aside: int
) -> None:
    city = small_city(seed=seed)
    (ax, ay), (bx, by) = on = common_edge(city, "G03", "G04")
    place = (ax + bx) // 2, (ay + by) // 2 + aside
    changed = [with_place(city, "G03", on, place)]
    refused(city, changed, "coverage_invalid")
    both = [*changed, with_place(city, "G04", on, place)]
    prove_change(city, both, [], ANY)


@pytest.mark.parametrize("aside", [-1, 0, 1])
def test_so_it_is_where_both_grids_are_changed(aside: int) -> None:
    city = small_city(seed=7)
    (ax, ay), (bx, by) = on = common_edge(city, "G03", "G04")
    place = (ax + bx) // 2, (ay + by) // 2 + aside
    other = replace(city.grids["G04"], name="北街")
    refused(city, [with_place(city, "G03", on, place), other], "coverage_invalid")


def test_a_place_on_the_outline_is_no_fault() -> None:
    city = small_city(seed=2)
    shared = {
        each
        for code in city.grids
        if code != "G00"
        for each in edges_of(Patch.of(city, [code]).rings())
    }
    (ax, ay), (bx, by) = on = min(Patch.of(city, ["G00"]).edges() - shared)
    prove_change(city, [with_place(city, "G00", on, ((ax + bx) // 2, (ay + by) // 2))], [], ANY)


def test_a_bow_tie_is_no_polygon() -> None:
    bow = ring((0, 0), (1, 1), (1, 0), (0, 1))
    assert "G00" in str(refused(CITY, [shaped(CITY, "G00", bow)], "polygon_invalid"))


def test_a_grid_in_two_parts_is_refused_with_the_smaller() -> None:
    parts = shapely.MultiPolygon([block(0, 0, 1, 0.3), block(0, 0.5, 1, 1)])
    why = refused(CITY, [replace(CITY.grids["G00"], geometry=parts)], "new_part")
    assert shapely.equals(why.place, shapely.MultiPolygon([block(0, 0, 1, 0.3)]))


def test_an_overlap_is_refused_with_the_place() -> None:
    refused(CITY, [shaped(CITY, "G00", block(0, 0, 1.2, 1))], "coverage_invalid")


def test_a_gap_is_refused_however_the_grids_fit_otherwise() -> None:
    smaller = [shaped(CITY, "G00", block(0, 0, 0.9, 1))]
    with pytest.raises(Refused) as caught:
        prove_change(CITY, smaller, [], ANY)
    assert caught.value.code in {"coverage_invalid", "area_not_kept"}


@pytest.mark.parametrize("share", [2e-6, 1e-4, 1e-2])
def test_no_more_than_a_millionth_of_the_ground_gets_lost(share: float) -> None:
    # A hole that no neighbour has an edge at, so many cells of the one that it is cut out of.
    wide = share**0.5
    hole = block(1.5, 1.5, 1.5 + wide, 1.5 + wide)
    holed = shapely.Polygon(block(1, 1, 2, 2).exterior, [hole.exterior])
    refused(CITY, [shaped(CITY, "G04", holed)], "area_not_kept")


def test_a_grid_that_goes_leaves_its_ground_to_somebody() -> None:
    same = replace(CITY.grids["G00"], name="北街")
    refused(CITY, [same], "area_not_kept", ANY, "G01")


def test_ground_for_ground_on_the_outline_still_moves_it() -> None:
    # As much is given up at one end of the southern edge as is gained at the other.
    shape = ring((0, 0), (0.3, 0.1), (0.5, 0), (0.7, -0.1), (1, 0), (1, 1), (0, 1))
    refused(CITY, [shaped(CITY, "G00", shape)], "outline_fixed")


def test_the_edge_of_a_community_is_told_from_the_outline() -> None:
    # A bulge of G03 into G06, of which both have every corner.
    bulge = [(2, 0.2), (2.2, 0.5), (2, 0.8)]
    fitted = [
        shaped(CITY, "G03", ring((1, 0), (2, 0), *bulge, (2, 1), (1, 1))),
        shaped(CITY, "G06", ring((3, 0), (3, 1), (2, 1), *bulge[::-1], (2, 0))),
    ]
    why = refused(CITY, fitted, "community_edge", Meant())
    assert shapely.equals(why.place, shapely.MultiPolygon([ring(*bulge)]))
    prove_change(CITY, fitted, [], ANY)
