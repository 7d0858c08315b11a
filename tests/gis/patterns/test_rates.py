"""Smoothed rates against esda, the formula written out by place, and what must hold for any."""

from __future__ import annotations

import math

import numpy as np
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.patterns.rates import empirical_bayes

SEEDS = st.integers(0, 2**32 - 1)


def city(seed: int, places: int = 40) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Places of 1 to 5,000 people whose true rates differ."""
    rng = np.random.default_rng(seed)
    people = np.ceil(10 ** rng.uniform(0, 3.7, places))
    return rng.poisson(people * rng.gamma(2.0, 0.01, places)), people


def marshall(counts: list[int], people: list[float]) -> list[float]:
    """Equations of Marshall (1991), place by place, in exact sums."""
    together = math.fsum(people)
    mean = math.fsum(counts) / together
    squares = [n * (c / n - mean) ** 2 for c, n in zip(counts, people, strict=True)]
    variance = math.fsum(squares) / together - mean / (together / len(people))
    if variance <= 0:
        return [mean] * len(people)
    return [
        (variance * (c / n) + mean / n * mean) / (variance + mean / n)
        for c, n in zip(counts, people, strict=True)
    ]


@given(seed=SEEDS, places=st.integers(1, 60))
def test_smoothed_rates_are_those_of_the_formula(seed: int, places: int) -> None:
    counts, people = city(seed, places)
    expected = marshall(counts.tolist(), people.tolist())
    np.testing.assert_allclose(empirical_bayes(counts, people), expected, rtol=1e-9)


@given(seed=SEEDS)
def test_where_rates_truly_differ_they_are_those_of_esda(seed: int) -> None:
    counts, people = city(seed, 200)
    smoothed = empirical_bayes(counts, people)
    # esda lets a negative variance turn the rates around.
    assume(np.ptp(smoothed) > 0)
    theirs = Empirical_Bayes(counts.astype(float), people).r.ravel()
    np.testing.assert_allclose(smoothed, theirs, rtol=1e-9)


@given(seed=SEEDS)
def test_a_smoothed_rate_lies_between_the_rate_itself_and_the_mean(seed: int) -> None:
    counts, people = city(seed)
    mean, raw = counts.sum() / people.sum(), counts / people
    smoothed = empirical_bayes(counts, people)
    assert (smoothed >= np.minimum(raw, mean) - 1e-15).all()
    assert (smoothed <= np.maximum(raw, mean) + 1e-15).all()
    # And the fewer people, the nearer to the mean.
    kept = np.divide(smoothed - mean, raw - mean, out=np.ones(len(raw)), where=raw != mean)
    order = np.argsort(people)
    told = (raw != mean)[order]
    assert (np.diff(kept[order][told]) >= -1e-9).all()


@given(seed=SEEDS, times=st.sampled_from([0.25, 2.0, 1024.0]))
def test_people_counted_in_other_units_have_rates_in_other_units(seed: int, times: float) -> None:
    counts, people = city(seed)
    other = empirical_bayes(counts, people * times) * times
    np.testing.assert_allclose(other, empirical_bayes(counts, people), rtol=1e-12)


def test_many_people_keep_their_own_rate() -> None:
    raw = np.array([0.01, 0.02, 0.03, 0.05])
    people = np.full(4, 1e9)
    np.testing.assert_allclose(empirical_bayes(raw * people, people), raw, rtol=1e-6)


def test_smoothing_brings_rates_nearer_to_the_true_ones() -> None:
    rng = np.random.default_rng(5)
    people = np.ceil(10 ** rng.uniform(0.5, 3, 2_000))
    true = rng.gamma(4.0, 0.005, 2_000)
    counts = rng.poisson(people * true)
    raw_error = ((counts / people - true) ** 2).mean()
    smoothed = empirical_bayes(counts, people)
    # A third at most here; and the cases of the city stay what they are, within 2 %.
    assert ((smoothed - true) ** 2).mean() < raw_error / 3
    assert (smoothed * people).sum() == pytest.approx(counts.sum(), rel=0.02)


def test_rates_that_differ_as_chance_makes_them_are_all_the_mean() -> None:
    rates = empirical_bayes([2, 3, 2, 3], [100, 100, 100, 100])
    assert rates.tolist() == [0.025] * 4
    assert empirical_bayes([0, 0], [5, 9]).tolist() == [0.0, 0.0]
    assert empirical_bayes([3], [10]).tolist() == [0.3]


def test_a_place_whose_people_nobody_counted_has_no_rate_and_no_say_in_others() -> None:
    counts, people = np.array([3, 40, 7, 1, 900]), np.array([100.0, 200.0, np.nan, 50.0, 0.0])
    rates = empirical_bayes(counts, people)
    assert np.isnan(rates).tolist() == [False, False, True, False, True]
    told = [0, 1, 3]
    np.testing.assert_array_equal(rates[told], empirical_bayes(counts[told], people[told]))
    assert np.isnan(empirical_bayes([1, 2], [0, np.nan])).all()
    assert empirical_bayes([], []).shape == (0,)


@pytest.mark.parametrize(
    ("counts", "people"),
    [([-1, 2], [5, 5]), ([1, 2], [5, -5]), ([np.nan, 2], [5, 5]), ([1, 2, 3], [5, 5])],
)
def test_what_is_no_count_is_refused(counts: list[float], people: list[float]) -> None:
    with pytest.raises(ValueError, match="people"):
        empirical_bayes(counts, people)
