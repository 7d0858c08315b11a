"""The normal distribution's tails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]


def two_sided_normal(z: Floats) -> Floats:
    """Probability of a deviate at least as far from 0, on either side; NaN stays."""
    p: Floats = 2 * ndtr(-np.abs(z))
    return p
