"""Tails of counts against the distributions themselves, and against rain that is thrown."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, nbinom

from gis.patterns.count_tails import count_tails, cube_tails, overdispersion
from gis.patterns.neighbours import Neighbours

N = 40


def ring(count: int) -> Neighbours:
    """Places around a circle, each beside two."""
    at = np.arange(count)
    return Neighbours.of_pairs(count, [*at, *at], [*(at + 1) % count, *(at - 1) % count])


def around(values: np.ndarray) -> np.ndarray:
    summed: np.ndarray = values + np.roll(values, 1, axis=0) + np.roll(values, -1, axis=0)
    return summed


@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.05, 50), shape=st.floats(0.2, 50))
def test_each_count_has_the_tail_that_the_places_beyond_it_say(
    seed: int, mean: float, shape: float
) -> None:
    """One neighbourhood after the other, from the distributions as scipy has them."""
    rng = np.random.default_rng(seed)
    ground = rng.uniform(0.1, 1.0, N)
    counts = rng.negative_binomial(shape, shape / (shape + mean * ground)).astype(float)
    if not counts.any():
        return
    found = count_tails(counts, ground, ring(N))
    seen, area = around(counts), around(ground)
    for place in range(N):
        beyond = np.ones(N, dtype=bool)
        beyond[[place - 1, place, (place + 1) % N]] = False
        phi = overdispersion(counts[beyond], ground[beyond])
        if phi > 0:
            rate = counts[beyond].sum() / ground[beyond].sum()
            expected = rate * area[place]
            more = phi * rate**2 * (ground[~beyond] ** 2).sum()
            law = nbinom(expected**2 / more, expected / (expected + more))
        else:
            law = binom(counts.sum(), area[place] / ground.sum())
            expected = law.mean()
        above = seen[place] > expected
        tail = law.sf(seen[place] - 1) if above else law.cdf(seen[place])
        assert found.p[place] == pytest.approx(min(1.0, 2 * tail), rel=1e-6)
        assert found.is_above[place] == above
        assert found.z[place] == pytest.approx((seen[place] - law.mean()) / law.std(), abs=1e-9)


@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 6))
def test_the_bins_of_a_cube_are_places_whose_ground_is_there_at_each_step(
    seed: int, steps: int
) -> None:
    rng = np.random.default_rng(seed)
    ground = rng.uniform(0.2, 1.0, N)
    cube = rng.poisson(2.0, (N, steps)).astype(float)
    sums = around(cube)
    sums[:, 1:] += around(cube)[:, :-1]
    found = cube_tails(cube, sums, ground, ring(N))
    assert found.p.shape == cube.shape
    expected = np.outer(around(ground), [1, *[2] * (steps - 1)]) * cube.sum()
    assert (found.is_above == (sums > expected / (ground.sum() * steps))).all()


@pytest.mark.parametrize("phi", [0.0, 0.5, 3.0])
def test_overdispersion_is_that_of_the_rates(phi: float) -> None:
    rng = np.random.default_rng(5)
    ground = rng.uniform(0.2, 1.0, 200_000)
    rates = rng.gamma(1 / phi, phi, len(ground)) if phi else 1.0
    counts = rng.poisson(1.7 * ground * rates).astype(float)
    assert overdispersion(counts, ground) == pytest.approx(phi, abs=0.05 * (1 + phi))


def test_one_who_has_all_cases_or_all_ground_is_told_without_a_nan() -> None:
    counts = np.zeros(5)
    counts[2] = 4
    everyone = Neighbours.of_pairs(5, *np.nonzero(~np.eye(5, dtype=bool)))
    assert count_tails(counts, np.ones(5), everyone).p.tolist() == [1.0] * 5
    assert not np.isnan(count_tails(counts, np.ones(5), ring(5)).p).any()
