"""How much places differ in a window of time anyway, and what that makes of one that stands out.

Given what each place has at other times, its count in a window scatters about
``e = c t / N``; where it scatters more than chance makes it, the rates of places are restless.
``phi`` is the variance of that rate in squares of its mean, by the method of moments over the
other places in the same window, and a count has the tail of a negative binomial with it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

Ints = NDArray[np.int64]


def unrest(told: Ints, sizes: Ints) -> float:
    """``phi`` of places with ``told`` occasions in the window of ``sizes`` at all times; >= 0."""
    whole, drawn = int(sizes.sum()), int(told.sum())
    if whole < 2 or not 0 < drawn < whole:
        return 0.0
    expected = sizes * (drawn / whole)
    # Of the hypergeometric: what chance alone makes of it.
    by_chance = expected * (1 - drawn / whole) * (whole - sizes) / (whole - 1)
    excess = ((told - expected) ** 2 - by_chance).sum()
    return max(0.0, float(excess / (expected**2).sum()))


def log_tail_of_unrest(found: int, expected: float, phi: float) -> float:
    """Log of the chance of at least ``found`` where ``expected`` are and rates vary by ``phi``."""
    if phi <= 0:
        return -math.inf
    if found <= 0 or expected <= 0:
        return 0.0 if found <= 0 else -math.inf
    size = 1 / phi
    tail = float(betainc(found, size, expected / (size + expected)))
    return math.log(tail) if tail > 0 else -math.inf
