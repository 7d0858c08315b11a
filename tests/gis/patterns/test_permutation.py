"""Conditional permutation: against esda, and against all draws there are."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.patterns.neighbours import Neighbours
from gis.patterns.permutation import Tails, draw_places, tail_counts
from tests.gis.patterns.test_getis_ord import esda_g, esda_weights, random_field

DRAWS = 9_999


@pytest.mark.parametrize("seed", range(3))
def test_p_is_twice_that_of_esda_within_the_error_of_both_samples(seed: int) -> None:
    values, neighbours = random_field(seed, count=200)
    tails = tail_counts(values, neighbours, draws=DRAWS, rng=np.random.default_rng(seed))
    theirs = esda_g(
        values, esda_weights(neighbours), permutations=DRAWS, star=True, seed=seed, n_jobs=1
    )
    told = neighbours.cardinalities > 0
    ours, one_sided = tails.two_sided()[told], theirs.p_sim[told]
    error = np.sqrt(2 * one_sided * (1 - one_sided) / DRAWS)
    # Of 200 places none is five deviates off, once in 10,000 runs.
    assert (np.abs(ours / 2 - one_sided) <= 5 * error + 1 / DRAWS).all()


@given(seed=st.integers(0, 2**32 - 1))
def test_many_draws_come_to_the_share_of_all_that_there_are(seed: int) -> None:
    """Six places: every way to fill the neighbours of a place from the other five."""
    rng = np.random.default_rng(seed)
    values = rng.poisson(2.0, 6).astype(float)
    first, second = rng.integers(0, 6, (2, 9))
    neighbours = Neighbours.of_pairs(6, first, second)
    keep = neighbours.cardinalities <= 4
    if not keep.all():
        return
    tails = tail_counts(values, neighbours, draws=4_000, rng=rng)
    observed = neighbours.sums(values)
    for place, k in enumerate(neighbours.cardinalities.tolist()):
        if not k:
            assert (tails.above[place], tails.below[place]) == (4_000, 4_000)
            continue
        others = np.delete(values, place)
        sums = np.array([sum(drawn) for drawn in permutations(others.tolist(), k)])
        # Counts tie often: a tie is in both tails.
        for reached, share in (
            (tails.above[place], float((sums >= observed[place]).mean())),
            (tails.below[place], float((sums <= observed[place]).mean())),
        ):
            error = np.sqrt(share * (1 - share) / 4_000)
            assert abs(reached / 4_000 - share) <= 5 * error + 1e-9


@given(count=st.integers(2, 60), data=st.data())
def test_a_draw_has_no_place_twice_and_any_place_anywhere(count: int, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, count))
    table = draw_places(400, width, count, np.random.default_rng(count))
    assert all(len(set(row)) == width for row in table.tolist())
    for column in table.T:
        often = np.bincount(column, minlength=count)
        assert (np.abs(often - 400 / count) <= 6 * np.sqrt(400 / count) + 1).all()


def test_the_same_seed_gives_the_same_draws() -> None:
    values, neighbours = random_field(1)
    one, other = (
        tail_counts(values, neighbours, draws=500, rng=np.random.default_rng(3)) for _ in range(2)
    )
    assert (one.above == other.above).all()
    assert (one.below == other.below).all()


def test_p_is_never_nought_nor_more_than_one() -> None:
    above, below = np.array([0, 999, 500, 499, 999]), np.array([999, 0, 499, 500, 999])
    assert Tails(above, below, 999).two_sided().tolist() == [0.002, 0.002, 1.0, 1.0, 1.0]


def test_a_place_with_no_cases_around_it_is_no_marvel_where_cases_are_few() -> None:
    counts = np.zeros(900)
    counts[np.random.default_rng(0).integers(0, 900, 30)] = 1
    neighbours = Neighbours.within(*np.divmod(np.arange(900), 30), 1.1)
    tails = tail_counts(counts, neighbours, draws=999, rng=np.random.default_rng(1))
    empty = neighbours.sums(counts) == 0
    assert empty.sum() > 700
    assert (tails.two_sided()[empty] == 1).all()
