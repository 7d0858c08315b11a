from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gis.coverage_edges import edges
from gis.coverage_zoom import simplify_for_zoom
from gis.errors import BadInput
from tests.gis.lattice import crooked_lattice

Segment = frozenset[tuple[float, float]]
COLUMNS, ROWS = 6, 4
CELLS = crooked_lattice(COLUMNS, ROWS, seed=11)
TOWNSHIP = [f"T{index // ROWS // 3}" for index in range(len(CELLS))]
COMMUNITY = [f"C{index // ROWS // 3}{index % ROWS // 2}" for index in range(len(CELLS))]
LEVELS = {"township": TOWNSHIP, "community": COMMUNITY}


def _segments(ring: shapely.Geometry) -> list[Segment]:
    points = [(float(x), float(y)) for x, y in shapely.get_coordinates(ring)]
    return [frozenset(pair) for pair in pairwise(points)]


def _brute_force(shapes: list[shapely.Polygon], owners: list[int]) -> dict[Segment, str]:
    """The level of each segment from the polygons on its sides, one by one."""
    sides: dict[Segment, list[int]] = {}
    for shape, owner in zip(shapes, owners, strict=True):
        for ring in (shape.exterior, *shape.interiors):
            for segment in _segments(ring):
                sides.setdefault(segment, []).append(owner)
    level = {}
    for segment, near in sides.items():
        if len(near) == 1:
            level[segment] = "city"
        elif TOWNSHIP[near[0]] != TOWNSHIP[near[1]]:
            level[segment] = "township"
        elif COMMUNITY[near[0]] != COMMUNITY[near[1]]:
            level[segment] = "community"
        else:
            level[segment] = "grid"
    return level


def test_each_segment_is_drawn_once_at_the_highest_level_of_its_sides() -> None:
    found = edges(CELLS, LEVELS)
    drawn = [
        (segment, str(level))
        for line, level in zip(found.lines, found.level, strict=True)
        for segment in _segments(line)
    ]
    assert max(Counter(segment for segment, _ in drawn).values()) == 1
    assert dict(drawn) == _brute_force(list(CELLS), list(range(len(CELLS))))


def test_the_lines_are_as_long_as_the_unique_segments() -> None:
    found = edges(CELLS, LEVELS)
    outline = shapely.unary_union(list(CELLS)).length
    rings = float(shapely.length(CELLS).sum())
    assert float(shapely.length(found.lines).sum()) == pytest.approx((rings + outline) / 2)
    city = found.lines[found.level == "city"]
    assert float(shapely.length(city).sum()) == pytest.approx(outline)


def test_a_line_runs_from_junction_to_junction() -> None:
    found = edges(CELLS, LEVELS)
    # A lattice has (c + 1) r + c (r + 1) sides; its 4 outer corners are no junctions.
    assert len(found.lines) == (COLUMNS + 1) * ROWS + COLUMNS * (ROWS + 1) - 4


def test_parts_holes_and_a_grid_inside_a_hole_are_drawn_too() -> None:
    hole = shapely.box(121.2, 30.2, 121.3, 30.3)
    base = shapely.box(121.0, 30.0, 121.5, 30.5) - hole
    island = shapely.box(122.0, 30.0, 122.1, 30.1)
    shapes = [shapely.union(base, island), hole]
    found = edges(shapes, {"township": ["T", "T"], "community": ["C", "D"]})
    lengths = Counter[str]()
    for line, level in zip(found.lines, found.level, strict=True):
        assert line.is_ring
        lengths[str(level)] += line.length
    assert lengths == pytest.approx({"city": 4 * 0.5 + 4 * 0.1, "community": 4 * 0.1})


def test_without_upper_levels_there_is_only_city_and_grid() -> None:
    assert set(edges(CELLS, {}).level) == {"city", "grid"}


def test_more_than_two_polygons_on_a_segment_are_refused() -> None:
    with pytest.raises(BadInput) as caught:
        edges([CELLS[0], CELLS[0], CELLS[0]], {})
    assert caught.value.code == "coverage_invalid"


@pytest.mark.parametrize("zoom", [8, 10, 12, 14])
def test_a_simplified_coverage_is_still_one_and_draws_the_same_levels(zoom: int) -> None:
    simple = simplify_for_zoom(CELLS, zoom)
    assert shapely.coverage_is_valid(simple)
    assert not shapely.is_empty(simple).any()
    assert set(edges(simple, LEVELS).level) == {"city", "township", "community", "grid"}


def test_a_simplified_coverage_loses_vertices_below_and_none_far_above_its_scale() -> None:
    vertices = [shapely.get_num_coordinates(simplify_for_zoom(CELLS, z)).sum() for z in (8, 20)]
    assert vertices[0] < vertices[1] == shapely.get_num_coordinates(CELLS).sum()


@pytest.mark.parametrize("zoom", [9, 12])
def test_no_line_moves_more_than_a_few_pixels(zoom: int) -> None:
    exact, simple = simplify_for_zoom(CELLS, 30), simplify_for_zoom(CELLS, zoom)
    pixel_m = 40_075_016.7 / 2**zoom / 256
    moved = shapely.hausdorff_distance(shapely.boundary(exact), shapely.boundary(simple))
    assert np.max(moved) < 4 * pixel_m
