"""Local Moran's I against esda, and against all draws there are."""

from __future__ import annotations

import warnings
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from esda import Moran_Local
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.patterns.local_moran import local_moran
from gis.patterns.neighbours import Neighbours
from tests.gis.patterns.test_getis_ord import esda_weights, random_field

DRAWS = 9_999
QUADRANTS = {1: "HH", 2: "LH", 3: "LL", 4: "HL"}


def esda_moran(values: NDArray[np.float64], neighbours: Neighbours, **options: object) -> Any:
    with warnings.catch_warnings():
        # 0 / 0 for islands.
        warnings.simplefilter("ignore")
        return Moran_Local(values, esda_weights(neighbours), island_weight=0, **options)


def lattice(side: int) -> Neighbours:
    """Squares side by side, row by row."""
    at = np.arange(side * side).reshape(side, side)
    one = [*at[:, :-1].ravel(), *at[:-1].ravel()]
    other = [*at[:, 1:].ravel(), *at[1:].ravel()]
    return Neighbours.of_pairs(side * side, one + other, other + one)


@given(seed=st.integers(0, 2**32 - 1))
def test_random_fields_have_the_values_and_quadrants_of_esda(seed: int) -> None:
    values, neighbours = random_field(seed)
    theirs = esda_moran(values, neighbours, permutations=0)
    ours = local_moran(values, neighbours, draws=9, rng=np.random.default_rng(seed))
    told = neighbours.cardinalities > 0
    np.testing.assert_allclose(ours.i[told], theirs.Is[told], atol=1e-9)
    assert ours.quadrant[told].tolist() == [QUADRANTS[at] for at in theirs.q[told]]
    assert np.isnan(ours.i[~told]).all()
    assert np.isnan(ours.p[~told]).all()
    assert set(ours.quadrant[~told]) <= {""}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_p_is_twice_that_of_esda_within_the_error_of_both_samples(seed: int) -> None:
    values, neighbours = random_field(seed, count=200)
    ours = local_moran(values, neighbours, draws=DRAWS, rng=np.random.default_rng(seed))
    theirs = esda_moran(values, neighbours, permutations=DRAWS, seed=seed)
    told = neighbours.cardinalities > 0
    one_sided = theirs.p_sim[told]
    error = np.sqrt(2 * one_sided * (1 - one_sided) / DRAWS)
    assert (np.abs(ours.p[told] / 2 - one_sided) <= 5 * error + 1 / DRAWS).all()


@given(seed=st.integers(0, 2**32 - 1), odd=st.booleans())
def test_p_comes_to_the_share_of_all_draws_also_where_most_of_them_tie(
    seed: int, odd: bool
) -> None:
    """Seven places with few cases: every way to fill the neighbours of a place from the others.

    Sums of 0.1 and 0.7 depend on their order in the last digit, and must tie all the same.
    """
    rng = np.random.default_rng(seed)
    counts = rng.poisson(0.6, 7)
    if odd:
        counts = np.minimum(counts, 1)
    values = np.where(counts > 0, 0.7, 0.1) if odd else counts.astype(float)
    neighbours = Neighbours.of_pairs(7, *rng.integers(0, 7, (2, 9)))
    if counts.min() == counts.max() or neighbours.cardinalities.max() > 5:
        return
    found = local_moran(values, neighbours, draws=4_000, rng=rng)
    observed = neighbours.sums(counts.astype(float))
    for place, k in enumerate(neighbours.cardinalities.tolist()):
        if not k:
            continue
        others = np.delete(counts, place).tolist()
        sums = np.array([sum(drawn) for drawn in combinations(others, k)])
        share = min((sums >= observed[place]).mean(), (sums <= observed[place]).mean())
        error = np.sqrt(share * (1 - share) / 4_000)
        assert abs(found.p[place] - min(1.0, 2 * share)) <= 12 * error + 1e-3


def test_a_place_with_no_cases_around_it_is_no_marvel_where_cases_are_few() -> None:
    counts = np.zeros(900)
    counts[np.random.default_rng(0).integers(0, 900, 30)] = 1
    found = local_moran(counts, lattice(30), draws=999, rng=np.random.default_rng(1))
    empty = lattice(30).sums(counts) == 0
    assert empty.sum() > 700
    assert (found.p[empty] == 1).all()


def test_one_planted_high_among_low_and_low_among_high_are_the_outliers() -> None:
    side = 20
    rng = np.random.default_rng(2)
    values = rng.normal(10.0, 1.0, (side, side))
    values[:, side // 2 :] += 20
    values[4, 4] += 20
    values[12, 15] -= 20
    row, column = np.divmod(np.arange(side * side), side)
    # Twenty neighbours: that of four all are low happens to one in sixteen.
    around = Neighbours.within(row, column, 2.5)
    found = local_moran(values.ravel(), around, draws=19_999, rng=rng)
    assert set(np.flatnonzero(found.outliers())) == {4 * side + 4, 12 * side + 15}
    assert found.quadrant[[4 * side + 4, 12 * side + 15]].tolist() == ["HL", "LH"]
    # All but the border between the halves and the rim are alike.
    assert (found.q[found.quadrant == "HH"] <= 0.05).mean() > 0.8


def test_noise_has_no_outliers_more_often_than_asked_for() -> None:
    rng = np.random.default_rng(3)
    neighbours = lattice(15)
    runs = [
        local_moran(rng.poisson(2.0, 225).astype(float), neighbours, draws=9_999, rng=rng)
        for _ in range(60)
    ]
    # 3 expected at 5 %; more than 9 once in 1,000 times.
    assert sum((run.q <= 0.05).any() for run in runs) <= 9


def test_the_same_seed_gives_the_same_p() -> None:
    values, neighbours = random_field(1)
    one, other = (
        local_moran(values, neighbours, draws=500, rng=np.random.default_rng(3)) for _ in range(2)
    )
    np.testing.assert_array_equal(one.p, other.p)


def test_equal_values_and_places_without_neighbours_have_none() -> None:
    rng = np.random.default_rng(0)
    values, neighbours = random_field(0)
    alone = Neighbours.of_pairs(60, [], [])
    for found in (
        local_moran(np.full(60, 0.1), neighbours, draws=99, rng=rng),
        local_moran(values, alone, draws=99, rng=rng),
    ):
        assert np.isnan([found.i, found.p, found.q]).all()
        assert set(found.quadrant) == {""}
        assert not found.outliers().any()
