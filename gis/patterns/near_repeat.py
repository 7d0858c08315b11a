"""Near repeats: does one case draw another, close by and soon after? Knox's test (1964).

Pairs of cases are counted by how far apart they are and how long. If cases near each other were
no nearer in time than others, the times could be dealt out anew to the places: the expected number
of pairs in a band is the mean over all ways to do so, which is
``pairs in the distance band * pairs in the time band / all pairs`` (exactly), and ``p`` is the
share of random ways that have at least as many pairs as there are.

What the times of all cases have in common, seasons and hours, stays in every draw and makes no
near repeat. What changes in some places only, an estate that is moved into in the middle of the
year, does (Kulldorff and Hjalmars 1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numba as nb
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from gis.errors import BadInput, TooLarge
from gis.patterns.false_discovery import benjamini_hochberg

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Lack = Literal["too_few_cases", "one_time", "no_close_pairs"]
"""Why there is not enough data to speak of near repeats."""

MOST_PAIRS = 20_000_000
"""More pairs within the largest distance are refused: they take 1.4 GB and 15 s for 999 draws."""

_DAY_S = 86_400
# Seconds in 32 bits: 68 years.
_LONGEST_DAYS = 24_800
# Times of 20,000 cases in so many draws take 5 MB.
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class NearRepeatOptions:
    """Bands of distance and of time, and how often the times are dealt out anew.

    Parameters
    ----------
    distances_m, days
        The far end of each band, ascending, which belongs to it; the first begins at 0. With 0
        as the first end, pairs at the very same place, or time, have a band of their own: of
        whole days ``(0, 7, 14)`` are the same day, 1 to 7 days, and 8 to 14.
    draws
        The smallest ``p`` is ``1 / (draws + 1)``.
    most_pairs
        More within the largest distance are refused.
    """

    distances_m: tuple[float, ...] = (0, 100, 200, 400, 800)
    days: tuple[float, ...] = (0, 7, 14, 28)
    draws: int = 999
    most_pairs: int = MOST_PAIRS

    def __post_init__(self) -> None:
        for ends in (self.distances_m, self.days):
            if not ends or ends[0] < 0 or not np.isfinite(ends).all():
                raise ValueError(f"bands end at numbers from 0 on, not at {ends}")
            if (np.diff(ends) <= 0).any():
                raise ValueError(f"ends of bands ascend, {ends} do not")
        if self.draws < 1:
            raise ValueError(f"at least 1 draw, not {self.draws}")


@dataclass(frozen=True, slots=True)
class NearRepeats:
    """Tables of distance bands by time bands.

    Parameters
    ----------
    observed
        How many pairs there are.
    expected
        Their mean number over all ways to deal out the times.
    ratio
        Observed over expected, NaN where none is expected.
    p
        Upper tail, one-sided: how often chance has as many. Each band has its own.
    q
        Least rate of false discoveries, over all bands, at which this one has too many; NaN
        where none is expected.
    lack
        Why there is not enough data; then every ``p`` and ``q`` is NaN.
    """

    observed: Ints
    expected: Floats
    ratio: Floats
    p: Floats
    q: Floats
    lack: Lack | None = None


def near_repeats(
    x: ArrayLike,
    y: ArrayLike,
    days: ArrayLike,
    options: NearRepeatOptions,
    *,
    rng: np.random.Generator,
) -> NearRepeats:
    """Near repeats among cases.

    Parameters
    ----------
    x, y
        Where each case is, in metres of a plane.
    days
        When: whole days, or days with fractions, told apart by the second.

    Raises
    ------
    TooLarge
        ``too_many_pairs``: more than ``most_pairs`` within the largest distance.
    BadInput
        ``time_too_long``: more than 68 years.
    """
    points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    times = _seconds(np.asarray(days, dtype=float))
    ends = np.rint(np.minimum(np.array(options.days), _LONGEST_DAYS) * _DAY_S).astype(np.int32)
    if len(points):
        # Leaves of the tree lie near each other: so do, in memory, the times of close pairs.
        order = cKDTree(points).indices
        points, times = points[order], times[order]
    bands_m = np.array(options.distances_m, dtype=float)
    first, second, starts = _close_pairs(points, bands_m, options.most_pairs)

    def counted(dealt: NDArray[np.int32]) -> Ints:
        up_to = _counts_up_to(dealt, first, second, starts, ends)
        return np.diff(up_to, axis=1, prepend=0).astype(np.int64)

    observed = counted(times[:, None])[:, :, 0]
    expected = _expected(times.astype(np.int64), np.diff(starts), ends)
    ratio = np.full(expected.shape, np.nan)
    np.divide(observed, expected, out=ratio, where=expected > 0)
    p = np.full(expected.shape, np.nan)
    lack = _lack(times, len(first))
    if lack is None:
        reached = np.zeros_like(observed)
        for done in range(0, options.draws, _AT_ONCE):
            draws = min(_AT_ONCE, options.draws - done)
            dealt = np.column_stack([rng.permutation(times) for _ in range(draws)])
            reached += (counted(dealt) >= observed[:, :, None]).sum(axis=2)
        p = (reached + 1.0) / (options.draws + 1.0)
    # Where no pair can be, nothing is tested.
    tested = np.where(expected > 0, p, np.nan)
    q = benjamini_hochberg(tested.ravel()).reshape(p.shape)
    return NearRepeats(observed, expected, ratio, p, q, lack)


def _seconds(days: Floats) -> NDArray[np.int32]:
    # Whole seconds from the first case on: a week is a week, wherever in time it begins.
    if not len(days):
        return np.zeros(0, dtype=np.int32)
    if np.ptp(days) > _LONGEST_DAYS:
        raise BadInput(
            "time_too_long", f"the cases span {np.ptp(days):,.0f} days, {_LONGEST_DAYS:,} at most"
        )
    seconds = np.rint(days * _DAY_S).astype(np.int64)
    from_first: NDArray[np.int32] = (seconds - seconds.min()).astype(np.int32)
    return from_first


def _lack(times: NDArray[np.int32], close_pairs: int) -> Lack | None:
    if len(times) < 3:
        return "too_few_cases"
    if times.min() == times.max():
        return "one_time"
    return None if close_pairs else "no_close_pairs"


def _close_pairs(
    points: Floats, ends: Floats, most_pairs: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], Ints]:
    """Pairs by distance band: those of band b stand at ``starts[b]:starts[b + 1]``."""
    # The tree compares squares, the bands distances: what lies at an end must not fall between.
    reach = ends[-1] * (1 + 1e-9)
    if len(points) < 2:
        none = np.zeros(0, dtype=np.int32)
        return none, none, np.zeros(len(ends) + 1, dtype=np.int64)
    tree = cKDTree(points)
    count = (int(tree.count_neighbors(tree, reach)) - len(points)) // 2
    if count > most_pairs:
        raise TooLarge(
            "too_many_pairs",
            f"{count:,} pairs of cases are no farther than {ends[-1]:g} m apart,"
            f" {most_pairs:,} at most; choose a shorter time or smaller distances",
            pairs=count,
        )
    pairs = tree.query_pairs(reach, output_type="ndarray")
    apart = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    band = np.searchsorted(ends, apart)
    # By the first of a pair within a band: its time stays at hand.
    order = np.lexsort((pairs[:, 0], band))[: int((band < len(ends)).sum())]
    starts = np.searchsorted(band[order], np.arange(len(ends) + 1)).astype(np.int64)
    first, second = pairs[order].T.astype(np.int32)
    return first, second, starts


def _expected(times: Ints, close: Ints, ends: NDArray[np.int32]) -> Floats:
    ranked = np.sort(times)
    at = np.arange(len(ranked))
    # Pairs no farther apart in time than each end, every pair told from its earlier case.
    up_to = [int((np.searchsorted(ranked, ranked + end, "right") - at - 1).sum()) for end in ends]
    soon = np.diff(up_to, prepend=0)
    pairs = len(times) * (len(times) - 1) / 2
    return np.outer(close, soon) / max(pairs, 1)


@nb.njit(cache=True, nogil=True)
def _counts_up_to(
    dealt: NDArray[np.int32],
    first: NDArray[np.int32],
    second: NDArray[np.int32],
    starts: Ints,
    ends: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Pairs of each distance band up to each end of a time band, for each column of times.

    Columns side by side are compared eight at once: half a nanosecond a pair and draw, 4.4 with
    one column at a time.
    """
    draws = dealt.shape[1]
    counts = np.zeros((len(starts) - 1, len(ends), draws), dtype=np.int32)
    apart = np.empty(draws, dtype=np.int32)
    for row in range(len(starts) - 1):
        for pair in range(starts[row], starts[row + 1]):
            one, other = dealt[first[pair]], dealt[second[pair]]
            for draw in range(draws):
                apart[draw] = abs(one[draw] - other[draw])
            for band in range(len(ends)):
                end, found = ends[band], counts[row, band]
                for draw in range(draws):
                    found[draw] += np.int32(apart[draw] <= end)
    return counts
