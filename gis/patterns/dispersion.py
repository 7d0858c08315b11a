"""How much more counts vary from time to time than chance alone makes them.

Cases come in bursts: one storm, thirty blocked drains. A Poisson count varies by its mean; these
vary by ``phi`` times it, which Pearson's chi-square over its degrees of freedom estimates
(McCullagh and Nelder 1989). Whoever forgets it calls every burst a change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def dispersion(counts: ArrayLike, exposure: ArrayLike, group: ArrayLike) -> float:
    """``phi``: variance over mean of counts whose groups have a rate of their own each; from 1 on.

    Parameters
    ----------
    counts, exposure
        Cases of each step, and how long it was; a step without exposure is left out.
    group
        Number of the group, from 0 on, that each step belongs to: before or after, the hour of
        the week. Groups without cases say nothing of it.

    Returns
    -------
    float
        1 where counts vary no more than chance, or where no group has two steps.
    """
    of = np.asarray(group, dtype=np.int64).ravel()
    squares, freedom = _pearson(counts, exposure, of, int(of.max(initial=-1)) + 1)
    return max(1.0, float(squares.sum() / max(freedom.sum(), 1.0)))


def dispersions(counts: ArrayLike, exposure: ArrayLike, group: ArrayLike, groups: int) -> Floats:
    """``phi`` of each of so many groups: its own, or that of all together where that is more.

    A group that bursts once among others that never do is known by its own; a group of few steps
    hardly tells, and all together do. The parameters are those of ``dispersion``.
    """
    of = np.asarray(group, dtype=np.int64).ravel()
    squares, freedom = _pearson(counts, exposure, of, groups)
    together = max(1.0, float(squares.sum() / max(freedom.sum(), 1.0)))
    own: Floats = np.maximum(together, squares / np.maximum(freedom, 1.0))
    return own


def dispersions_of_rows(table: ArrayLike, exposure: ArrayLike, group: ArrayLike) -> Floats:
    """``phi`` of each row of a table by steps: its own, or that of all rows where that is more.

    Parameters
    ----------
    table
        Cases, rows by steps.
    exposure, group
        Of each step, as of ``dispersion``; every row has a rate of its own in each group.
    """
    counts = np.asarray(table, dtype=np.float64)
    of_step = np.asarray(group, dtype=np.int64)
    groups = int(of_step.max(initial=-1)) + 1
    rows = len(counts)
    if not counts.size:
        return np.ones(rows)
    of = (np.arange(rows)[:, None] * groups + of_step).ravel()
    squares, freedom = _pearson(
        counts, np.broadcast_to(np.asarray(exposure, float), counts.shape), of, rows * groups
    )
    of_row, free = (each.reshape(rows, groups).sum(axis=1) for each in (squares, freedom))
    together = max(1.0, float(of_row.sum() / max(free.sum(), 1.0)))
    own: Floats = np.maximum(together, of_row / np.maximum(free, 1.0))
    return own


def _pearson(
    counts: ArrayLike, exposure: ArrayLike, of: NDArray[np.int64], groups: int
) -> tuple[Floats, Floats]:
    """Chi-square of each group and its degrees of freedom."""
    cases = np.asarray(counts, dtype=np.float64).ravel()
    lasted = np.asarray(exposure, dtype=np.float64).ravel()
    seen = lasted > 0
    cases, lasted, of = cases[seen], lasted[seen], of[seen]

    def summed(figures: Floats) -> Floats:
        total: Floats = np.bincount(of, weights=figures, minlength=groups).astype(np.float64)
        return total

    total, steps = summed(cases), summed(np.ones(len(of)))
    rate = np.divide(total, summed(lasted), out=np.zeros(groups), where=steps > 0)
    expected = rate[of] * lasted
    apart = np.divide((cases - expected) ** 2, expected, out=np.zeros(len(of)), where=expected > 0)
    return summed(apart), np.where(total > 0, steps - 1, 0.0)
