"""Change of a count against the period before: a ratio of rates with its interval.

Two counts that do not change differ by chance: 12 cases after 8 are "+50 %" and mean nothing. Of
the ``b + a`` cases of both periods the later ones are ``Binomial(b + a, pi)``, whatever the level
is, and ``pi / (1 - pi)`` is the ratio of the rates times that of the exposures. So Clopper and
Pearson's interval for pi (1934) is one for the ratio that holds at least as often as it says, also
for the smallest counts.

Where counts vary ``phi`` times as much as chance makes them (``gis.patterns.dispersion``), both
counts tell as much as counts ``phi`` times smaller would, and are taken as such.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaincinv

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """Rate after over rate before, one of each pair of counts.

    Parameters
    ----------
    ratio
        1 where nothing changed; infinity where there was nothing before, 0 where nothing is after.
    low, high
        Ends of the interval. Without cases before, only the low end says something: ``high`` is
        infinity; without cases after, ``low`` is 0. Such a bound errs half as often.
    p
        Two-sided: below 5 % exactly where an interval of 95 % does not hold 1.
    lack
        Neither period has a case: not enough data, all the others are NaN.
    """

    ratio: Floats
    low: Floats
    high: Floats
    p: Floats
    lack: NDArray[np.bool_]


def change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    before_exposure: ArrayLike = 1.0,
    after_exposure: ArrayLike = 1.0,
    phi: ArrayLike = 1.0,
    confidence: float = 0.95,
) -> Change:
    """Compare counts of two periods.

    Parameters
    ----------
    before, after
        Cases of each period.
    before_exposure, after_exposure
        How long each was, or how many people it was about; above 0, in the same unit.
    phi
        Variance over mean of the counts, from 1 on.

    Raises
    ------
    ValueError
        What is no count, exposure, ``phi`` or confidence.
    """
    one, other, ground_one, ground_other, wide = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(given, dtype=float))
          for given in (before, after, before_exposure, after_exposure, phi))
    )  # fmt: skip
    if not ((one >= 0) & (other >= 0)).all():
        raise ValueError("counts are numbers from 0 on")
    if not ((ground_one > 0) & (ground_other > 0)).all():
        raise ValueError("exposures are above 0")
    if not (wide >= 1).all() or not 0 < confidence < 1:
        raise ValueError("phi is at least 1, the confidence between 0 and 1")
    lack = one + other == 0
    longer = ground_other / ground_one
    b, a = one / wide, other / wide
    half = (1 - confidence) / 2
    low = _odds(np.where(a > 0, betaincinv(np.maximum(a, 1e-9), b + 1, half), 0.0)) / longer
    high = _odds(np.where(b > 0, betaincinv(a + 1, np.maximum(b, 1e-9), 1 - half), 1.0)) / longer
    ratio = np.full(one.shape, np.inf)
    np.divide(other, one * longer, out=ratio, where=one > 0)
    for figure in (ratio, low, high, p := _p(b, a, longer)):
        figure[lack] = np.nan
    return Change(ratio, low, high, p, lack)


def _odds(share: Floats) -> Floats:
    odds = np.full(share.shape, np.inf)
    np.divide(share, 1 - share, out=odds, where=share < 1)
    return odds


def _p(before: Floats, after: Floats, longer: Floats) -> Floats:
    # P(X >= a) = I_pi(a, b + 1) and P(X <= a) = I_{1-pi}(b, a + 1), pi the share of a ratio of 1.
    share = longer / (1 + longer)
    above = np.where(after > 0, betainc(np.maximum(after, 1e-9), before + 1, share), 1.0)
    below = np.where(before > 0, betainc(np.maximum(before, 1e-9), after + 1, 1 - share), 1.0)
    p: Floats = np.minimum(1.0, 2 * np.minimum(above, below))
    return p
