"""Local G and G* of Getis and Ord, as standard deviates (1992; Ord and Getis 1995).

With weights 1 for neighbours, ``W_i`` their number and variances over n, not n - 1:

- ``G*_i`` counts the place among its own neighbours, ``W_i`` with them:
  ``z = (S_i - W_i m) / (s sqrt(W_i (n - W_i) / (n - 1)))``;
- ``G_i`` does not, and m and s are those of the n - 1 others:
  ``z = (S_i - W_i m(i)) / (s(i) sqrt(W_i (n - 1 - W_i) / (n - 2)))``.

Row style puts the mean of the neighbours in the place of their sum, and 1 in that of ``W_i``
throughout, as PySAL's esda does. The true deviate of a mean is that of its sum, so the z of row
style are closer to 0 than they should be; they are there to be compared with.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gis.patterns.neighbours import Neighbours

Floats = NDArray[np.float64]
Style = Literal["binary", "row"]


def gi_star(values: Floats, neighbours: Neighbours, style: Style = "binary") -> Floats:
    """Standard deviates of ``G*``; NaN for a place that has no neighbours, or all as such."""
    count = neighbours.count
    weights = neighbours.cardinalities.astype(float) + 1.0
    centred = _centred(values)
    above = neighbours.sums(centred) + centred
    variance = np.full(count, (centred**2).mean(), dtype=np.float64)
    return _deviates(above, variance, weights, count, neighbours, style)


def gi(values: Floats, neighbours: Neighbours, style: Style = "binary") -> Floats:
    """Standard deviates of ``G``; NaN for a place that has no neighbours, or all as such."""
    weights = neighbours.cardinalities.astype(float)
    others = neighbours.count - 1
    centred = _centred(values)
    # Centred values sum to 0, so those without the place itself to its own, negative.
    mean = -centred / others
    variance = (centred @ centred - centred**2) / others - mean**2
    above = neighbours.sums(centred) - weights * mean
    return _deviates(above, variance, weights, others, neighbours, style)


def _centred(values: Floats) -> Floats:
    # From the first value on: equal values are 0 then, where their mean may be off by rounding.
    apart = values - values[0]
    centred: Floats = apart - apart.mean()
    return centred


def _deviates(
    above: Floats,
    variance: Floats,
    weights: Floats,
    count: int,
    neighbours: Neighbours,
    style: Style,
) -> Floats:
    told = neighbours.cardinalities > 0
    if style == "row":
        above = np.divide(above, weights, where=told, out=above)
        weights = np.ones_like(weights)
    square = variance * weights * (count - weights) / (count - 1)
    told &= square > 0
    z = np.full(len(above), np.nan)
    np.divide(above, np.sqrt(square, where=told, out=np.ones_like(above)), out=z, where=told)
    return z
