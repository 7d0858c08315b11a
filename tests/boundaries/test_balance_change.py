from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.balancing.because import Because
from boundaries.balancing.change import Proposals, Today, propose
from boundaries.balancing.front import Liking
from boundaries.balancing.start import grown_plan
from boundaries.balancing.units import Units
from gis.adjacency import Adjacency
from gis.errors import BadInput
from tests.boundaries.parting import (
    Neighbours,
    every_plan,
    is_connected,
    lattice_units,
    members_of,
    neighbours,
    scattered_units,
)

SEEDS = st.integers(0, 10_000)


def grown(units: Units, parts: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """A contiguous plan that is not very even."""
    flat = Units(np.ones(len(units)), units.adjacency)
    whole = np.zeros(len(units), dtype=np.int32)
    return grown_plan(flat, whole, [parts], np.random.default_rng(seed))


def parented(columns: int, rows: int, *, seed: int) -> Today:
    """Two parents side by side on a lattice, of three and two parts."""
    units = lattice_units(columns, rows, seed=seed)
    west = np.arange(columns * rows) < columns // 2 * rows
    part = np.empty(len(units), dtype=np.int32)
    for inside, parts, first in ((west, 3, 0), (~west, 2, 3)):
        members = np.flatnonzero(inside)
        some = Units(np.ones(len(members)), units.adjacency.within(members))
        part[members] = first + grown(some, parts, seed)
    return Today(units, part, ("W", "W", "W", "E", "E"))


def measures(today: Today, part: list[int]) -> tuple[float, float]:
    """Farthest and root mean square of deviations from the parents' means."""
    away = []
    for parent in dict.fromkeys(today.parents):
        own = [index for index, each in enumerate(today.parents) if each == parent]
        totals = [
            sum(w for w, p in zip(today.units.weight.tolist(), part, strict=True) if p == each)
            for each in own
        ]
        mean = sum(totals) / len(totals)
        away += [abs(total - mean) / mean if mean else 0.0 for total in totals]
    return max(away), (sum(each**2 for each in away) / len(away)) ** 0.5


@given(SEEDS, st.sampled_from([Liking(), Liking(short_borders=1.5, even_enough=0.03)]))
@settings(max_examples=max(1, settings().max_examples // 8))
def test_a_proposal_is_contiguous_keeps_parents_and_is_better_than_today(
    seed: int, liking: Liking
) -> None:
    today = parented(6, 5, seed=seed)
    found = propose(today, liking=liking, seed=seed)
    near = neighbours(today.units)
    before = measures(today, today.part.tolist())
    assert len(found.proposals) <= 3
    for change in found.curve[1:]:
        part = change.part.tolist()
        assert all(is_connected(members, near) for members in members_of(part, 5))
        assert [today.parents[p] for p in part] == [today.parents[p] for p in today.part]
        farthest, spread = measures(today, part)
        assert (change.deviation, change.spread) == pytest.approx((farthest, spread))
        assert farthest <= before[0] + 1e-9
        assert spread < before[1]
        assert change.totals.sum() == today.units.weight.sum()
        moved = [unit for unit, own in enumerate(part) if own != today.part[unit]]
        assert change.moved.tolist() == moved
        assert change.moved_weight == sum(today.units.weight[unit] for unit in moved)
    assert all(any(change is each for each in found.curve) for change in found.proposals)


@given(SEEDS)
@settings(max_examples=max(1, settings().max_examples // 25))
def test_the_curve_moves_more_for_more_evenness(seed: int) -> None:
    curve = propose(parented(8, 6, seed=seed), seed=seed).curve
    assert curve[0].moved_weight == 0
    for less, more in pairwise(curve):
        assert more.moved_weight >= less.moved_weight
        assert more.deviation < less.deviation or (
            more.deviation <= less.deviation + 1e-9 and more.spread < less.spread
        )
        assert more.spread < curve[0].spread


def better_plans(today: Today, near: Neighbours) -> list[tuple[float, float]]:
    """Deviation and moved weight of every plan that may be proposed, by trying them all."""
    parts = len(today.parents)
    weights = today.units.weight.tolist()
    farthest, spread = measures(today, today.part.tolist())
    allowed = []
    for plan in every_plan(near, parts):
        off, wide = measures(today, list(plan))
        if off <= farthest + 1e-9 and wide < spread - 1e-9:
            moved = sum(
                w for w, p, q in zip(weights, plan, today.part.tolist(), strict=True) if p != q
            )
            allowed.append((off, moved))
    return allowed


@given(SEEDS, st.integers(2, 3))
@settings(max_examples=max(1, settings().max_examples // 5))
def test_nothing_more_even_and_nothing_that_moves_less_is_overlooked(seed: int, parts: int) -> None:
    units = scattered_units(8, seed=seed)
    today = Today(units, grown(units, parts, seed), ["P"] * parts)
    found = propose(today, seed=seed)
    allowed = better_plans(today, neighbours(units))
    if not allowed:
        assert found.proposals == ()
        assert len(found.because) == 1
        return
    heaviest = max(units.weight.tolist())
    mean = sum(units.weight.tolist()) / parts
    if found.today.deviation * mean <= max(0.0, heaviest - mean) + 1e-9:
        return  # the farthest part can be brought no nearer: judged by spread
    least = min(off for off, _ in allowed)
    best = found.proposals[-1] if found.proposals else found.today
    assert best.deviation == pytest.approx(least)
    assert best.moved_weight == min(moved for off, moved in allowed if off <= least + 1e-9)
    for change in found.curve[1:]:
        cheapest = min(moved for off, moved in allowed if off <= change.deviation + 1e-9)
        assert change.moved_weight == cheapest


def test_of_a_long_curve_three_plans_are_offered_the_last_of_them_the_most_even() -> None:
    found = propose(parented(8, 6, seed=3), seed=5)
    half, knee, last = found.proposals
    assert last is found.curve[-1]
    assert half.moved_weight < knee.moved_weight < last.moved_weight
    # Half of what can be won is won by the first of them, and by none that moves less.
    won = [found.today.spread - change.spread for change in found.curve]
    assert next(c for c, part in zip(found.curve, won, strict=True) if part >= won[-1] / 2) is half


def test_the_same_seed_proposes_the_same() -> None:
    today = parented(8, 6, seed=3)

    def plans(found: Proposals) -> list[list[int]]:
        return [change.part.tolist() for change in found.curve]

    assert plans(propose(today, seed=5)) == plans(propose(today, seed=5))


def row(weights: list[float], part: list[int], parents: list[str]) -> Today:
    pairs = [(unit, unit + 1) for unit in range(len(weights) - 1)]
    units = Units(np.array(weights), Adjacency.of_pairs(len(weights), pairs))
    return Today(units, np.array(part, dtype=np.int32), parents)


def test_one_unit_at_the_border_is_moved_and_no_other() -> None:
    found = propose(row([10, 10, 10, 10, 10, 10], [0, 0, 0, 0, 1, 1], ["P", "P"]))
    (change,) = found.proposals
    assert change.moved.tolist() == [3]
    assert change.totals.tolist() == [30, 30]
    assert found.today.deviation == pytest.approx(1 / 3)
    assert change.deviation == 0


def test_parents_are_not_broken_even_where_that_would_be_most_even() -> None:
    found = propose(row([9, 9, 9, 1, 1, 1], [0, 0, 0, 1, 2, 2], ["A", "B", "B"]))
    assert all(change.part[:3].tolist() == [0, 0, 0] for change in found.curve)


@pytest.mark.parametrize(
    ("today", "why"),
    [
        (row([1, 2, 3], [0, 0, 0], ["A"]), Because("one_part", "A")),
        (row([1, 5], [0, 1], ["A", "A"]), Because("single_units", "A")),
        (row([2, 2, 2, 2], [0, 0, 1, 1], ["A", "A"]), Because("even_already", "A")),
        (row([5, 0, 0, 0], [0, 1, 1, 2], ["A", "B", "B"]), Because("no_weight", "B")),
        (row([90, 1, 1], [0, 1, 1], ["A", "A"]), Because("one_outweighs", "A", "unit 1")),
        (row([4, 9, 4], [0, 0, 1], ["A", "A"]), Because("none_found", "A")),
    ],
)
def test_what_cannot_be_made_more_even_says_why(today: Today, why: Because) -> None:
    found = propose(today)
    assert found.proposals == ()
    assert len(found.curve) == 1
    assert why in found.because


def test_where_one_heavy_unit_cannot_be_helped_the_others_are_evened() -> None:
    # Unit 1 is a part of its own; of the others three stand against one.
    found = propose(row([90, 5, 5, 5, 5], [0, 1, 1, 1, 2], ["A", "A", "A"]))
    assert found.proposals[-1].totals.tolist() == [90, 10, 10]


def test_a_part_in_two_pieces_gets_no_third() -> None:
    today = row([1, 1, 1, 1, 1, 1, 5], [0, 0, 1, 1, 0, 0, 1], ["A", "A"])
    for change in propose(today).curve:
        pieces = today.units.adjacency.pieces(change.part)
        assert all(len(set(pieces[change.part == part].tolist())) <= 2 for part in (0, 1))


def test_without_time_each_parent_is_walked_once() -> None:
    found = propose(parented(6, 5, seed=1), out_of_time=lambda: True)
    assert found.curve[0].moved_weight == 0
    assert found.curve[-1].spread <= found.today.spread


@pytest.mark.parametrize(
    ("part", "parents", "code"),
    [
        ([0, 0], ["A"], "parts_differ"),
        ([0, 0, 5], ["A"], "parts_differ"),
        ([0, -1, 0], ["A"], "parts_differ"),
        ([0, 0, 2], ["A", "A", "A"], "part_empty"),
    ],
)
def test_a_plan_that_is_none_is_refused(part: list[int], parents: list[str], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        row([1.0, 1.0, 1.0], part, parents)
    assert caught.value.code == code


@pytest.mark.parametrize("seed", [0, 2])
def test_short_borders_that_are_liked_are_paid_for_with_weight(seed: int) -> None:
    today = parented(8, 6, seed=seed)
    plain, liked = (
        propose(today, liking=Liking(short, even_enough=0.1), seed=seed).curve[-1]
        for short in (0.0, 2.0)
    )
    assert today.units.border(liked.part) < today.units.border(plain.part)
    assert plain.moved_weight < liked.moved_weight
    assert max(plain.deviation, liked.deviation) <= 0.1


def test_a_plan_whose_farthest_part_is_nearest_is_offered_though_the_others_spread_wider() -> None:
    units = scattered_units(8, seed=1404)
    today = Today(units, grown(units, 3, 1404), ["P"] * 3)
    found = propose(today)
    assert found.proposals[-1].deviation == pytest.approx(0.0891719745)
    assert found.proposals[-1].moved_weight == 127


def test_where_the_farthest_part_stays_the_others_are_evened_out() -> None:
    units = scattered_units(8, seed=442)
    today = Today(units, grown(units, 3, 442), ["P"] * 3)
    (proposal,) = propose(today).proposals
    assert proposal.deviation == propose(today).today.deviation
    assert proposal.spread < propose(today).today.spread
    assert proposal.moved_weight == 1
