"""Proposals as operations on the coverage: proven, more even, nothing else moved, all recounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.balancing.because import Because
from boundaries.balancing.cut_region import cut_region
from boundaries.balancing.redistricting import Plan, Redistricting, redistrict
from boundaries.balancing.region import Region
from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.region import DrawnGrid
from boundaries.operations import RedrawRegion, apply
from boundaries.steps import Shape
from boundaries.succession.counted import Counted
from gis.crs import objects
from tests.boundaries.counted_regions import recounted, region_in, scattered_counts
from tests.boundaries.planned_city import (
    LIMITS,
    RULES,
    city_of,
    issuer,
    prove_whole,
    shared_edges_match,
    small_city,
)
from tests.gis.scattered_coverage import scattered_coverage

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=max(1, settings().max_examples // 30))


def drawn(city: DraftCoverage, plan: Plan, *, across: bool = False) -> DraftCoverage:
    """The city after a proposal, through the operation that a draft keeps of it."""
    grids = tuple(DrawnGrid(area, code) for code, area in plan.areas.items())
    return apply(
        city,
        RedrawRegion(grids, allow_community_change=across),
        issuer(city, RULES[0]),
        LIMITS,
    ).coverage


def outlines(city: DraftCoverage) -> dict[str, bytes]:
    """Each community's ground, byte for byte."""
    found = {}
    for community in city.communities:
        members = [g.geometry for g in city.grids.values() if g.community == community]
        found[community] = shapely.normalize(shapely.coverage_union_all(members)).wkb
    return found


def shapes_of(city: DraftCoverage) -> dict[str, Shape]:
    return {code: grid.geometry for code, grid in city.grids.items()}


def off(totals: Mapping[str, float], parents: Mapping[str, str]) -> float:
    """How far the farthest grid is from the mean of its parent, worked out again."""
    away = [0.0]
    for parent in set(parents.values()):
        members = [totals[code] for code in parents if parents[code] == parent]
        mean = sum(members) / len(members)
        away += [abs(each / mean - 1) for each in members if mean]
    return max(away)


def moved(before: Mapping[str, Shape], after: Mapping[str, Shape], counted: Counted) -> float:
    """What is in another grid, thing by thing."""
    total = 0.0
    for thing, figure in zip(counted.geometries, counted.figure.tolist(), strict=True):
        if shapely.get_dimensions(thing) == 0:
            was, now = (
                min((code for code, shape in shapes.items() if shape.intersects(thing)), default="")
                for shapes in (before, after)
            )
            total += figure * (was != now)
            continue
        stayed = sum(
            before[code].intersection(after[code]).intersection(thing).area for code in before
        )
        inside = sum(shape.intersection(thing).area for shape in before.values())
        total += figure * (inside - stayed) / thing.area
    return total


def found_in(region: Region, seed: int) -> Redistricting:
    ticks = iter(range(24))
    return redistrict(cut_region(region), seed=seed, out_of_time=lambda: next(ticks, None) is None)


def proposals(seed: int) -> Iterator[tuple[DraftCoverage, Region, Redistricting]]:
    """Of crooked grids in two communities, and of grids with holes and several parts."""
    awkward = scattered_coverage(seed, size_deg=0.05)
    cities = [small_city(4, 2, seed=seed)]
    if len(awkward) > 1 and shapely.coverage_is_valid(awkward):
        cities.append(city_of(awkward))
    for city in cities:
        counted = scattered_counts([*shapes_of(city).values()], seed, blocks=2)
        if counted.figure.any():
            region = region_in(city, counted)
            yield city, region, found_in(region, seed)


@given(SEEDS)
@FEW
def test_a_proposal_holds_as_an_operation_and_is_what_it_says_it_is(seed: int) -> None:
    for city, region, found in proposals(seed):
        before = shapes_of(city)
        assert found.today.totals == pytest.approx(recounted(before, region.counted, region.codes))
        assert found.today.deviation == pytest.approx(off(found.today.totals, region.parents))
        assert len(found.plans) <= 3
        for plan in found.plans:
            after = drawn(city, plan)
            prove_whole(after)
            assert shared_edges_match(after)
            shapes = shapes_of(after)
            for code, shape in shapes.items():
                assert shapely.get_num_geometries(shape) <= shapely.get_num_geometries(before[code])
            assert shapes.keys() == before.keys()
            assert plan.totals == pytest.approx(recounted(shapes, region.counted, region.codes))
            assert plan.deviation == pytest.approx(off(plan.totals, region.parents))
            assert plan.deviation <= found.today.deviation
            assert plan.spread < found.today.spread
            assert plan.moved == pytest.approx(moved(before, shapes, region.counted), abs=1e-3)


@given(SEEDS)
@FEW
def test_communities_keep_their_outlines_to_the_corner(seed: int) -> None:
    """Byte for byte where no new border ends on an edge of them; there it has that end more."""
    city = small_city(4, 3, seed=seed)
    counted = scattered_counts([*shapes_of(city).values()], seed)
    for plan in found_in(region_in(city, counted), seed).plans:
        after = drawn(city, plan)
        for community, was in outlines(city).items():
            before, now = shapely.from_wkb([was, outlines(after)[community]])
            corners = {tuple(each) for each in shapely.get_coordinates(before).tolist()}
            new = {tuple(each) for each in shapely.get_coordinates(now).tolist()} - corners
            assert corners <= {tuple(each) for each in shapely.get_coordinates(now).tolist()}
            assert shapely.symmetric_difference(before, now).area <= before.length * 1e-9
            for place in new:
                sharing = [
                    g for g in after.grids.values() if g.geometry.touches(shapely.Point(place))
                ]
                assert len({g.code for g in sharing if g.community == community}) > 1 or any(
                    g.community != community for g in sharing
                )


def test_ground_goes_to_another_community_only_where_that_is_wanted() -> None:
    city = small_city(4, 2)
    # All that was counted is in the western community.
    western = [g.geometry for g in city.grids.values() if g.community == "C0"]
    counted = scattered_counts(western, 3)
    found = found_in(region_in(city, counted, keep_communities=False), 1)
    after = drawn(city, found.plans[-1], across=True)
    assert outlines(after) != outlines(city)
    within = found_in(region_in(city, counted), 1)
    assert Because("no_weight", "C1") in within.because
    for plan in within.plans:
        assert {city.grids[code].community for code in plan.areas} == {"C0"}


def test_a_dedicated_grid_beside_them_stays_byte_for_byte() -> None:
    city = small_city(4, 2)
    counted = scattered_counts([*shapes_of(city).values()], 5)
    chosen = [code for code in city.grids if code != "G02"]
    for plan in found_in(region_in(city, counted, chosen), 1).plans:
        after = drawn(city, plan)
        assert "G02" not in plan.areas
        difference = shapely.symmetric_difference(
            after.grids["G02"].geometry, city.grids["G02"].geometry
        )
        assert difference.area <= city.grids["G02"].geometry.length * 1e-9


def test_a_community_of_one_grid_and_grids_that_are_even_say_why_they_stay() -> None:
    city = small_city(2, 2)
    middles = objects([shape.centroid for shape in shapes_of(city).values()])
    even = Counted(middles, np.full(4, 10.0))
    found = found_in(region_in(city, even), 1)
    assert found.plans == ()
    assert found.curve == ((0.0, 0.0),)
    assert [each.parent for each in found.because] == ["C0", "C1"]
    alone = found_in(region_in(city, even, ["G00", "G02", "G03"]), 1)
    assert set(alone.because) == {
        Because("one_chosen", "C0", "G00"),
        Because("even_already", "C1"),
    }


def test_one_building_that_outweighs_all_is_named_as_what_is_in_the_way() -> None:
    city = small_city(2, 2, seed=1)
    shapes = [*shapes_of(city).values()]
    counted = Counted(objects([shapes[0].centroid, shapes[1].centroid]), np.array([500.0, 1.0]))
    found = found_in(region_in(city, counted, ["G00", "G01"]), 1)
    assert found.plans == ()
    assert found.because


def test_no_grid_is_left_smaller_than_grids_are_to_be() -> None:
    city = small_city(4, 2)
    cut = cut_region(region_in(city, scattered_counts([*shapes_of(city).values()], 3)))
    ticks = iter(range(24))
    # Cells are of some square kilometre: none may lose more than a hundredth then.
    found = redistrict(cut, smallest_m2=1e9, out_of_time=lambda: next(ticks, None) is None)
    for plan in found.plans:
        for code, area in plan.areas.items():
            assert area.area >= 0.98 * city.grids[code].geometry.area
    assert len(found_in(cut.region, 1).plans) > len(found.plans)


def test_the_same_seed_gives_the_same_shapes_and_another_gives_others() -> None:
    city = small_city(4, 2)
    counted = scattered_counts([*shapes_of(city).values()], 3)
    one, other, another = (found_in(region_in(city, counted), seed) for seed in (4, 4, 5))
    assert [plan.areas for plan in one.plans] == [plan.areas for plan in other.plans]
    assert [plan.areas for plan in another.plans] != [plan.areas for plan in one.plans]
