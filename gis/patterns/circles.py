"""The circle that holds most of what was found: where it lies, how far it reaches, since when.

A scan looks at discs of cells and at windows of set lengths; what it finds lies somewhere in
them. Here the middle moves to the median of the cases and radius and weeks are those of the
greatest likelihood ratio, ``n log(n / e) - (n - e)`` with ``e = c t / N`` (Kulldorff 1997), until
the middle stays. Nothing is tested: only told more closely.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

RADII_M = np.array(
    [100, 150, 200, 250, 300, 400, 500, 650, 800, 1000, 1250, 1500, 1750, 2000, 2500.0]
)
_TURNS = 8


@dataclass(frozen=True, slots=True)
class Circle:
    """A middle in a plane, a radius, and how many weeks back; ``ratio`` is the log likelihood."""

    x_m: float
    y_m: float
    radius_m: float
    weeks: int
    ratio: float


def closest_circle(
    x_m: Floats, y_m: Floats, week: Ints, is_told: Flags, start: tuple[float, float], most: int
) -> Circle:
    """The circle about what is told, from a place near it on.

    Parameters
    ----------
    x_m, y_m, week
        Occasions of a category: where, and how many weeks ago.
    is_told
        Whether an occasion falls into the hours that are looked at.
    most
        Weeks back at most.
    """
    x, y = start
    by_week = np.cumsum(np.bincount(np.minimum(week[is_told], most), minlength=most + 1))[:most]
    best = Circle(x, y, 0.0, 0, -np.inf)
    for _ in range(_TURNS):
        away_m = np.hypot(x_m - x, y_m - y)
        near = away_m <= RADII_M[-1]
        ring = np.searchsorted(RADII_M, away_m[near])
        told, ago = is_told[near], week[near]
        in_ring = np.bincount(ring, minlength=len(RADII_M)).cumsum().astype(float)
        table = np.zeros((len(RADII_M), most))
        inside = told & (ago < most)
        np.add.at(table, (ring[inside], ago[inside]), 1.0)
        table = table.cumsum(axis=0).cumsum(axis=1)
        expected = in_ring[:, None] * by_week[None, :] / len(x_m)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(
                table > expected, table * np.log(table / expected) - (table - expected), 0.0
            )
        at, weeks = np.unravel_index(int(ratio.argmax()), ratio.shape)
        if ratio[at, weeks] <= best.ratio:
            break
        held = is_told & (week <= weeks) & (away_m <= RADII_M[at])
        x, y = float(np.mean(x_m[held])), float(np.mean(y_m[held]))
        best = Circle(x, y, float(RADII_M[at]), int(weeks) + 1, float(ratio[at, weeks]))
    return best
