"""Who knows how the table is cut: each city has a twin with another small count, told alike."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.cells import Cells, parents
from gis.patterns.open_counts import OpenRules, open_counts
from tests.gis.patterns.test_open_counts import COARSEST, FINEST, LEAVES, month_of_cases

Ints = NDArray[np.int64]


def told(counted: Ints, rules: OpenRules) -> tuple[list[int], list[int], list[int]]:
    """All that is released of a city, given by the cases of each of its finest cells."""
    found = open_counts(np.repeat(LEAVES, counted), rules)
    return found.cells.tolist(), found.counts.tolist(), found.told.tolist()


def small_cells(counted: Ints, least: int) -> list[tuple[int, np.uint64]]:
    """Cells of every resolution with a count that must not be known."""
    found = []
    for resolution in range(COARSEST, FINEST + 1):
        cells, at = np.unique(parents(LEAVES, resolution), return_inverse=True)
        sums = np.bincount(at, weights=counted)
        found += [(resolution, cell) for cell in cells[(sums > 0) & (sums < least)]]
    return found


def has_a_twin(counted: Ints, resolution: int, cell: np.uint64, rules: OpenRules) -> bool:
    """Whether a case more or less in the cell, or moved over its edge, changes nothing told."""
    inside = parents(LEAVES, resolution) == cell
    before = told(counted, rules)
    own = np.flatnonzero(inside & (counted > 0))
    root = parents(np.array([cell]), COARSEST)
    others = np.flatnonzero(~inside & (parents(LEAVES, COARSEST) == root))
    leaf = own[0]
    gone = counted.copy()
    gone[leaf] -= 1
    if told(gone, rules) == before:
        return True
    # The row stands as long as one of its children has too few: any place may take the case.
    for other in others:
        for source, target in ((leaf, other), (other, leaf)):
            if counted[source]:
                moved = counted.copy()
                moved[source] -= 1
                moved[target] += 1
                if told(moved, rules) == before:
                    return True
    return False


def cases_by_leaf(cases: Cells) -> Ints:
    return np.bincount(np.searchsorted(LEAVES, cases), minlength=len(LEAVES))


@given(
    seed=st.integers(0, 2**32 - 1),
    mean=st.floats(0.05, 4),
    least=st.integers(5, 12),
    any_=st.data(),
)
@settings(max_examples=settings().max_examples // 4)
def test_every_small_count_could_be_another_though_the_rules_are_known(
    seed: int, mean: float, least: int, any_: st.DataObject
) -> None:
    rules = OpenRules(least, COARSEST, FINEST)
    counted = cases_by_leaf(month_of_cases(seed, mean))
    small = small_cells(counted, least)
    if small:
        resolution, cell = any_.draw(st.sampled_from(small))
        assert has_a_twin(counted, resolution, cell, rules)


def test_with_a_least_count_of_two_a_row_of_two_cases_tells_both() -> None:
    """Why a profile may not go so low: the row was not cut, so no child has both."""
    rules = OpenRules(2, COARSEST, FINEST)
    counted = np.zeros(len(LEAVES), dtype=np.int64)
    siblings = np.flatnonzero(parents(LEAVES, FINEST - 1) == parents(LEAVES[:1], FINEST - 1))
    counted[siblings[:2]] = 1
    alike = [
        (first, second)
        for first in siblings[:2]
        for second in siblings[:2]
        if told(np.bincount([first, second], minlength=len(LEAVES)), rules) == told(counted, rules)
    ]
    assert sorted(set(alike)) == [tuple(siblings[:2]), tuple(siblings[1::-1])]
