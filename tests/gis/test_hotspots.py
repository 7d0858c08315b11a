"""Hotspots of counts: seldom where nothing is, found where something is, and never a NaN told."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.cells import CellRegion
from gis.hotspots import (
    Hotspots,
    hotspots_by_permutation,
    hotspots_of_counts,
    hotspots_of_values,
)
from gis.patterns.neighbours import Neighbours

Floats = NDArray[np.float64]

MEANS = (0.02, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)
LEVELS = ((90, 0.10), (95, 0.05), (99, 0.01))


def city(cells: int) -> tuple[CellRegion, Neighbours]:
    """A square of so many cells and those at its edge, with neighbours one step away."""
    height = np.sqrt(cells * 0.0816) / 111.2
    square = shapely.box(121, 30, 121 + height / np.cos(np.radians(30)), 30 + height)
    region = CellRegion.of(square, 9)
    return region, region.rings(1)


SMALL = city(1_500)


def false_alarms(
    region: CellRegion, neighbours: Neighbours, mean: float, draws: int, seed: int
) -> dict[int, int]:
    """In how many draws of rain any place is called hot or cold, by confidence."""
    rng = np.random.default_rng(seed)
    called = dict.fromkeys((percent for percent, _ in LEVELS), 0)
    for _ in range(draws):
        counts = rng.poisson(mean * region.share).astype(float)
        found = hotspots_of_counts(counts, region.share, neighbours)
        assert found.lack is None
        most = int(np.abs(found.bin).max())
        for percent in called:
            called[percent] += most >= percent
    return called


def hold(called: dict[int, int], draws: int) -> None:
    """At most 1.2 times the level asked for, and three deviates of so many draws."""
    for percent, level in LEVELS:
        room = 3 * np.sqrt(1.2 * level / draws)
        assert called[percent] / draws <= 1.2 * level + room, (percent, called, draws)


@pytest.mark.parametrize("mean", MEANS)
def test_rain_is_seldom_called_a_hotspot(mean: float) -> None:
    hold(false_alarms(*SMALL, mean, 40, seed=1), 40)


@pytest.mark.slow
@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize(("cells", "draws"), [(1_500, 1_000), (31_000, 50)])
def test_rain_is_called_a_hotspot_no_more_often_than_the_level(
    cells: int, draws: int, mean: float
) -> None:
    called = false_alarms(*city(cells), mean, draws, seed=2)
    print(f"{cells} cells, mean {mean}, {draws} draws: {called}")
    # No room here: the level is that of 1,000 draws themselves.
    if draws >= 1_000:
        assert all(called[percent] <= 1.2 * level * draws for percent, level in LEVELS)
    hold(called, draws)


def test_the_normal_tail_would_call_rain_a_hotspot_in_nearly_every_draw() -> None:
    region, neighbours = SMALL
    rng = np.random.default_rng(3)
    wrong = sum(
        bool(
            hotspots_of_values(
                rng.poisson(0.1, len(region.cells)).astype(float), neighbours
            ).bin.any()
        )
        for _ in range(20)
    )
    assert wrong >= 18


def planted(mean: float, times: float, seed: int) -> tuple[Hotspots, NDArray[np.bool_]]:
    """Rain with one neighbourhood in the middle of it that has so many times as much."""
    region, neighbours = SMALL
    rates = mean * region.share
    inner = np.flatnonzero(neighbours.cardinalities == 6)
    middle = int(inner[len(inner) // 2])
    at = neighbours.starts[middle]
    there = np.zeros(len(rates), dtype=bool)
    there[[middle, *neighbours.others[at : neighbours.starts[middle + 1]]]] = True
    counts = np.random.default_rng(seed).poisson(np.where(there, times * rates, rates))
    return hotspots_of_counts(counts.astype(float), region.share, neighbours), there


# 11 cases where 0.7 are expected, 19 for 2.1, 32 for 7, 59 for 21, 126 for 70.
@pytest.mark.parametrize(("mean", "times"), [(0.1, 16), (0.3, 9), (1, 4.6), (3, 2.8), (10, 1.8)])
def test_a_planted_cluster_is_found_and_little_around_it(mean: float, times: float) -> None:
    found, called, false = 0, 0, 0
    neighbours = SMALL[1]
    for seed in range(20):
        told, there = planted(mean, times, seed)
        is_called = told.bin >= 95
        found += bool(is_called[there].any())
        called += int(is_called.sum())
        # A cell beside the cluster has some of it among its neighbours, two steps away none.
        false += int((is_called & (neighbours.sums(there.astype(float)) + there == 0)).sum())
    assert found >= 18
    assert false <= 0.1 * called


def test_a_cell_at_the_edge_is_not_cold_for_lying_half_outside() -> None:
    region, neighbours = SMALL
    counts = np.round(20 * region.share)
    at_edge = region.share < 0.5
    assert hotspots_of_counts(counts, region.share, neighbours).bin[at_edge].any() == 0
    # As if each were whole, half of a city's edge is cold.
    whole = hotspots_of_counts(counts, np.ones_like(region.share), neighbours)
    assert (whole.bin[at_edge] < 0).mean() > 0.3


def test_what_is_not_enough_is_said_and_never_a_number() -> None:
    region, neighbours = SMALL
    count = len(region.cells)
    one = np.zeros(count)
    one[count // 2] = 1
    nowhere = Neighbours.of_pairs(count, [], [])
    cases = [
        ("no_cases", np.zeros(count), neighbours),
        ("all_equal", np.full(count, 7.0), neighbours),
        ("too_few_cases", one, neighbours),
        ("too_few_places", one, nowhere),
    ]
    for lack, counts, beside in cases:
        found = hotspots_of_counts(counts, region.share, beside)
        assert found.lack == lack
        assert not found.bin.any()
        assert np.isnan(found.p).all()


def test_all_cases_in_one_cell_are_a_hotspot_there_and_nowhere_else() -> None:
    region, neighbours = SMALL
    middle = int(np.flatnonzero(neighbours.cardinalities == 6)[700])
    counts = np.zeros(len(region.cells))
    counts[middle] = 30
    found = hotspots_of_counts(counts, region.share, neighbours)
    there = neighbours.sums(counts) + counts > 0
    assert (found.bin[there] == 99).all()
    assert not found.bin[~there].any()


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(3, 30), mean=st.floats(0.0, 5.0))
@settings(max_examples=settings().max_examples)
def test_any_counts_have_probabilities_or_a_reason_why_not(
    seed: int, count: int, mean: float
) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, count, (2, 3 * count))
    neighbours = Neighbours.of_pairs(count, first, second)
    counts, ground = rng.poisson(mean, count).astype(float), rng.uniform(0.01, 1, count)
    found = hotspots_of_counts(counts, ground, neighbours)
    if found.lack is None:
        assert ((found.p > 0) & (found.p <= 1)).all()
        assert ((found.q >= found.p) & (found.q <= 1)).all()
    else:
        assert not found.bin.any()


def test_999_permutations_cannot_find_what_a_million_do() -> None:
    neighbours = SMALL[1]
    _, there = planted(3.0, 1.0, 0)
    rates = np.where(there, 12.0, 3.0)
    counts = np.random.default_rng(8).poisson(rates).astype(float)
    few, many = (
        hotspots_by_permutation(counts, neighbours, draws=draws, rng=np.random.default_rng(1))
        for draws in (999, 999_999)
    )
    assert not few.bin.any()
    assert (many.bin[there] == 99).any()
