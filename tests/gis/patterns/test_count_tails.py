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


def two_sided(above: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    p: np.ndarray = np.minimum(1.0, 2 * np.where(above, upper, lower))
    return p


@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.05, 30))
def test_even_counts_have_the_binomial_tail(seed: int, mean: float) -> None:
    rng = np.random.default_rng(seed)
    ground = rng.uniform(0.1, 1.0, N)
    counts = np.round(mean * ground)
    if not counts.any() or overdispersion(counts, ground) > 0:
        return
    found = count_tails(counts, ground, ring(N))
    total, share, seen = counts.sum(), around(ground) / ground.sum(), around(counts)
    above = seen > total * share
    expected = two_sided(above, binom.sf(seen - 1, total, share), binom.cdf(seen, total, share))
    assert found.chance == "binomial"
    np.testing.assert_allclose(found.p, expected, rtol=1e-9)


@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.2, 50))
def test_uneven_counts_have_the_negative_binomial_tail_of_their_moments(
    seed: int, mean: float
) -> None:
    rng = np.random.default_rng(seed)
    ground = rng.uniform(0.1, 1.0, N)
    counts = rng.negative_binomial(0.4, 0.4 / (0.4 + mean * ground)).astype(float)
    phi = overdispersion(counts, ground)
    if phi == 0:
        return
    found = count_tails(counts, ground, ring(N))
    rate = counts.sum() / ground.sum()
    expected_count = rate * around(ground)
    variance = expected_count + phi * rate**2 * around(ground**2)
    chance = expected_count / variance
    size = expected_count * chance / (1 - chance)
    seen = around(counts)
    above = seen > expected_count
    expected = two_sided(above, nbinom.sf(seen - 1, size, chance), nbinom.cdf(seen, size, chance))
    assert found.chance == "negative binomial"
    np.testing.assert_allclose(found.p, expected, rtol=1e-6)


@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 6))
def test_the_bins_of_a_cube_are_places_whose_ground_is_there_at_each_step(
    seed: int, steps: int
) -> None:
    """The same tails as of one row of places, which is a cube of one step."""
    rng = np.random.default_rng(seed)
    ground = rng.uniform(0.2, 1.0, N)
    cube = rng.poisson(2.0, (N, steps)).astype(float)
    sums = around(cube)
    sums[:, 1:] += around(cube)[:, :-1]
    found = cube_tails(cube, sums, ground, ring(N))
    assert found.p.shape == cube.shape
    if steps == 1:
        alone = count_tails(cube[:, 0], ground, ring(N))
        np.testing.assert_allclose(found.p[:, 0], alone.p, rtol=1e-12)
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
