"""Neighbours by rings, distance, shared edge and name, against brute force and H3's own."""

from __future__ import annotations

import random
from itertools import combinations

import h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.cells import CellRegion, names
from gis.errors import BadInput
from gis.patterns.neighbours import Neighbours
from tests.gis.lattice import crooked_lattice

SEEDS = st.integers(0, 2**32 - 1)


def rows(neighbours: Neighbours) -> list[set[int]]:
    return [set(at.tolist()) for at in np.split(neighbours.others, neighbours.starts[1:-1])]


def around(lat: float, lng: float, steps: int, resolution: int = 8) -> CellRegion:
    """A disk of cells, given by their index alone."""
    disk = h3.grid_disk(h3.latlng_to_cell(lat, lng, resolution), steps)
    cells = np.sort(np.array([int(cell, 16) for cell in disk], dtype=np.uint64))
    return CellRegion(cells, np.ones(len(cells)), resolution)


PLACES: dict[str, tuple[float, float]] = {
    "a city": (30.2, 121.1),
    "a pentagon": h3.cell_to_latlng(sorted(h3.get_pentagons(8))[5]),
    "the 180th meridian": (-16.9, 180.0),
    "the pole": (89.99, 0.0),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_rings_are_those_of_h3_within_the_region(place: str, k: int) -> None:
    region = around(*PLACES[place], 5)
    listed = names(region.cells)
    at = {name: index for index, name in enumerate(listed)}
    expected = [
        {at[other] for other in h3.grid_disk(name, k) if other in at and other != name}
        for name in listed
    ]
    assert rows(region.rings(k)) == expected


def test_a_pentagon_has_five_neighbours_and_all_other_whole_cells_six() -> None:
    region = around(*PLACES["a pentagon"], 4)
    listed = names(region.cells)
    middle = h3.latlng_to_cell(*PLACES["a pentagon"], 8)
    assert h3.is_pentagon(middle)
    inner = {*h3.grid_disk(middle, 3)} - {middle}
    found = dict(zip(listed, region.rings(1).cardinalities.tolist(), strict=True))
    assert found[middle] == 5
    assert {found[name] for name in inner} == {6}


def test_a_cell_alone_has_no_neighbours() -> None:
    region = around(*PLACES["a city"], 0)
    assert rows(region.rings(3)) == [set()]
    assert rows(around(*PLACES["a city"], 2).rings(0)) == [set()] * 19


@given(seed=SEEDS, count=st.integers(0, 40), distance=st.sampled_from([0.0, 1.0, 2.5, 5.0, 100.0]))
def test_places_within_a_distance_are_those_of_a_loop(
    seed: int, count: int, distance: float
) -> None:
    x, y = np.random.default_rng(seed).integers(0, 8, (2, count))
    expected: list[set[int]] = [set() for _ in range(count)]
    for one, other in combinations(range(count), 2):
        # In whole numbers: what is exactly so far belongs to it.
        if (x[one] - x[other]) ** 2 + (y[one] - y[other]) ** 2 <= distance**2:
            expected[one].add(other)
            expected[other].add(one)
    found = Neighbours.within(x, y, distance)
    assert found.count == count
    assert rows(found) == (expected or [set()])


@given(seed=st.integers(0, 10_000), columns=st.integers(1, 5), lines=st.integers(1, 5))
def test_cells_of_a_lattice_neighbour_those_beside_and_not_those_across_a_corner(
    seed: int, columns: int, lines: int
) -> None:
    found = Neighbours.sharing_edges(crooked_lattice(columns, lines, seed=seed))
    expected = [
        {
            (column + x) * lines + line + y
            for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1))
            if 0 <= column + x < columns and 0 <= line + y < lines
        }
        for column in range(columns)
        for line in range(lines)
    ]
    assert rows(found) == expected


@given(seed=st.integers(0, 10_000))
def test_units_of_many_parts_neighbour_as_shapely_tells(seed: int) -> None:
    cells = crooked_lattice(4, 4, seed=seed)
    owner = np.random.default_rng(seed).integers(0, 6, len(cells))
    units = [shapely.coverage_union_all(cells[owner == unit]) for unit in np.unique(owner)]
    expected: list[set[int]] = [set() for _ in units]
    for one, other in combinations(range(len(units)), 2):
        if shapely.length(shapely.intersection(units[one], units[other])) > 0:
            expected[one].add(other)
            expected[other].add(one)
    assert rows(Neighbours.sharing_edges(units)) == expected


def test_an_island_of_a_coverage_has_no_neighbours() -> None:
    squares = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 1, 3, 2)]
    assert rows(Neighbours.sharing_edges(squares)) == [{1}, {0}, set()]


@given(seed=SEEDS, count=st.integers(1, 12))
def test_lists_of_names_are_neighbours_in_the_order_of_the_table(seed: int, count: int) -> None:
    drawn = random.Random(seed)
    ids = [f"g{at}" for at in drawn.sample(range(100), count)]
    lists = [(name, drawn.choices(ids, k=3)) for name in drawn.sample(ids, len(ids) // 2)]
    expected = [{ids.index(other) for other in dict(lists).get(name, [])} for name in ids]
    for at, row in enumerate(expected):
        row.discard(at)
    assert rows(Neighbours.of_lists(ids, lists)) == expected


@pytest.mark.parametrize("lists", [[("a", ["z"])], [("z", ["a"])], [("z", [])]])
def test_a_name_that_no_row_has_is_refused_by_name(lists: list[tuple[str, list[str]]]) -> None:
    with pytest.raises(BadInput, match="'z'") as refusal:
        Neighbours.of_lists(["a", "b"], lists)
    assert refusal.value.code == "weights_unknown_id"


@given(seed=SEEDS, count=st.integers(1, 20))
def test_sums_are_those_of_a_loop_column_by_column(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    neighbours = Neighbours.of_pairs(count, *rng.integers(0, count, (2, 30)))
    values: NDArray[np.float64] = rng.normal(size=(count, 3))
    expected = [sum((values[at] for at in row), np.zeros(3)) for row in rows(neighbours)]
    np.testing.assert_allclose(neighbours.sums(values), expected, atol=1e-12)
    np.testing.assert_allclose(neighbours.sums(values[:, 0]), np.array(expected)[:, 0], atol=1e-12)
    assert neighbours.cardinalities.tolist() == [len(row) for row in rows(neighbours)]


@pytest.mark.parametrize("wrong", [3, 4, -1])
def test_a_neighbour_that_is_no_place_is_refused(wrong: int) -> None:
    with pytest.raises(ValueError, match="one of the places"):
        Neighbours.of_pairs(3, [0, 1], [1, wrong])
    with pytest.raises(ValueError, match="one of the places"):
        Neighbours.of_pairs(3, [0, wrong], [1, 2])


def test_a_place_beside_itself_and_rows_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="its own"):
        Neighbours(np.array([0, 1, 1]), np.array([0]))
    with pytest.raises(ValueError, match="lead from 0"):
        Neighbours(np.array([0, 1]), np.array([], dtype=np.int64))
