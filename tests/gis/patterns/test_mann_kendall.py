"""Mann and Kendall's test against values printed elsewhere and against pyMannKendall."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pymannkendall
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.patterns.mann_kendall import mann_kendall, sen_slopes

DATA = Path(__file__).parents[2] / "data" / "trend"


def test_the_rain_of_bogra_has_the_published_figures() -> None:
    printed = json.loads((DATA / "mann_kendall_expected.json").read_text())
    rain = pd.read_csv(DATA / "bogra_monthly_rainfall_1981_2010.csv")["bogra_mm"]
    series = rain.to_numpy(float)[None]
    found = mann_kendall(series)
    published = printed["published_test_expectations"]["original_test"]
    assert found.s[0] == published["S"]
    assert found.var[0] == pytest.approx(published["var_S"], rel=1e-15)
    assert found.z[0] == pytest.approx(published["z"], rel=1e-14)
    assert found.p[0] == pytest.approx(published["p"], rel=1e-12)
    assert found.tau[0] == pytest.approx(published["tau"], rel=1e-14)
    # The older slope closes the gaps of the seven missing months; this one keeps them.
    kept = printed["rerun_with_release_1_4_3"]["original_test"]["slope"]
    assert sen_slopes(series)[0] == pytest.approx(kept, rel=1e-14)


@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(3, 30),
    levels=st.integers(2, 12),
    missing=st.floats(0, 0.5),
)
def test_any_series_has_the_figures_of_pymannkendall(
    seed: int, count: int, levels: int, missing: float
) -> None:
    rng = np.random.default_rng(seed)
    series = rng.integers(0, levels, (4, count)).astype(float)
    series[rng.random(series.shape) < missing] = np.nan
    found, slopes = mann_kendall(series), sen_slopes(series)
    for row, values in enumerate(series):
        if len(np.unique(values[~np.isnan(values)])) < 2:
            assert np.isnan(found.z[row])
            continue
        theirs = pymannkendall.original_test(values)
        assert found.s[row] == theirs.s
        ours = found.var[row], found.z[row], found.p[row], found.tau[row], slopes[row]
        wanted = theirs.var_s, theirs.z, theirs.p, theirs.Tau, theirs.slope
        np.testing.assert_allclose(ours, wanted, rtol=1e-12, atol=1e-14)


def test_too_few_values_and_equal_ones_are_no_trend_and_no_error() -> None:
    series = np.array([[np.nan, np.nan, np.nan], [1, np.nan, np.nan], [2, 2, 2.0]])
    found = mann_kendall(series)
    assert np.isnan(found.z).all()
    assert np.isnan(found.p).all()
    assert np.isnan(sen_slopes(series)[:2]).all()
    assert sen_slopes(series)[2] == 0
