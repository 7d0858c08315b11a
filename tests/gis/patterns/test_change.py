"""Change with its interval against scipy's exact test, and how often it holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, nbinom, poisson
from statsmodels.stats.rates import confint_poisson_2indep

from gis.patterns.change import change

COUNTS = st.integers(0, 400)
EXPOSURES = st.sampled_from([0.5, 1.0, 7.0, 365.25])


@given(before=COUNTS, after=COUNTS, one=EXPOSURES, other=EXPOSURES)
def test_interval_and_p_are_those_of_the_exact_binomial_test(
    before: int, after: int, one: float, other: float
) -> None:
    found = change(before, after, before_exposure=one, after_exposure=other)
    if before + after == 0:
        assert found.lack.all()
        return
    share = other / (one + other)
    test = binomtest(after, before + after, share)
    ends = test.proportion_ci(0.95, method="exact")
    odds = [end / (1 - end) if end < 1 else np.inf for end in (ends.low, ends.high)]
    assert [found.low[0], found.high[0]] == pytest.approx([at * one / other for at in odds])
    sided = [binomtest(after, before + after, share, side).pvalue for side in ("greater", "less")]
    assert found.p[0] == pytest.approx(min(1.0, 2 * min(sided)))


@given(before=COUNTS, after=COUNTS, phi=st.sampled_from([1.0, 2.5]))
def test_p_is_below_5_percent_exactly_where_the_interval_does_not_hold_1(
    before: int, after: int, phi: float
) -> None:
    found = change(before, after, phi=phi)
    holds_1 = bool(((found.low <= 1) & (found.high >= 1)).all())
    assert found.lack[0] or (found.p[0] < 0.05) == (not holds_1)


@given(before=COUNTS, after=COUNTS, one=EXPOSURES, phi=st.sampled_from([1.0, 2.5]))
def test_the_way_back_is_one_over_the_way_there(
    before: int, after: int, one: float, phi: float
) -> None:
    there = change(before, after, before_exposure=one, phi=phi)
    back = change(after, before, after_exposure=one, phi=phi)
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(1 / there.low, back.high, rtol=1e-9)
        np.testing.assert_allclose(1 / there.ratio, back.ratio, rtol=1e-9)
    np.testing.assert_allclose(there.p, back.p, rtol=1e-9)


def test_for_large_counts_it_is_the_interval_of_a_score_test() -> None:
    found = change(40_000, 42_000, before_exposure=28, after_exposure=28)
    low, high = confint_poisson_2indep(42_000, 28, 40_000, 28, method="score", compare="ratio")
    assert [found.low[0], found.high[0]] == pytest.approx([low, high], rel=1e-3)


@pytest.mark.parametrize("mean", [0.5, 2.0, 10.0, 25.0])
@pytest.mark.parametrize("ratio", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("longer", [1.0, 2.0])
def test_the_interval_holds_the_true_ratio_at_least_95_times_in_100(
    mean: float, ratio: float, longer: float
) -> None:
    """All pairs of counts there are, by how likely they are: no sampling error."""
    counts = np.arange(int(poisson.isf(1e-6, max(mean, mean * ratio * longer))) + 2)
    before, after = np.meshgrid(counts, counts, indexing="ij")
    likely = poisson.pmf(before, mean) * poisson.pmf(after, mean * ratio * longer)
    found = change(before, after, after_exposure=longer)
    holds = (found.low <= ratio) & (found.high >= ratio)
    assert likely[holds].sum() / likely[~found.lack].sum() >= 0.95


@pytest.mark.parametrize("phi", [1.5, 6.0])
@pytest.mark.parametrize("mean", [12.0, 30.0])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_it_holds_also_where_counts_vary_phi_times_as_much(
    phi: float, mean: float, ratio: float
) -> None:
    counts = np.arange(int(mean * max(ratio, 1) + 9 * np.sqrt(phi * mean * max(ratio, 1))))
    before, after = np.meshgrid(counts, counts, indexing="ij")
    share = 1 / phi
    likely = nbinom.pmf(before, mean / (phi - 1), share) * nbinom.pmf(
        after, mean * ratio / (phi - 1), share
    )
    assert likely.sum() == pytest.approx(1, abs=1e-3)
    told = change(before, after, phi=phi)
    forgotten = change(before, after)
    holds = (told.low <= ratio) & (told.high >= ratio)
    assert likely[holds].sum() >= 0.95
    # Without phi it would not: that is why it is there.
    assert likely[(forgotten.low <= ratio) & (forgotten.high >= ratio)].sum() < 0.94


def test_nothing_before_bounds_the_ratio_from_below_and_nothing_after_from_above() -> None:
    found = change([0, 7, 0], [7, 0, 0])
    assert found.ratio[:2].tolist() == [np.inf, 0]
    assert found.high[0] == np.inf
    assert found.low[1] == 0
    # All of 7 on one side: 2 / 2^7 for two sides.
    assert found.p[:2] == pytest.approx([2 / 128, 2 / 128])
    assert found.low[0] == pytest.approx(1 / found.high[1])
    # The bound is where seven of seven have a chance of 2.5 %.
    share = found.low[0] / (1 + found.low[0])
    assert binom.pmf(7, 7, share) == pytest.approx(0.025)
    assert found.lack.tolist() == [False, False, True]
    assert np.isnan([found.ratio[2], found.low[2], found.high[2], found.p[2]]).all()


def test_twelve_after_eight_is_no_change_and_120_after_80_is_one() -> None:
    found = change([8, 80], [12, 120])
    assert found.ratio.tolist() == [1.5, 1.5]
    assert (found.low < 1).tolist() == [True, False]
    assert (found.p < 0.05).tolist() == [False, True]


@pytest.mark.parametrize(
    ("before", "options"),
    [
        (-1, {}),
        (np.nan, {}),
        (1, {"before_exposure": 0.0}),
        (1, {"after_exposure": -2.0}),
        (1, {"phi": 0.5}),
        (1, {"confidence": 1.0}),
    ],
)
def test_what_is_no_count_or_exposure_is_refused(before: float, options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"from 0|above 0|at least 1"):
        change(before, 3, **options)
