"""Variance over mean: against statsmodels, and 1 for rain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from gis.patterns.dispersion import dispersion, dispersions, dispersions_of_rows


@given(seed=st.integers(0, 2**32 - 1), groups=st.integers(1, 4))
def test_it_is_the_pearson_scale_of_a_poisson_model_with_a_rate_for_each_group(
    seed: int, groups: int
) -> None:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), 12)
    lasted = rng.uniform(0.5, 2.0, len(group))
    counts = rng.negative_binomial(2, 0.2, len(group)) + (np.arange(len(group)) % 12 == 0)
    model = GLM(counts, np.eye(groups)[group], family=Poisson(), exposure=lasted)
    expected = max(1.0, model.fit(scale="X2").scale)
    assert dispersion(counts, lasted, group) == pytest.approx(expected, rel=1e-6)


def test_rain_has_1_and_bursts_of_four_have_4() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(24), 400)
    drops = rng.poisson(np.linspace(0.1, 6, 24)[group])
    even = np.ones(len(group))
    assert dispersion(drops, even, group) == pytest.approx(1.0, abs=0.05)
    assert dispersion(4 * drops, even, group) == pytest.approx(4.0, abs=0.2)


def test_it_is_never_below_1_and_is_1_where_nothing_is_told() -> None:
    assert dispersion([5, 5, 5], [1, 1, 1], [0, 0, 0]) == 1
    assert dispersion([], [], []) == 1
    assert dispersion([9, 1], [1, 1], [0, 1]) == 1
    assert dispersion([0, 0, 7], [1, 1, 0], [0, 0, 0]) == 1


def test_a_group_that_bursts_once_is_known_by_its_own() -> None:
    group = np.repeat(np.arange(3), 20)
    counts = np.random.default_rng(1).poisson(4.0, 60)
    counts[25] += 60
    even = np.ones(60)
    found, together = dispersions(counts, even, group, 4), dispersion(counts, even, group)
    assert found[1] == pytest.approx(dispersion(counts[20:40], even[20:40], group[:20]))
    assert found[1] > 2 * together
    # And of a group without steps all together are what is known.
    assert found[[0, 2, 3]].tolist() == [together] * 3


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 6),
    steps=st.integers(1, 12),
    burst=st.integers(1, 5),
)
def test_each_row_of_a_table_bursts_as_itself_or_as_all_rows(
    seed: int, rows: int, steps: int, burst: int
) -> None:
    rng = np.random.default_rng(seed)
    table = burst * rng.poisson(rng.uniform(0, 4, (rows, 1)), (rows, steps))
    group = np.sort(rng.integers(0, 2, steps))
    exposure = rng.uniform(0.5, 2, steps)
    every = np.broadcast_to(exposure, table.shape)
    together = dispersion(table, every, group + 2 * np.arange(rows)[:, None])
    expected = [max(together, dispersion(row, exposure, group)) for row in table]
    np.testing.assert_allclose(dispersions_of_rows(table, exposure, group), expected)
