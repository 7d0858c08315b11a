"""Hot cells joined to places, against a flood fill cell by cell."""

from __future__ import annotations

import h3
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.hot_places import APART, hot_places, joined
from gis.hotspots import Hotspots
from gis.patterns.neighbours import Neighbours
from tests.gis.patterns.test_neighbours import around, rows

SEEDS = st.integers(0, 2**32 - 1)
DISK = around(30.2, 121.1, 6)
BESIDE = DISK.rings(1)


def flooded(chosen: set[int], beside: list[set[int]]) -> list[set[int]]:
    """Places by walking from cell to cell, in order of their first cells."""
    places = []
    left = set(chosen)
    for cell in sorted(chosen):
        if cell not in left:
            continue
        place, edge = {cell}, [cell]
        while edge:
            for other in beside[edge.pop()] & chosen - place:
                place.add(other)
                edge.append(other)
        left -= place
        places.append(place)
    return places


@given(seed=SEEDS, share=st.floats(0, 1), alone=st.booleans())
def test_cells_are_one_place_where_a_walk_over_chosen_cells_joins_them(
    seed: int, share: float, alone: bool
) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 40))
    beside = (
        Neighbours.of_pairs(count, [], [])
        if alone
        else _both_ways(count, *rng.integers(0, count, (2, count)))
    )
    chosen = rng.random(count) < share
    places = joined(chosen, beside)
    expected = flooded(set(np.flatnonzero(chosen).tolist()), rows(beside))
    assert (places == APART).tolist() == (~chosen).tolist()
    found = [set(np.flatnonzero(places == place).tolist()) for place in range(len(expected))]
    assert found == expected


@given(seed=SEEDS, share=st.floats(0, 0.6))
def test_the_strongest_place_comes_first_and_its_peak_is_its_strongest_cell(
    seed: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    count = BESIDE.count
    # Few different z, so that some are equal; cold cells are no place's.
    bins = np.where(
        rng.random(count) < share, rng.choice([90, 95, 99], count), rng.choice([0, -99], count)
    )
    z = np.where(rng.random(count) < 0.1, np.nan, rng.integers(2, 6, count).astype(float))
    found = Hotspots(z, z, z, bins.astype(np.int8), "binomial")
    places = hot_places(found, BESIDE)

    def strength(cell: int) -> tuple[float, float, int]:
        return bins[cell], -np.inf if np.isnan(z[cell]) else z[cell], -cell

    hot = set(np.flatnonzero(bins > 0).tolist())
    expected = [(max(place, key=strength), place) for place in flooded(hot, rows(BESIDE))]
    expected.sort(key=lambda place: strength(place[0]), reverse=True)
    assert [(place.peak, set(place.cells.tolist())) for place in places] == expected
    assert all((np.diff(place.cells) > 0).all() for place in places)


def test_a_ring_of_hot_cells_is_one_place_and_two_with_a_gap_are_two() -> None:
    listed = [h3.int_to_str(int(cell)) for cell in DISK.cells]
    middle = h3.latlng_to_cell(30.2, 121.1, 8)
    ring = {listed.index(cell) for cell in h3.grid_ring(middle, 3)}
    for left_out, count in ((0, 1), (1, 1), (2, 2)):
        chosen = np.zeros(BESIDE.count, dtype=bool)
        walked = sorted(ring, key=lambda at: _bearing(listed[at], middle))
        gaps = walked[:: len(walked) // 2][:left_out]
        chosen[list(ring - set(gaps))] = True
        assert joined(chosen, BESIDE).max() + 1 == count


def _bearing(cell: str, middle: str) -> float:
    (lat, lng), (south, west) = h3.cell_to_latlng(cell), h3.cell_to_latlng(middle)
    return float(np.arctan2(lat - south, (lng - west) * np.cos(np.radians(lat))))


def _both_ways(count: int, one: np.ndarray, other: np.ndarray) -> Neighbours:
    return Neighbours.of_pairs(count, np.concatenate([one, other]), np.concatenate([other, one]))
