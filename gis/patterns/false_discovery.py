"""Many tests at once: the share of false discoveries among what is called significant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEVELS = ((0.10, 90), (0.05, 95), (0.01, 99))
"""Largest q of a bin, and the confidence in percent that names it."""


def benjamini_hochberg(p: Floats) -> Floats:
    """The least rate of false discoveries at which each test is one (Benjamini, Hochberg 1995).

    ``q`` of the test with rank r of m is the least ``p m / rank`` from that rank on. Tests
    without a ``p`` (NaN) are not counted and have no ``q``.
    """
    q = np.full(p.shape, np.nan)
    known = ~np.isnan(p)
    tests = p[known]
    if not len(tests):
        return q
    order = np.argsort(tests)
    # A rank of m would take a p to one rounding below itself.
    ranked = np.maximum(tests[order] * len(tests) / np.arange(1, len(tests) + 1), tests[order])
    least = np.minimum.accumulate(ranked[::-1])[::-1]
    found = np.empty_like(tests)
    found[order] = np.minimum(least, 1.0)
    q[known] = found
    return q


def bins(q: Floats, is_hot: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Confidence of each place: 90, 95 or 99 where it is hot, the same below zero where cold."""
    confidence = np.zeros(q.shape, dtype=np.int8)
    for level, percent in LEVELS:
        # NaN is below no level.
        confidence[q <= level] = percent
    return np.where(is_hot, confidence, -confidence).astype(np.int8)
