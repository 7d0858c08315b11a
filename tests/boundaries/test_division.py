"""A grid divided into even parts: whole, contiguous, even as far as its blocks allow."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boundaries.balancing.cut_region import cut_region
from boundaries.balancing.division import Division, divide
from boundaries.balancing.region import Region
from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.region import DrawnGrid
from boundaries.operations import RedrawRegion, apply
from boundaries.succession.counted import Counted
from gis.crs import objects
from gis.errors import BadInput
from tests.boundaries.counted_regions import recounted, region_in, scattered_counts
from tests.boundaries.planned_city import LIMITS, RULES, issuer, prove_whole, small_city

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=max(1, settings().max_examples // 12))


def divided(region: Region, parts: int, seed: int = 0) -> Division:
    ticks = iter(range(24))
    return divide(
        cut_region(region, parts),
        parts,
        seed=seed,
        out_of_time=lambda: next(ticks, None) is None,
    )


def one_grid(seed: int, *, buildings: int = 60) -> tuple[DraftCoverage, Region]:
    """The middle one of nine grids, with buildings in all of them."""
    city = small_city(3, 3, seed=seed)
    shapes = [grid.geometry for grid in city.grids.values()]
    counted = scattered_counts(shapes, seed, buildings=buildings, on_corners=False)
    return city, region_in(city, counted, ["G04"])


@given(SEEDS, st.integers(2, 5))
@FEW
def test_parts_are_new_grids_on_the_ground_of_the_old_one_and_weigh_what_is_said(
    seed: int, parts: int
) -> None:
    city, region = one_grid(seed)
    places = shapely.get_coordinates(region.counted.geometries)
    inside = shapely.intersects_xy(region.grids["G04"], places)
    assume((region.counted.figure[inside] > 0).sum() > 4 * parts)
    found = divided(region, parts, seed)
    grids = tuple(DrawnGrid(area) for area in found.areas)
    after = apply(city, RedrawRegion(grids, ("G04",)), issuer(city, RULES[0]), LIMITS)
    prove_whole(after.coverage)
    new = [each for each in after.changed if each.code not in city.grids]
    assert after.retired == ("G04",)
    assert len(new) == parts
    assert {each.community for each in new} == {city.grids["G04"].community}
    assert all(shapely.get_num_geometries(each.geometry) == 1 for each in new)
    shapes = {code: grid.geometry for code, grid in after.coverage.grids.items()}
    weights = recounted(shapes, region.counted, [each.code for each in new])
    assert sorted(weights.values()) == pytest.approx(sorted(found.totals))
    mean = sum(weights.values()) / parts
    off = max(abs(each / mean - 1) for each in weights.values())
    assert found.deviation == pytest.approx(off)


@given(SEEDS, st.integers(2, 4))
@FEW
def test_where_many_small_houses_stand_parts_are_even_to_a_twentieth(seed: int, parts: int) -> None:
    city = small_city(3, 3, seed=seed)
    rng = np.random.default_rng(seed)
    west, south, east, north = city.grids["G04"].geometry.bounds
    places = rng.uniform((west, south), (east, north), (600, 2))
    inside = places[shapely.contains_xy(city.grids["G04"].geometry, places)]
    counted = Counted(
        np.asarray(shapely.points(inside)), rng.integers(1, 4, len(inside)).astype(np.float64)
    )
    assert divided(region_in(city, counted, ["G04"]), parts, seed).deviation <= 0.05


def test_a_road_through_the_grid_is_where_it_is_divided() -> None:
    city = small_city(3, 3)
    shape = city.grids["G04"].geometry
    middle = shape.centroid
    road = shapely.LineString([(middle.x - 0.02, middle.y), (middle.x + 0.02, middle.y + 2e-4)])
    # As much on both sides of it.
    x = np.linspace(-0.003, 0.003, 40)
    places = [(middle.x + dx, middle.y + dy) for dx in x for dy in (-0.002, 0.002)]
    counted = Counted(np.asarray(shapely.points(places)), np.ones(len(places)))
    found = divided(region_in(city, counted, ["G04"], [road]), 2)
    assert found.deviation == 0.0
    between = found.areas[0].intersection(found.areas[1])
    along = between.intersection(road.buffer(1e-7)).length
    assert along >= 0.9 * between.length


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (1, "parts_too_few"),
        (0, "parts_too_few"),
        (-3, "parts_too_few"),
        (10_000, "parts_too_many"),
    ],
)
def test_a_number_of_parts_that_makes_no_sense_is_refused(parts: int, code: str) -> None:
    _, region = one_grid(1)
    cut = cut_region(region, 2)
    with pytest.raises(BadInput) as refusal:
        divide(cut, parts)
    assert refusal.value.code == code


def test_one_building_cannot_be_divided() -> None:
    city = small_city(3, 3)
    one = Counted(objects([city.grids["G04"].geometry.centroid]), np.array([400.0]))
    with pytest.raises(BadInput) as refusal:
        divided(region_in(city, one, ["G04"]), 2)
    assert refusal.value.code == "cannot_divide"


def test_a_grid_without_households_is_refused() -> None:
    city = small_city(3, 3)
    elsewhere = Counted(objects([city.grids["G00"].geometry.centroid]), np.array([400.0]))
    with pytest.raises(BadInput) as refusal:
        divided(region_in(city, elsewhere, ["G04"]), 2)
    assert refusal.value.code == "nothing_counted"
