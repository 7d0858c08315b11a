"""Grids cut into blocks: whole, in one grid each, along lines, straight, no slivers."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from boundaries.balancing.cut_region import CutRegion, cut_region
from boundaries.balancing.cutting import NARROWEST_M
from boundaries.balancing.plane import Plane
from boundaries.draft_coverage import DraftCoverage
from boundaries.steps import all_to_degrees
from boundaries.succession.counted import Counted
from gis.crs import STEPS_PER_DEGREE
from gis.errors import BadInput
from tests.boundaries.counted_regions import recounted, region_in, scattered_counts
from tests.boundaries.planned_city import city_of, small_city
from tests.gis.scattered_coverage import scattered_coverage

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=max(1, settings().max_examples // 12))


def cut_at_random(city: DraftCoverage, seed: int) -> CutRegion:
    rng = np.random.default_rng(seed)
    shapes = [grid.geometry for grid in city.grids.values()]
    west, south, east, north = shapely.total_bounds(shapes)
    ends = rng.uniform((west, south), (east, north), (3, 4, 2))
    counted = scattered_counts(shapes, seed, blocks=4)
    return cut_region(region_in(city, counted, lines=[shapely.LineString(run) for run in ends]))


def refuse_bad_tiling(city: DraftCoverage, cut: CutRegion) -> None:
    """Each straight piece of a ring is in two blocks, or on the rim of the grids; no library asked.

    And the blocks of a grid have its area, to the half step by which new corners bend its edges.
    """
    times: Counter[frozenset[tuple[float, float]]] = Counter()
    for face in cut.blocks.faces:
        for ring in shapely.get_rings(face):
            places = [tuple(place) for place in shapely.get_coordinates(ring).tolist()]
            times.update(frozenset(pair) for pair in pairwise(places))
    assert set(times.values()) <= {1, 2}
    once = [tuple(piece) for piece, count in times.items() if count == 1]
    rim = shapely.coverage_union_all([grid.geometry for grid in city.grids.values()]).boundary
    middles = np.array(once).mean(axis=1) / STEPS_PER_DEGREE
    assert shapely.dwithin(shapely.points(middles), rim, 2e-9).all()
    for code, grid in city.grids.items():
        mine = [
            face for face, of in zip(cut.blocks.faces, cut.blocks.grid, strict=True) if of == code
        ]
        shapes = all_to_degrees(mine)
        strip = grid.geometry.length * 1e-9
        assert abs(shapely.area(shapes).sum() - grid.geometry.area) <= strip
        beyond = shapely.difference(shapely.union_all(shapes), grid.geometry)
        assert beyond.area <= strip


@given(SEEDS)
@FEW
def test_blocks_tile_every_grid_weigh_what_it_weighs_and_are_no_slivers(seed: int) -> None:
    city = small_city(3, 2, seed=seed)
    cut = cut_at_random(city, seed)
    assert len(cut.blocks.faces) > 4 * len(city.grids)
    refuse_bad_tiling(city, cut)
    weights = dict.fromkeys(city.grids, 0.0)
    for code, weight in zip(cut.blocks.grid, cut.weight.tolist(), strict=True):
        weights[code] += weight
    shapes = {code: grid.geometry for code, grid in city.grids.items()}
    assert weights == pytest.approx(recounted(shapes, cut.region.counted, list(shapes)))
    for face in cut.blocks.faces:
        ground = Plane.around(face).polygon(face)
        assert ground.area >= 600
        assert 2 * ground.area / ground.length >= NARROWEST_M


@given(SEEDS)
@FEW
def test_grids_with_holes_slivers_and_several_parts_are_tiled_too(seed: int) -> None:
    shapes = scattered_coverage(seed)
    assume(len(shapes) > 1 and shapely.coverage_is_valid(shapes))
    city = city_of(shapes)
    assume(scattered_counts(region_shapes(city), seed).figure.any())
    refuse_bad_tiling(city, cut_at_random(city, seed))


def test_a_road_through_a_grid_is_a_border_of_blocks_from_edge_to_edge() -> None:
    city = small_city(3, 2)
    middle = city.grids["G01"].geometry.centroid
    road = shapely.LineString([(120.99, middle.y), (121.04, middle.y + 1e-4)])
    counted = scattered_counts([grid.geometry for grid in city.grids.values()], 1)
    cut = cut_region(region_in(city, counted, lines=[road]))
    borders = shapely.union_all(shapely.boundary(all_to_degrees(cut.blocks.faces)))
    on_borders = road.intersection(borders.buffer(3e-8)).length
    inside = road.intersection(shapely.coverage_union_all([*region_shapes(city)]))
    # It is drawn on straight to the edges from 15 m off them, not along itself.
    assert on_borders >= 0.95 * inside.length


def region_shapes(city: DraftCoverage) -> list[shapely.Geometry]:
    return [grid.geometry for grid in city.grids.values()]


def test_a_road_along_the_edge_of_a_grid_cuts_no_strip_off_it() -> None:
    city = small_city(3, 2)
    beside = shapely.coverage_union_all(region_shapes(city)).buffer(-5e-5).boundary
    counted = scattered_counts(region_shapes(city), 1)
    with_road = cut_region(region_in(city, counted, lines=[*shapely.get_parts(beside)]))
    without = cut_region(region_in(city, counted))
    assert len(with_road.blocks.faces) == len(without.blocks.faces)


def test_what_was_counted_nowhere_in_a_grid_is_not_taken_for_nothing() -> None:
    city = small_city(3, 2)
    counted = scattered_counts(region_shapes(city), 1)
    inside = shapely.intersects(counted.geometries, city.grids["G04"].geometry)
    counted.figure[inside] = np.nan
    with pytest.raises(BadInput) as refusal:
        cut_region(region_in(city, counted))
    assert refusal.value.code == "counts_unknown"
    assert refusal.value.where["grids"] == ["G04"]


def test_a_grid_of_twenty_thousand_reports_is_cut_as_evenly_as_one_of_a_few() -> None:
    city = small_city(3, 2)
    rng = np.random.default_rng(1)
    west, south, east, north = city.grids["G01"].geometry.bounds
    places = np.asarray(shapely.points(rng.uniform((west, south), (east, north), (20_000, 2))))
    counted = Counted(places, np.ones(len(places)))
    cut = cut_region(region_in(city, counted, ["G01", "G04"]))
    mine = cut.weight[np.array(cut.blocks.grid) == "G01"]
    assert len(mine) > 16
    assert mine.max() < 3 * mine.mean()
