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
    cases, lasted = np.asarray(counts, dtype=float).ravel(), np.asarray(exposure, float).ravel()
    of = np.asarray(group, dtype=np.int64).ravel()
    seen = lasted > 0
    cases, lasted, of = cases[seen], lasted[seen], of[seen]
    if not len(cases):
        return 1.0
    rate = np.bincount(of, weights=cases) / np.maximum(np.bincount(of, weights=lasted), 1e-300)
    expected = rate[of] * lasted
    told = expected > 0
    freedom = told.sum() - len(np.unique(of[told]))
    if freedom < 1:
        return 1.0
    squares = (cases[told] - expected[told]) ** 2 / expected[told]
    return max(1.0, float(squares.sum() / freedom))
