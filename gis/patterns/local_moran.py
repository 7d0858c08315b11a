"""Local Moran's I: places like their neighbours, and places unlike them (Anselin 1995).

With ``d`` a value's deviation from the mean of all n, and ``l`` the mean deviation of a place's
neighbours, ``I_i = (n - 1) d_i l_i / sum d^2``. Above 0 a place is like its neighbours: high among
high (HH) or low among low (LL); below 0 it is an outlier, high among low (HL) or low among high
(LH). A value that is no higher than the mean is low.

The chance is conditional permutation: the place keeps its value, its neighbours' are drawn from
all others. As ``d_i`` stays and the number of neighbours too, I is as extreme as the sum of the
neighbours' values is, and the draws of ``gis.patterns.permutation`` serve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.patterns.false_discovery import benjamini_hochberg
from gis.patterns.neighbours import Neighbours
from gis.patterns.permutation import tail_counts

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LocalMoran:
    """Local Moran's I of each place.

    Parameters
    ----------
    i
        Above 0 where a place is like its neighbours, below 0 where it is not.
    p
        Two-sided pseudo-significance: never below ``2 / (draws + 1)``.
    q
        Least rate of false discoveries at which the place stands out, over all places.
    quadrant
        ``HH``, ``LL``, ``HL`` or ``LH``: the place, then its neighbours.

    A place without neighbours, and every place where all values are equal, has NaN and an empty
    quadrant.
    """

    i: Floats
    p: Floats
    q: Floats
    quadrant: NDArray[np.str_]

    def outliers(self, level: float = 0.05) -> NDArray[np.bool_]:
        """Places unlike their neighbours at a rate of false discoveries."""
        return (self.q <= level) & np.isin(self.quadrant, ["HL", "LH"])


def local_moran(
    values: Floats, neighbours: Neighbours, *, draws: int, rng: np.random.Generator
) -> LocalMoran:
    """Local Moran's I with row-standardised weights.

    Parameters
    ----------
    values
        Any value by place: a count, a rate; none of them NaN.
    draws
        Of n places none can have a ``q`` below ``2 n / (draws + 1)`` unless others have as small
        a ``p``: take many more draws than places.
    """
    count = neighbours.count
    told = neighbours.cardinalities > 0
    if not told.any() or values.min() == values.max():
        none = np.full(count, np.nan)
        return LocalMoran(none, none, none, np.full(count, "", dtype="<U2"))
    apart = values - values.mean()
    around = np.full(count, np.nan)
    np.divide(neighbours.sums(apart), neighbours.cardinalities, out=around, where=told)
    i = (count - 1) * apart * around / (apart @ apart)
    tails = tail_counts(values, neighbours, draws=draws, rng=rng)
    p = np.where(told, tails.two_sided(), np.nan)
    sides = np.char.add(np.where(apart > 0, "H", "L"), np.where(around > 0, "H", "L"))
    return LocalMoran(i, p, benjamini_hochberg(p), np.where(told, sides, ""))
