"""Knox's test against every pair written out, and against every way to deal out the times."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from gis.errors import BadInput, TooLarge
from gis.patterns.near_repeat import NearRepeatOptions, near_repeats

Floats = NDArray[np.float64]
SEEDS = st.integers(0, 2**32 - 1)


def town(seed: int, cases: int) -> tuple[Floats, Floats, Floats]:
    """Cases on a lattice of 50 m and on whole and half days: many lie at the end of a band."""
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 12, (2, cases)) * 50.0
    return x, y, 20_000 + rng.integers(0, 80, cases) / 2


def pairs_by_band(
    x: Floats, y: Floats, days: Floats, distances_m: tuple[float, ...], spans: tuple[float, ...]
) -> list[list[int]]:
    table = [[0] * len(spans) for _ in distances_m]
    far = [(-1.0, distances_m[0]), *pairwise(distances_m)]
    late = [(-1.0, spans[0]), *pairwise(spans)]
    for one, other in combinations(range(len(x)), 2):
        apart = ((x[one] - x[other]) ** 2 + (y[one] - y[other]) ** 2) ** 0.5
        between = abs(days[one] - days[other])
        for row, (over, to) in enumerate(far):
            for column, (after, until) in enumerate(late):
                table[row][column] += over < apart <= to and after < between <= until
    return table


@given(
    seed=SEEDS,
    cases=st.integers(2, 40),
    distances_m=st.sampled_from([(0, 100, 250), (50.0,), (0.0,), (100, 5_000)]),
    days=st.sampled_from([(0, 7, 14), (1.5,), (0,), (3, 1_000)]),
)
def test_pairs_are_those_of_a_loop_over_all_pairs(
    seed: int, cases: int, distances_m: tuple[float, ...], days: tuple[float, ...]
) -> None:
    x, y, when = town(seed, cases)
    options = NearRepeatOptions(distances_m, days, draws=1)
    found = near_repeats(x, y, when, options, rng=np.random.default_rng(0))
    assert found.observed.tolist() == pairs_by_band(x, y, when, distances_m, days)


@given(seed=SEEDS)
def test_six_cases_have_the_expectation_and_p_of_all_720_ways(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 3, (2, 6)) * 50.0
    days = rng.integers(0, 6, 6).astype(float)
    options = NearRepeatOptions((0, 50), (0, 2), draws=2_000)
    found = near_repeats(x, y, days, options, rng=rng)
    one, other = np.array(list(combinations(range(6), 2))).T
    apart = np.hypot(x[one] - x[other], y[one] - y[other])
    dealt = days[np.array(list(permutations(range(6))))]
    between = np.abs(dealt[:, one] - dealt[:, other])
    near = [apart == 0, (apart > 0) & (apart <= 50)]
    soon = [between == 0, (between > 0) & (between <= 2)]
    ways = np.array([[(at & then).sum(axis=1) for then in soon] for at in near]).transpose(2, 0, 1)
    np.testing.assert_allclose(found.expected, ways.mean(axis=0), rtol=1e-12)
    if found.lack:
        return
    share = (ways >= found.observed).mean(axis=0)
    error = np.sqrt(share * (1 - share) / 2_000)
    assert (np.abs(found.p - share) <= 6 * error + 4 / 2_000).all()


def test_cases_that_come_in_twos_stand_out_in_their_band_alone() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 10_000, (2, 400))
    days = rng.uniform(0, 365, 400)
    x = np.append(x, x[:60] + 60)
    y, days = np.append(y, y[:60]), np.append(days, days[:60] + 3)
    found = near_repeats(x, y, days, NearRepeatOptions(), rng=rng)
    assert found.observed[1, 1] >= 60
    assert found.p[1, 1] == 0.001
    assert found.ratio[1, 1] > 10
    others = np.delete(found.p.ravel(), 1 * 4 + 1)
    assert (others > 0.005).all()
    assert (found.q <= 0.05).sum() == 1
    # No two stand at the very same place, or come in the same second: those bands are no tests.
    can_be = found.expected > 0
    assert can_be.sum() == 12
    np.testing.assert_allclose(found.q[can_be], false_discovery_control(found.p[can_be]))
    assert np.isnan(found.q[~can_be]).all()


def test_chance_alone_reaches_a_p_of_5_percent_in_5_percent_of_cities() -> None:
    rng = np.random.default_rng(6)
    options = NearRepeatOptions((200,), (7,), draws=99)
    p = []
    for _ in range(400):
        x, y = rng.normal(0, 1_000, (2, 150))
        # A season that all places share is no near repeat.
        days = rng.beta(2, 5, 150) * 365
        p.append(near_repeats(x, y, days, options, rng=rng).p[0, 0])
    # 20 of 400 expected; fewer than 6 or more than 36 once in 3,000 times.
    assert 6 <= (np.array(p) <= 0.05).sum() <= 36


def test_the_same_place_and_the_same_time_are_bands_of_their_own() -> None:
    x, y = np.array([0.0, 0, 0, 30]), np.zeros(4)
    days = np.array([10.0, 10, 17, 17])
    options = NearRepeatOptions((0, 30), (0, 7), draws=9)
    found = near_repeats(x, y, days, options, rng=np.random.default_rng(0))
    assert found.observed.tolist() == [[1, 2], [1, 2]]


def test_a_week_is_a_week_whenever_it_begins() -> None:
    days = np.array([738_000.1, 738_007.1, 730_003.7, 730_010.7])
    options = NearRepeatOptions((0,), (7,), draws=9)
    found = near_repeats(np.zeros(4), np.zeros(4), days, options, rng=np.random.default_rng(0))
    assert found.observed.tolist() == [[2]]


def test_the_order_of_cases_does_not_matter_and_the_seed_decides() -> None:
    x, y, days = town(1, 50)
    order = np.random.default_rng(2).permutation(50)
    options = NearRepeatOptions(draws=200)
    one, again, shuffled = (
        near_repeats(x[at], y[at], days[at], options, rng=np.random.default_rng(3))
        for at in (np.arange(50), np.arange(50), order)
    )
    np.testing.assert_array_equal(one.p, again.p)
    np.testing.assert_array_equal(one.observed, shuffled.observed)
    np.testing.assert_allclose(one.expected, shuffled.expected)


@pytest.mark.parametrize(
    ("x", "days", "lack"),
    [
        ([], [], "too_few_cases"),
        ([0.0], [1.0], "too_few_cases"),
        ([0.0, 0], [1.0, 2], "too_few_cases"),
        ([0.0, 0, 5], [1.0, 1, 1], "one_time"),
        ([0.0, 2_000, 9_000], [1.0, 2, 3], "no_close_pairs"),
    ],
)
def test_what_is_too_little_is_said_and_has_no_p(
    x: list[float], days: list[float], lack: str
) -> None:
    found = near_repeats(
        x, np.zeros(len(x)), days, NearRepeatOptions(), rng=np.random.default_rng(0)
    )
    assert found.lack == lack
    assert np.isnan(found.p).all()
    assert np.isnan(found.q).all()


def test_more_pairs_than_are_meant_are_refused() -> None:
    zeros, days = np.zeros(10), np.arange(10.0)
    few = NearRepeatOptions(most_pairs=44)
    with pytest.raises(TooLarge, match="45 pairs") as refusal:
        near_repeats(zeros, zeros, days, few, rng=np.random.default_rng(0))
    assert refusal.value.code == "too_many_pairs"


def test_more_than_68_years_are_refused() -> None:
    zeros = np.zeros(3)
    with pytest.raises(BadInput) as refusal:
        near_repeats(
            zeros, zeros, [0.0, 1, 24_801], NearRepeatOptions(), rng=np.random.default_rng(0)
        )
    assert refusal.value.code == "time_too_long"


@pytest.mark.parametrize("ends", [(), (-1.0,), (10.0, 10.0), (20.0, 10.0), (float("nan"),)])
def test_bands_that_do_not_ascend_are_refused(ends: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="bands"):
        NearRepeatOptions(distances_m=ends)
    with pytest.raises(ValueError, match="bands"):
        NearRepeatOptions(days=ends)
    with pytest.raises(ValueError, match="draw"):
        NearRepeatOptions(draws=0)
