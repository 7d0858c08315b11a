"""Whether what is told in a row moves on: von Neumann's ratio of places (von Neumann 1941).

The mean square of the steps from one case to the next over that of the distances to the middle.
In any order it is 2, of a place that moves on less; how often chance comes as low is seen by
drawing other orders.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def order_ratio(x_m: Floats, y_m: Floats) -> float:
    """Von Neumann's ratio of places in order of time, 2 where the order tells nothing."""
    spread = ((x_m - x_m.mean()) ** 2 + (y_m - y_m.mean()) ** 2).sum()
    steps = (np.diff(x_m) ** 2 + np.diff(y_m) ** 2).sum()
    return float(steps / spread * len(x_m) / (len(x_m) - 1)) if spread > 0 else 2.0


def p_of_order(x_m: Floats, y_m: Floats, *, draws: int, rng: np.random.Generator) -> float:
    """How likely another order is to have as low a ratio; never 0."""
    found = order_ratio(x_m, y_m)
    orders = rng.permuted(np.tile(np.arange(len(x_m)), (draws, 1)), axis=1)
    x, y = x_m[orders], y_m[orders]
    spread = ((x_m - x_m.mean()) ** 2 + (y_m - y_m.mean()) ** 2).sum()
    if not spread > 0:
        return 1.0
    steps = (np.diff(x, axis=1) ** 2 + np.diff(y, axis=1) ** 2).sum(axis=1)
    ratios = steps / spread * len(x_m) / (len(x_m) - 1)
    return float((1 + (ratios <= found * (1 + 1e-9)).sum()) / (draws + 1))
