"""The public table against the attack it is made for: subtracting answers from each other."""

from __future__ import annotations

import h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.cells import Cells, names, parents
from gis.patterns.open_counts import OpenCounts, OpenRules, open_counts

COARSEST, FINEST, LEAST = 6, 8, 5
RULES = OpenRules(LEAST, COARSEST, FINEST)
ROOT = h3.latlng_to_cell(30.05, 121.15, COARSEST)
LEAVES = np.array(
    sorted(
        h3.str_to_int(leaf)
        for root in (ROOT, *h3.grid_ring(ROOT, 1)[:1])
        for leaf in h3.cell_to_children(root, FINEST)
    ),
    dtype=np.uint64,
)


def month_of_cases(seed: int, mean: float) -> Cells:
    """Cases of a month, by the finest cell: most have none, some a few, some many."""
    rng = np.random.default_rng(seed)
    return np.repeat(LEAVES, rng.poisson(mean * rng.gamma(0.3, 1 / 0.3, len(LEAVES))))


def leaves_under(cell: np.uint64) -> NDArray[np.bool_]:
    """Which of the finest cells a cell of any resolution holds."""
    resolution = h3.get_resolution(names(np.array([cell]))[0])
    held: NDArray[np.bool_] = parents(LEAVES, resolution) == cell
    return held


def indicators(released: OpenCounts) -> NDArray[np.bool_]:
    """Each row that is told, and each empty cell that is told as such, by the finest cells."""
    rows = [leaves_under(cell) for cell in released.cells]
    is_told = np.isin(parents(LEAVES, COARSEST), released.told)
    empty = is_told & ~np.any(rows, axis=0) if rows else is_told
    found = [*rows, *np.eye(len(LEAVES), dtype=bool)[empty]]
    return np.array(found, dtype=bool).reshape(-1, len(LEAVES))


def what_subtraction_gives(
    answers: NDArray[np.bool_], cases: NDArray[np.int64], seed: int
) -> list[int]:
    """Counts of what is left of each answer when others that lie in it are taken away.

    In three orders: largest first, smallest first, any; every rest on the way is one more.
    """
    sizes = answers.sum(axis=1)
    orders = (
        np.argsort(-sizes),
        np.argsort(sizes),
        np.random.default_rng(seed).permutation(len(answers)),
    )
    found = []
    for whole in answers:
        for order in orders:
            rest = whole.copy()
            for other in answers[order]:
                if not (other & ~rest).any() and (rest & ~other).any():
                    rest &= ~other
                    found.append(int(cases[rest].sum()))
    return found


@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.05, 4))
def test_rows_share_no_ground_and_each_has_enough(seed: int, mean: float) -> None:
    cases = month_of_cases(seed, mean)
    released = open_counts(cases, RULES)
    held = np.array([leaves_under(cell) for cell in released.cells]).reshape(-1, len(LEAVES))
    assert (held.sum(axis=0) <= 1).all()
    assert (released.counts >= LEAST).all()
    counted = np.bincount(np.searchsorted(LEAVES, cases), minlength=len(LEAVES))
    assert [int(counted[row].sum()) for row in held] == released.counts.tolist()
    # What is told is told whole: the rest of it has no case.
    is_told = np.isin(parents(LEAVES, COARSEST), released.told)
    assert not counted[is_told & ~held.any(axis=0)].any()
    assert not counted[~is_told].any() or counted[~is_told].sum() > 0
    assert not held[:, ~is_told].any()


@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.05, 4))
def test_no_cell_is_told_as_a_whole_that_could_be_told_by_its_children(
    seed: int, mean: float
) -> None:
    cases = month_of_cases(seed, mean)
    released = open_counts(cases, RULES)
    counted = np.bincount(np.searchsorted(LEAVES, cases), minlength=len(LEAVES))
    for cell in released.cells:
        name = names(np.array([cell]))[0]
        if h3.get_resolution(name) == FINEST:
            continue
        children = [np.uint64(h3.str_to_int(child)) for child in h3.cell_to_children(name)]
        assert any(0 < counted[leaves_under(child)].sum() < LEAST for child in children)


@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.1, 3))
@settings(max_examples=settings().max_examples // 5)
def test_subtracting_all_answers_from_each_other_tells_no_small_count(
    seed: int, mean: float
) -> None:
    """Cells of all resolutions, two months apart and together: sums of the rows they hold."""
    months = [month_of_cases(seed + month, mean) for month in range(2)]
    released = [open_counts(cases, RULES) for cases in months]
    count = len(LEAVES)
    counted = np.concatenate(
        [np.bincount(np.searchsorted(LEAVES, cases), minlength=count) for cases in months]
    )
    none = np.zeros(count, dtype=bool)
    answers: list[NDArray[np.bool_]] = []
    for window in ((0,), (1,), (0, 1)):
        for resolution in range(COARSEST, FINEST + 1):
            for cell in np.unique(parents(LEAVES, resolution)):
                asked = leaves_under(cell)
                told: list[NDArray[np.bool_]] = [none, none]
                for month in window:
                    rows = indicators(released[month])
                    # Rows that lie in what is asked for, and only those.
                    inside = rows[~(rows & ~asked).any(axis=1)]
                    told[month] = none | np.asarray(inside.any(axis=0))
                answers.append(np.concatenate(told))
    distinct = np.unique(np.array(answers), axis=0)
    found = what_subtraction_gives(distinct, counted, seed)
    assert all(count == 0 or count >= LEAST for count in found)


def test_the_attack_recovers_what_a_threshold_alone_would_hide() -> None:
    """Every cell with enough, at every resolution: the usual way, and why it is not taken."""
    recovered = 0
    for seed in range(20):
        counted = np.bincount(
            np.searchsorted(LEAVES, month_of_cases(seed, 1.5)), minlength=len(LEAVES)
        )
        answers = [
            leaves_under(cell)
            for resolution in range(COARSEST, FINEST + 1)
            for cell in np.unique(parents(LEAVES, resolution))
            if counted[leaves_under(cell)].sum() >= LEAST
        ]
        found = what_subtraction_gives(np.array(answers).reshape(-1, len(LEAVES)), counted, seed)
        recovered += any(0 < count < LEAST for count in found)
    assert recovered >= 10


def test_nothing_and_too_few_are_withheld_alike() -> None:
    few = np.repeat(LEAVES[:1], LEAST - 1)
    for cases in (np.array([], dtype=np.uint64), few):
        released = open_counts(cases, RULES)
        assert not len(released.cells)
        assert not len(released.told)


@pytest.mark.parametrize("rules", [(1, 6, 8), (5, 8, 6), (5, -1, 8), (5, 6, 16)])
def test_rules_that_hide_nobody_are_none(rules: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"hides nobody|resolutions"):
        OpenRules(*rules)
