"""Hotspots of areas of very different size: rain is no hotspot, a busy corner is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.hotspots import hotspots_of_areas
from gis.patterns.neighbours import Neighbours
from tests.gis.lattice import crooked_lattice
from tests.gis.test_hotspots import LEVELS, hold

Floats = NDArray[np.float64]

SIDE = 16
BESIDE = Neighbours.sharing_edges(crooked_lattice(SIDE, SIDE, seed=1))
# As the grids of a city: the largest has ten thousand times the ground of the smallest.
PEOPLE: Floats = 10 ** np.random.default_rng(2).uniform(-2, 2, SIDE * SIDE)


def called_of_rain(cases: int, draws: int, seed: int) -> dict[int, int]:
    """In how many draws any area is called hot or cold, by confidence."""
    rng = np.random.default_rng(seed)
    called = dict.fromkeys((percent for percent, _ in LEVELS), 0)
    for _ in range(draws):
        counts = rng.multinomial(cases, PEOPLE / PEOPLE.sum()).astype(float)
        most = int(np.abs(hotspots_of_areas(counts, PEOPLE, BESIDE).bin).max())
        for percent in called:
            called[percent] += most >= percent
    return called


@pytest.mark.parametrize("cases", [100, 3_000])
def test_rain_on_areas_of_any_size_is_seldom_called_a_hotspot(cases: int) -> None:
    hold(called_of_rain(cases, 60, seed=cases), 60)


@pytest.mark.slow
@pytest.mark.parametrize("cases", [30, 100, 300, 1_000, 3_000, 10_000, 100_000])
def test_rain_on_areas_is_called_a_hotspot_no_more_often_than_the_level(cases: int) -> None:
    hold(called_of_rain(cases, 1_000, seed=cases), 1_000)


def test_areas_with_three_times_the_rate_are_hot_and_the_largest_is_not() -> None:
    busy = np.flatnonzero(np.isin(np.arange(SIDE * SIDE), [17, 18, 33, 34]))
    people = np.where(np.isin(np.arange(SIDE * SIDE), busy), 10.0, PEOPLE)
    largest = int(people.argmax())
    times = np.ones(SIDE * SIDE)
    times[busy] = 3.0
    law = people * times
    counts = np.random.default_rng(5).multinomial(20_000, law / law.sum()).astype(float)
    found = hotspots_of_areas(counts, people, BESIDE)
    assert (found.bin[busy] == 99).all()
    assert largest not in busy
    assert found.bin[largest] == 0
    assert counts[largest] > counts[busy].max()


@given(seed=st.integers(0, 2**32 - 1), cases=st.integers(300, 30_000), shape=st.floats(0.2, 20))
def test_what_is_hot_lies_above_its_mean_and_what_is_cold_below(
    seed: int, cases: int, shape: float
) -> None:
    rng = np.random.default_rng(seed)
    law = PEOPLE * rng.gamma(shape, 1.0, len(PEOPLE))
    counts = rng.multinomial(cases, law / law.sum()).astype(float)
    found = hotspots_of_areas(counts, PEOPLE, BESIDE)
    assert (np.sign(found.bin) * found.z >= 0).all()


def test_an_area_alone_has_no_figure_whatever_it_counts() -> None:
    count = 40
    ring = np.arange(count - 1)
    beside = Neighbours.of_pairs(count, [*ring, *np.roll(ring, 1)], [*np.roll(ring, 1), *ring])
    counts = np.full(count, 5.0)
    counts[-1] = 500.0
    found = hotspots_of_areas(counts, np.ones(count), beside)
    for figure in (found.z, found.p, found.q):
        assert np.isnan(figure).tolist() == [False] * (count - 1) + [True]
    assert found.bin[-1] == 0
