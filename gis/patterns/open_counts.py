"""Counts for everybody: none so small that it tells of one case, nor any two that together do.

To leave out small counts is not enough. What a cell has and six of its seven children have tells
what the seventh has; a year without eleven of its months is the twelfth. So one table is
released, cut once, and every other answer is a sum of its rows:

- a row is one category in one month on one cell, and rows of a category and month share no ground;
- a row's count is 0 or at least the minimum. A cell is told by its children where each of them
  has none or enough, else as a whole; one at the coarsest resolution with too few is withheld,
  and "too few" and "none" are not told apart there;
- nothing else is told: no total that holds what was withheld, no month that is not over, no
  second release of a month, no ground but the rows'.

Whatever is added and subtracted is then a sum and difference of rows, each of which may be known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.cells import Cells, parents

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class OpenRules:
    """How finely and from which count on is told.

    Parameters
    ----------
    least
        The smallest count that is told beside 0.
    coarsest, finest
        Resolutions of the largest and the smallest cells.
    """

    least: int
    coarsest: int
    finest: int

    def __post_init__(self) -> None:
        if self.least < 2:
            raise ValueError(f"a least count of {self.least} hides nobody")
        if not 0 <= self.coarsest <= self.finest <= 15:
            raise ValueError(f"resolutions {self.coarsest} to {self.finest}")


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """What is released of one category and month.

    ``cells`` are of several resolutions and share no ground; each count is at least the minimum.
    A cell within one of ``told`` that is in none of ``cells`` has no case; the ground beyond
    ``told`` is withheld.
    """

    cells: Cells
    counts: Ints
    told: Cells


def open_counts(cells: Cells, rules: OpenRules) -> OpenCounts:
    """Cut what happened in a month into the rows that may be released.

    Parameters
    ----------
    cells
        The cell of each case, at the finest resolution of the rules or finer; repeated.
    """
    finest, counts = np.unique(parents(cells, rules.finest), return_counts=True)
    whole, at = np.unique(parents(finest, rules.coarsest), return_inverse=True)
    sums = np.bincount(at, weights=counts, minlength=len(whole)).astype(np.int64)
    is_told = sums >= rules.least
    told = whole[is_told]
    here, here_counts = told, sums[is_told]
    done_cells, done_counts = [], []
    for resolution in range(rules.coarsest + 1, rules.finest + 1):
        children, child = np.unique(parents(finest, resolution), return_inverse=True)
        child_counts = np.bincount(child, weights=counts, minlength=len(children)).astype(np.int64)
        parent = parents(children, resolution - 1)
        # Children without a case are not among these: they have none, which may be told.
        too_few = np.unique(parent[child_counts < rules.least])
        splits = ~np.isin(here, too_few)
        done_cells.append(here[~splits])
        done_counts.append(here_counts[~splits])
        go_on = np.isin(parent, here[splits])
        here, here_counts = children[go_on], child_counts[go_on]
    released = np.concatenate([*done_cells, here])
    order = np.argsort(released)
    return OpenCounts(released[order], np.concatenate([*done_counts, here_counts])[order], told)
