"""Outliers: found where they are put, not at the region's edge, and never an empty promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.outliers import LEAST_DRAWS, LEVEL, MOST_DRAWS, draws_for, outliers_of_rates
from gis.patterns.neighbours import Neighbours
from tests.gis.patterns.test_local_moran import lattice
from tests.gis.test_hotspots import city

SIDE = 20
SQUARES = lattice(SIDE)
HOLE = (7, 7)
ONES = np.ones(SIDE * SIDE)


def with_a_hole(seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Quiet squares around five times five busy ones, with a quiet one in their middle."""
    means = np.full((SIDE, SIDE), 4.0)
    means[5:10, 5:10] = 60.0
    means[HOLE] = 1.0
    return np.random.default_rng(seed).poisson(means.ravel()).astype(float)


@given(places=st.integers(1, 40_000), most=st.integers(1, 10**6))
def test_so_many_draws_are_taken_that_one_place_alone_may_stand_out(places: int, most: int) -> None:
    draws = draws_for(places, most)
    assert draws <= most
    if draws < most:
        assert draws >= LEAST_DRAWS
        assert 2 * places / (draws + 1) <= LEVEL / 2 + 1e-12


def test_more_places_than_the_draws_can_tell_apart_are_too_many() -> None:
    most = int(LEVEL * (MOST_DRAWS + 1) / 2)
    assert 2 * most / (draws_for(most) + 1) <= LEVEL
    ring = np.arange(most + 1)
    beside = Neighbours.of_pairs(most + 1, ring, np.roll(ring, 1))
    many = outliers_of_rates((ring % 7).astype(float), np.ones(most + 1), beside, seed=1)
    few = outliers_of_rates(with_a_hole(1), ONES, SQUARES, seed=1, most_draws=999)
    for found in (many, few):
        assert found.lack == "too_many_places"
        assert found.least_q > LEVEL
        assert np.isnan(found.moran.q).all()
        assert not found.is_outlier.any()


@pytest.mark.parametrize("seed", range(3))
def test_a_quiet_place_among_busy_ones_is_an_outlier(seed: int) -> None:
    found = outliers_of_rates(with_a_hole(seed), ONES, SQUARES, seed=seed)
    hole = HOLE[0] * SIDE + HOLE[1]
    assert found.lack is None
    assert found.is_outlier[hole]
    assert found.moran.quadrant[hole] == "LH"
    again = outliers_of_rates(with_a_hole(seed), ONES, SQUARES, seed=seed)
    np.testing.assert_array_equal(found.moran.q, again.moran.q)


def test_a_cell_of_which_little_lies_in_the_city_is_no_outlier_for_that() -> None:
    region, beside = city(600)
    rng = np.random.default_rng(3)
    slivers = region.share < 0.3
    assert slivers.sum() > 10
    busy = rng.gamma(4.0, 10.0, len(region.share))
    counts = rng.poisson(busy * region.share).astype(float)
    found = outliers_of_rates(counts, region.share, beside, seed=1)
    assert not found.is_outlier[slivers].any()


def test_what_cannot_be_told_is_said() -> None:
    none = outliers_of_rates(np.zeros(400), ONES, SQUARES, seed=1)
    equal = outliers_of_rates(ONES * 3, ONES, SQUARES, seed=1)
    alone = outliers_of_rates(ONES, ONES, Neighbours.of_pairs(400, [], []), seed=1)
    star = Neighbours.of_pairs(4, [0, 0, 0, 1, 2, 3], [1, 2, 3, 0, 0, 0])
    few = outliers_of_rates(np.arange(4.0), np.ones(4), star, seed=1)
    assert [none.lack, equal.lack, alone.lack, few.lack] == [
        "no_cases", "all_equal", "too_few_places", "too_few_places",
    ]  # fmt: skip
    for found in (none, equal, alone, few):
        assert np.isnan(found.moran.i).all()
        assert not found.is_outlier.any()
