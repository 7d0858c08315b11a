"""How many tests can fail at all: Tarone's bound for counts (Tarone 1990).

A count has a least tail that its margins allow: a place with three occasions, all of them in a
window of a quarter of the time, has one of 1/64 and is never significant among thousands. Of the
tests only those count whose least tail is small enough: with K the least number such that at most
K tests can come to ``level / K``, calling what comes to it is wrong anywhere at most with the
probability ``level``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_STEP = 0.01
_STEPS = 10_000


class Attainable:
    """Tests told by the log of the least tail each can have, gathered by hundredths."""

    def __init__(self) -> None:
        self._many = np.zeros(_STEPS, dtype=np.int64)

    def add(self, log_least: Floats, times: Ints) -> None:
        """Add tests, each so many times."""
        # Rounded away from 1: a test is never thought less testable than it is.
        step = np.minimum(np.ceil(-log_least / _STEP), _STEPS - 1).astype(np.int64)
        self._many += np.bincount(step.ravel(), times.ravel(), minlength=_STEPS).astype(np.int64)

    def bound(self, level: float) -> float:
        """The number K by which ``level`` is divided, at least 1."""
        at_least = self._many[::-1].cumsum()[::-1]
        tests = level * np.exp(_STEP * np.arange(_STEPS))
        enough = (at_least <= tests) & (tests >= 1)
        return float(tests[int(enough.argmax())])


def log_least_tail(size: Ints, drawn: Ints, whole: int, logs: Floats) -> Floats:
    """Log of the least hypergeometric tail of margins: all that can be in both is."""
    both, more = np.minimum(size, drawn), np.maximum(size, drawn)
    found: Floats = logs[more] - logs[more - both] - logs[whole] + logs[whole - both]
    return found
