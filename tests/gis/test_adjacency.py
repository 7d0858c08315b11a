from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.adjacency import Adjacency, adjacency_of
from gis.crs import metric_crs, project
from tests.gis.lattice import crooked_lattice

SEEDS = st.integers(0, 10_000)


def merged_lattice(seed: int, *, side: int = 4) -> list[shapely.Geometry]:
    """A crooked lattice whose cells are given to random units: rings, several parts, holes."""
    cells = crooked_lattice(side, side, seed=seed)
    owner = np.random.default_rng(seed).integers(0, side * 2, len(cells))
    return [shapely.coverage_union_all(cells[owner == unit]) for unit in np.unique(owner)]


def pairs_of(adjacency: Adjacency) -> dict[tuple[int, int], float]:
    return {
        (unit, other): length
        for unit in range(adjacency.units)
        for other, length in zip(
            adjacency.of(unit).tolist(),
            adjacency.length[adjacency.start[unit] : adjacency.start[unit + 1]].tolist(),
            strict=True,
        )
    }


@given(SEEDS)
def test_neighbours_are_those_whose_shared_border_has_a_length(seed: int) -> None:
    units = merged_lattice(seed)
    found = pairs_of(adjacency_of(units))
    for one, other in combinations(range(len(units)), 2):
        shared = shapely.length(shapely.intersection(units[one], units[other]))
        assert ((one, other) in found) == (shared > 0)
        assert found.get((one, other), 0.0) == pytest.approx(shared)
        assert found.get((other, one)) == found.get((one, other))


def test_cells_that_meet_in_a_corner_are_no_neighbours() -> None:
    adjacency = adjacency_of([shapely.box(x, y, x + 1, y + 1) for x in (0, 1) for y in (0, 1)])
    assert [adjacency.of(unit).tolist() for unit in range(4)] == [[1, 2], [0, 3], [0, 3], [1, 2]]


def test_borders_in_degrees_are_measured_in_metres() -> None:
    cells = crooked_lattice(2, 1, seed=3)
    crs = metric_crs(121.0, 30.0)
    shared = shapely.intersection(*project(cells, crs))
    (length, _) = adjacency_of(cells, crs).length
    assert length == pytest.approx(shapely.length(shared))


def test_a_unit_with_no_neighbour_has_none() -> None:
    adjacency = adjacency_of([shapely.box(0, 0, 1, 1), shapely.box(5, 0, 6, 1)])
    assert len(adjacency.neighbour) == 0
    assert adjacency.pieces().tolist() == [0, 1]


@given(SEEDS)
def test_pieces_are_the_parts_of_the_union(seed: int) -> None:
    cells = crooked_lattice(4, 4, seed=seed)
    part = np.random.default_rng(seed).integers(0, 3, len(cells))
    piece = adjacency_of(cells).pieces(part)
    # Cells that only touch in a corner are apart: measured with each cell a little smaller.
    for number in np.unique(part):
        joined = shapely.union_all(cells[part == number])
        # An outline that meets itself in a corner counts once for each side of it.
        inside = shapely.get_parts(shapely.buffer(joined, -1e-6))
        assert len(np.unique(piece[part == number])) == len(inside)


def test_some_units_keep_the_neighbours_among_them() -> None:
    path = Adjacency.of_pairs(5, [(0, 1), (2, 1), (2, 3), (3, 4)], [1.0, 2.0, 3.0, 4.0])
    some = path.within(np.array([3, 2, 0]))
    assert pairs_of(some) == {(0, 1): 3.0, (1, 0): 3.0}


def test_a_pair_given_twice_adds_its_borders_and_nobody_borders_on_himself() -> None:
    adjacency = Adjacency.of_pairs(3, [(0, 2), (2, 0), (1, 1)], [1.5, 2.0, 9.0])
    assert pairs_of(adjacency) == {(0, 2): 3.5, (2, 0): 3.5}
