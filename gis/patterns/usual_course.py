"""What a place would have had step by step if it had gone as the city went.

A place takes its share of the cases of every step: with the margins of the table of places by
steps, ``place total * step total / all``. Around it lies the range of chance. Given ``N`` cases
of a step and the share a, a count is ``Binomial(N, a)``; where the other places move about their
own usual more than that, each in moods of its own, it is negative binomial with the variance
``m + k m^2``, m being the usual and k that of the other places: a place's own burst does not
widen the range that it is held against.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

Floats = NDArray[np.float64]

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class UsualCourse:
    """By step: ``usual`` as a mean; ``low`` and ``high`` hold the middle 95 % of such counts.

    ``unrest`` is k, 0 where the other places move no more than chance moves them.
    """

    usual: Floats
    low: Floats
    high: Floats
    unrest: float


def usual_course(counts: Floats, place: int) -> UsualCourse:
    """The usual course of one place.

    Parameters
    ----------
    counts
        Cases, places by steps.
    place
        Which row.
    """
    of_place, of_step = counts.sum(axis=1), counts.sum(axis=0)
    total = counts.sum()
    if not total > 0:
        none = np.zeros(counts.shape[1])
        return UsualCourse(none, none, none, 0.0)
    share = of_place[place] / total
    usual: Floats = share * of_step
    unrest = _unrest_of_others(counts, of_place, of_step, place)
    half = (1 - CONFIDENCE) / 2
    low = _quantile(half, of_step, share, unrest)
    high = _quantile(1 - half, of_step, share, unrest)
    return UsualCourse(usual, low, high, unrest)


def _unrest_of_others(counts: Floats, of_place: Floats, of_step: Floats, place: int) -> float:
    """``k`` of all places but one; 0 where nothing can be told.

    With both margins given, chance alone makes ``(x - e)^2`` as large as
    ``e (1 - a) (1 - b) N / (N - 1)``, a and b being the shares of the place and of the step.
    """
    total = float(of_place.sum())
    if total < 2 or counts.shape[1] < 2:
        return 0.0
    others = np.delete(np.arange(len(counts)), place)
    rows, row_share, step_share = of_place[others], of_place[others] / total, of_step / total
    # Sums over all bins from sums over rows and columns: a table of 1.6 million takes 5 ms.
    squares = float((counts**2).sum() - (counts[place] ** 2).sum())
    crossed = float(
        (of_place * (counts @ of_step)).sum() - of_place[place] * (counts[place] @ of_step)
    )
    expected_squared = float((rows**2).sum() * (of_step**2).sum()) / total**2
    apart = squares - 2 * crossed / total + expected_squared
    left = float((1 - row_share) @ rows) * float((1 - step_share) @ of_step) / total
    by_chance = left * total / (total - 1)
    scale = float((1 - row_share) @ rows**2) * float((1 - step_share) @ of_step**2) / total**2
    return max(0.0, (apart - by_chance) / scale) if scale > 0 else 0.0


def _quantile(part: float, of_step: Floats, share: float, unrest: float) -> Floats:
    """The least count of each step that so large a part of all draws do not exceed."""
    low, high = np.full(len(of_step), -1.0), of_step.copy()
    # The count lies in (low, high]; no step has more cases than the city had.
    while (high - low).max(initial=0) > 1:
        middle = np.floor((low + high) / 2)
        enough = _at_most(middle, of_step, share, unrest) >= part
        open_ = high - low > 1
        high = np.where(open_ & enough, middle, high)
        low = np.where(open_ & ~enough, middle, low)
    return high


def _at_most(count: Floats, of_step: Floats, share: float, unrest: float) -> Floats:
    """P(X <= count) for each step; ``count`` from -1 on."""
    chance = np.ones(len(count))
    chance[count < 0] = 0.0
    some = (count >= 0) & (count < of_step)
    x, n = count[some], of_step[some]
    if unrest > 0 and share > 0:
        size = 1 / unrest
        chance[some] = betainc(size, x + 1, size / (size + share * n))
    else:
        chance[some] = betainc(n - x, x + 1, 1 - share)
    return chance
