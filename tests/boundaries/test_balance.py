from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.balance import BalanceOptions, balance
from boundaries.balancing.start import least_off
from boundaries.balancing.units import Units
from gis.adjacency import Adjacency
from gis.errors import BadInput
from tests.boundaries.parting import (
    every_plan,
    farthest,
    is_connected,
    lattice_units,
    members_of,
    neighbours,
    scattered_units,
)

SEEDS = st.integers(0, 10_000)


def after(looks: int) -> Callable[[], bool]:
    """A clock that has run out when it was looked at so many times."""
    seen = iter(range(looks))
    return lambda: next(seen, None) is None


def path(*weights: float) -> Units:
    """Units in a row."""
    pairs = [(unit, unit + 1) for unit in range(len(weights) - 1)]
    return Units(np.array(weights, dtype=float), Adjacency.of_pairs(len(weights), pairs))


@given(SEEDS, st.integers(1, 12), st.booleans())
@settings(max_examples=max(1, settings().max_examples // 3))
def test_every_part_is_contiguous_and_no_unit_is_lost(
    seed: int, parts: int, on_lattice: bool
) -> None:
    units = lattice_units(7, 6, seed=seed) if on_lattice else scattered_units(40, seed=seed)
    found = balance(units, BalanceOptions(parts, seed), after(6))
    near = neighbours(units)
    members = members_of(found.part, parts)
    assert all(is_connected(each, near) for each in members)
    assert sum(map(len, members)) == len(units)
    weights = units.weight.tolist()
    assert found.totals.tolist() == [sum(weights[unit] for unit in each) for each in members]
    assert found.totals.sum() == units.weight.sum()
    assert found.deviation == pytest.approx(farthest(weights, found.part.tolist(), parts))


@settings(max_examples=max(1, settings().max_examples // 20))
@given(SEEDS, st.integers(2, 3))
def test_of_a_small_coverage_no_plan_is_more_even(seed: int, parts: int) -> None:
    units = scattered_units(9, seed=seed)
    found = balance(units, BalanceOptions(parts, seed))
    weights = units.weight.tolist()
    least = min(farthest(weights, plan, parts) for plan in every_plan(neighbours(units), parts))
    assert found.proven
    assert found.deviation == pytest.approx(least)


@settings(max_examples=max(1, settings().max_examples // 10))
@given(SEEDS, st.integers(2, 3))
def test_no_plan_is_more_even_than_the_bound(seed: int, parts: int) -> None:
    units = scattered_units(8, seed=seed)
    weights = units.weight.tolist()
    least = min(farthest(weights, plan, parts) for plan in every_plan(neighbours(units), parts))
    assert least_off(units.weight, parts) <= least * sum(weights) / parts + 1e-9


@given(SEEDS)
@settings(max_examples=max(1, settings().max_examples // 20))
def test_the_same_seed_makes_the_same_plan(seed: int) -> None:
    units = lattice_units(6, 6, seed=seed)
    once, again = (balance(units, BalanceOptions(5, seed), after(9)) for _ in range(2))
    assert once.part.tolist() == again.part.tolist()
    assert (once.deviation, once.rounds) == (again.deviation, again.rounds)


def test_more_time_never_makes_a_plan_less_even() -> None:
    units = lattice_units(12, 12, seed=8)
    options = BalanceOptions(9, seed=2)
    found = [balance(units, options, after(looks)).deviation for looks in (0, 1, 4, 16, 64)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0]


def test_without_any_time_there_is_a_contiguous_plan() -> None:
    units = lattice_units(10, 10, seed=4)
    found = balance(units, BalanceOptions(12), after(0))
    near = neighbours(units)
    assert all(is_connected(each, near) for each in members_of(found.part, 12))
    assert not found.settled


def test_when_evenness_suffices_borders_are_shorter() -> None:
    units = lattice_units(12, 12, seed=8)
    strict, loose = (
        balance(units, BalanceOptions(4, 1, even_enough=enough), after(60))
        for enough in (0.0, 0.05)
    )
    assert strict.deviation < loose.deviation <= 0.05
    assert loose.border < strict.border


def test_parts_are_numbered_by_their_lowest_units() -> None:
    found = balance(lattice_units(5, 5, seed=1), BalanceOptions(6), after(4))
    firsts = [int(np.flatnonzero(found.part == part)[0]) for part in range(6)]
    assert firsts == sorted(firsts)


def test_one_part_holds_everything() -> None:
    found = balance(path(1, 2, 3), BalanceOptions(1))
    assert found.part.tolist() == [0, 0, 0]
    assert (found.deviation, found.border, found.proven) == (0.0, 0.0, True)


def test_as_many_parts_as_units_are_the_units() -> None:
    found = balance(path(1, 2, 3), BalanceOptions(3))
    assert found.part.tolist() == [0, 1, 2]
    assert found.deviation == 0.5


def test_units_of_weight_nought_belong_to_a_part_too() -> None:
    found = balance(path(0, 5, 0, 0, 5, 0), BalanceOptions(2))
    assert found.totals.tolist() == [5, 5]
    assert found.part[0] == 0
    assert found.part[-1] == 1


def test_one_heavy_unit_does_not_leave_the_others_uneven() -> None:
    # The middle one alone is 80 of a mean of 32; the rest can be 20 a side, and no better.
    found = balance(path(10, 10, 5, 80, 5, 10, 10), BalanceOptions(3))
    assert sorted(found.totals.tolist()) == [25, 25, 80]


def test_islands_get_parts_by_their_weight() -> None:
    pairs = [(0, 1), (1, 2), (3, 4), (4, 5), (5, 6), (6, 7)]
    units = Units(np.array([1, 1, 1, 2, 2, 2, 2, 1.0]), Adjacency.of_pairs(8, pairs))
    found = balance(units, BalanceOptions(4))
    # 3 alone, and 2, 2, 2, 2, 1 in a row makes 2 + 4 + 3 at best.
    assert sorted(found.totals.tolist()) == [2, 3, 3, 4]
    assert len(set(found.part[:3].tolist())) == 1
    assert found.part[0] not in found.part[3:]


def refused(parts: int, units: Units) -> BadInput:
    with pytest.raises(BadInput) as caught:
        balance(units, BalanceOptions(parts))
    return caught.value


def test_fewer_parts_than_islands_is_refused_by_name() -> None:
    units = Units(np.ones(4), Adjacency.of_pairs(4, [(0, 1), (2, 3)]), ("A", "B", "C", "D"))
    error = refused(1, units)
    assert error.code == "units_apart"
    assert "A, C" in error.message


@pytest.mark.parametrize(
    ("parts", "code"), [(0, "parts_too_few"), (-2, "parts_too_few"), (4, "parts_too_many")]
)
def test_a_number_of_parts_that_cannot_be_is_refused(parts: int, code: str) -> None:
    assert refused(parts, path(1, 2, 3)).code == code


@pytest.mark.parametrize(
    ("weights", "code", "named"),
    [
        ((1.0, float("nan"), float("nan")), "weight_missing", "unit 2 has no weight"),
        ((1.0, -2.0), "weight_negative", "unit 2"),
        ((float("inf"), 1.0), "weight_infinite", "unit 1"),
        ((0.0, 0.0), "weights_all_zero", "every weight is 0"),
        ((), "units_missing", "no units"),
    ],
)
def test_weights_that_say_nothing_are_refused(
    weights: tuple[float, ...], code: str, named: str
) -> None:
    with pytest.raises(BadInput, match=named) as caught:
        path(*weights)
    assert caught.value.code == code


@pytest.mark.parametrize("enough", [-0.1, 1.0, float("nan")])
def test_an_evenness_that_cannot_be_is_refused(enough: float) -> None:
    with pytest.raises(BadInput) as caught:
        BalanceOptions(2, even_enough=enough)
    assert caught.value.code == "even_enough_invalid"
