"""Whether a series rises or falls: Mann and Kendall's test, Sen's slope (Mann 1945; Sen 1968).

``S`` counts the pairs that rise less those that fall; with groups of ``t`` equal values
``Var S = (n (n - 1) (2n + 5) - sum t (t - 1) (2t + 5)) / 18``, and z is S, one nearer to 0, in
deviates. A period without a value is left out; the slope keeps its place in time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

from gis.patterns.normal import two_sided_normal

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trend:
    """One figure for each series: ``s``, its variance ``var``, ``z``, two-sided ``p``, ``tau``.

    ``tau`` is ``S`` over all pairs. NaN where there are fewer than two values; ``z`` and ``p`` also
    where all are equal.
    """

    s: Floats
    var: Floats
    z: Floats
    p: Floats
    tau: Floats


def mann_kendall(series: Floats) -> Trend:
    """Trends of series: rows are series, columns periods in order, NaN a period without a value."""
    s, var, tau = _test(series)
    z = np.full(len(series), np.nan)
    np.divide(s - np.sign(s), np.sqrt(var), out=z, where=var > 0)
    return Trend(s, var, z, two_sided_normal(z), tau)


@nb.njit(cache=True, nogil=True)
def _test(series: Floats) -> tuple[Floats, Floats, Floats]:
    count = len(series)
    s, var, tau = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    for row in range(count):
        values = series[row][~np.isnan(series[row])]
        n = len(values)
        if n < 2:
            continue
        score = 0
        for i in range(n - 1):
            for j in range(i + 1, n):
                if values[j] > values[i]:
                    score += 1
                elif values[j] < values[i]:
                    score -= 1
        ranked = np.sort(values)
        squares = n * (n - 1.0) * (2.0 * n + 5.0)
        run = 1
        for i in range(1, n + 1):
            if i < n and ranked[i] == ranked[i - 1]:
                run += 1
                continue
            squares -= run * (run - 1.0) * (2.0 * run + 5.0)
            run = 1
        s[row] = score
        var[row] = squares / 18.0
        tau[row] = score / (0.5 * n * (n - 1.0))
    return s, var, tau


@nb.njit(cache=True, nogil=True)
def sen_slopes(series: Floats) -> Floats:
    """Median of the slopes of all pairs of a series, a period; NaN with fewer than two values."""
    count, periods = series.shape
    slopes = np.full(count, np.nan)
    pairs = np.empty(periods * (periods - 1) // 2)
    for row in range(count):
        found = 0
        for i in range(periods - 1):
            for j in range(i + 1, periods):
                rise = series[row, j] - series[row, i]
                if not np.isnan(rise):
                    pairs[found] = rise / (j - i)
                    found += 1
        if found:
            slopes[row] = np.median(pairs[:found])
    return slopes
