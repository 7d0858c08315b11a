"""False discoveries against statsmodels."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from statsmodels.stats.multitest import fdrcorrection

from gis.patterns.false_discovery import benjamini_hochberg, bins


@given(p=arrays(float, st.integers(1, 80), elements=st.floats(0, 1)))
def test_q_is_that_of_statsmodels(p: np.ndarray) -> None:
    _, theirs = fdrcorrection(p)
    np.testing.assert_allclose(benjamini_hochberg(p), theirs, rtol=1e-12)


@given(p=arrays(float, st.integers(1, 40), elements=st.floats(0, 1)), seed=st.integers(0, 99))
def test_tests_without_a_p_do_not_count(p: np.ndarray, seed: int) -> None:
    at = np.sort(np.random.default_rng(seed).integers(0, len(p) + 1, 3))
    holed = np.insert(p, at, np.nan)
    q = benjamini_hochberg(holed)
    assert np.isnan(q[np.isnan(holed)]).all()
    np.testing.assert_array_equal(q[~np.isnan(holed)], benjamini_hochberg(p))


def test_a_bin_is_the_highest_confidence_its_q_allows_on_its_side() -> None:
    q = np.array([0.01, 0.011, 0.05, 0.1, 0.1001, np.nan])
    hot = np.array([True, True, False, False, True, True])
    assert bins(q, hot).tolist() == [99, 95, -95, -90, 0, 0]
