"""Outliers: places unlike their neighbours, with as many draws as their number needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gis.patterns.local_moran import LocalMoran, local_moran
from gis.patterns.neighbours import Neighbours
from gis.patterns.rates import empirical_bayes

Floats = NDArray[np.float64]

LEVEL = 0.05
LEAST_DRAWS, MOST_DRAWS = 9_999, 999_999
"""A million draws for cells take 0.7 s of processor and 200 MB."""
# Of places of which one alone stands out, its q is then half the level.
_SPARE = 2

Lack = Literal["no_cases", "too_few_places", "too_many_places", "all_equal"]
"""Why no place can be told to be an outlier."""


@dataclass(frozen=True, slots=True)
class Outliers:
    """Local Moran's I of places; ``least_q`` is the least that one place alone can have.

    Parameters
    ----------
    is_outlier
        High among low, or low among high, at ``LEVEL``.
    lack
        Why there is not enough data; then nothing is told of any place.
    """

    moran: LocalMoran
    is_outlier: NDArray[np.bool_]
    draws: int
    least_q: float
    lack: Lack | None = None


def outliers_of_rates(
    counts: Floats,
    exposure: Floats,
    neighbours: Neighbours,
    *,
    seed: int,
    most_draws: int = MOST_DRAWS,
) -> Outliers:
    """Places whose rates are unlike those of their neighbours.

    Rates are smoothed by what each place has (``gis.patterns.rates``): a cell of which a tenth
    lies in the city has few cases, and is no outlier for that.

    Parameters
    ----------
    counts
        Cases of each place.
    exposure
        Ground or people of each; above 0.
    most_draws
        Never more than these; where ``2 n / (draws + 1)`` is above ``LEVEL`` then, the answer is
        ``too_many_places``: no map could show anything but nothing.
    """
    count = neighbours.count
    draws = draws_for(count, most_draws)
    least_q = min(1.0, 2 * count / (draws + 1))
    rates = empirical_bayes(counts, exposure)
    if lack := _lack(counts, rates, neighbours, least_q):
        none = np.full(count, np.nan)
        moran = LocalMoran(none, none, none, np.full(count, "", dtype="<U2"))
        return Outliers(moran, np.zeros(count, dtype=np.bool_), draws, least_q, lack)
    moran = local_moran(rates, neighbours, draws=draws, rng=np.random.default_rng(seed))
    return Outliers(moran, moran.outliers(LEVEL), draws, least_q)


def draws_for(places: int, most: int = MOST_DRAWS) -> int:
    """So many draws that one place among these may stand out, if that is possible."""
    wanted = int(np.ceil(2 * places / LEVEL)) * _SPARE - 1
    return min(most, max(LEAST_DRAWS, wanted))


def _lack(counts: Floats, rates: Floats, neighbours: Neighbours, least_q: float) -> Lack | None:
    # A place's neighbours are drawn from all others, of which there must be more.
    most = int(neighbours.cardinalities.max(initial=0))
    if neighbours.count < 3 or not most or most > neighbours.count - 2:
        return "too_few_places"
    if not counts.any():
        return "no_cases"
    if rates.min() == rates.max():
        return "all_equal"
    return "too_many_places" if least_q > LEVEL else None
