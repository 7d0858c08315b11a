"""A scan of places and windows of time for categories that gather there and then.

For a disc of cells and a window of time, ``n`` occasions of a category fell into both, ``c`` into
the disc at any time, ``t`` into the window anywhere, of ``N`` in all. Were place and time of the
category's occasions unrelated, ``n`` would be hypergeometric given the margins: the null of the
space-time permutation scan (Kulldorff et al. 2005), whose tail is summed exactly here instead of
drawn by chance. The same is asked of the place's own rhythm: of all ``M`` occasions of any
category in the disc, ``m`` in the window, ``c`` bear this one's name; were names and times
unrelated there, ``n`` would be hypergeometric too. The larger of the two tails is the window's
``p``: neither the category's rhythm nor the place's explains what is told.

Where hardly anything else is told the place has no rhythm of its own to speak of. So a disc with
fewer than three other occasions for each of the category is given as many, at the rhythm of the
whole city.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from gis.patterns.scan_windows import BLOCKS, SLOTS, SPANS, sum_windows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Windows of nearly all the time need thousands of occasions or none: those are not looked at.
_MOST_NEEDED = 400
_OTHERS = 3


@dataclass(frozen=True, eq=False)
class Occasions:
    """Occasions in order of their place, then of their category.

    Parameters
    ----------
    starts
        Those of place i and category j are ``starts[i * categories + j]`` up to the next.
    week, span, day, slot
        When: weeks ago, the span of ``spans_of`` that is in, weekday, slot of the day.
    """

    starts: Ints
    week: Ints
    span: Ints
    day: Ints
    slot: Ints
    categories: int


@dataclass(frozen=True, eq=False)
class Discs:
    """The places of the disc around place i are ``places[starts[i]:starts[i + 1]]``."""

    starts: Ints
    places: Ints


@dataclass(frozen=True, eq=False)
class Margins:
    """What is given of a category: its occasions in each window of time, and in all."""

    windows: Ints
    whole: int


@dataclass(frozen=True, eq=False)
class Sizes:
    """The places a category has occasions at, and how many lie in the disc around each."""

    centres: Ints
    sizes: Ints


def sizes_of(occasions: Occasions, discs: Discs, category: int) -> Sizes:
    """Discs around the places of a category."""
    many = occasions.starts[1:] - occasions.starts[:-1]
    centres = np.flatnonzero(many[category :: occasions.categories])
    found = _disc_sizes(
        category, centres, discs.starts, discs.places, occasions.starts, occasions.categories
    )
    return Sizes(centres, found)


def scan(
    occasions: Occasions,
    discs: Discs,
    category: int,
    sizes: Sizes,
    margins: Margins,
    city: Margins,
    least: Ints,
    plain_weeks: int,
    log_level: float,
    logs: Floats,
) -> tuple[Ints, Floats]:
    """The window of the least p of each disc, -1 where none comes to the level, and its log p.

    ``margins`` are those of the category, ``city`` those of all; ``least`` are ``least_counts`` at
    that level; ``logs`` those of the factorials up to four times the number of all
    occasions.
    """
    return _scan(
        category,
        sizes.centres,
        sizes.sizes,
        discs.starts,
        discs.places,
        occasions.starts,
        occasions.categories,
        occasions.week,
        occasions.span,
        occasions.day,
        occasions.slot,
        plain_weeks,
        margins.windows,
        margins.whole,
        city.windows,
        city.whole,
        least,
        log_level,
        logs,
    )


def least_counts(margins: Margins, log_level: float, logs: Floats) -> Ints:
    """A count below which no disc comes to the level in a window: all its occasions were there."""
    count = np.arange(1, _MOST_NEEDED)
    windows = margins.windows[:, None]
    possible = count <= np.minimum(windows, margins.whole)
    fewer, rest = np.maximum(windows - count, 0), np.maximum(margins.whole - count, 0)
    tail = logs[windows] - logs[fewer] - logs[margins.whole] + logs[rest]
    enough = possible & (tail <= log_level)
    return np.where(enough.any(axis=1), enough.argmax(axis=1) + 1, np.iinfo(np.int64).max)


def window_totals(week: Ints, span: Ints, day: Ints, slot: Ints, plain_weeks: int) -> Ints:
    """Occasions in each window of time, wherever they are."""
    by_week = np.bincount(week, minlength=max(plain_weeks, 1))
    by_slot = np.zeros((SPANS, 7, SLOTS), dtype=np.int64)
    np.add.at(by_slot, (span, day, slot), 1)
    found = np.zeros(plain_weeks + BLOCKS, dtype=np.int64)
    sum_windows(by_week, by_slot, plain_weeks, found)
    return found


@nb.njit(cache=True, nogil=True)
def log_tail(found: int, whole: int, marked: int, drawn: int, logs: Floats) -> float:
    """Log of the hypergeometric tail P(X >= found); ``logs`` are those of the factorials."""
    most = min(marked, drawn)
    least = max(0, drawn + marked - whole)
    if found <= least:
        return 0.0
    base = logs[marked] + logs[whole - marked] + logs[drawn] + logs[whole - drawn] - logs[whole]
    first = (
        base
        - logs[found]
        - logs[marked - found]
        - logs[drawn - found]
        - logs[whole - marked - drawn + found]
    )
    # Each term from the one before; past the mode they fall quickly.
    total = 1.0
    term = 1.0
    for x in range(found, most):
        term *= (marked - x) * (drawn - x) / ((x + 1.0) * (whole - marked - drawn + x + 1.0))
        total += term
        if term < 1e-17 * total:
            break
    return float(min(0.0, first + np.log(total)))


@nb.njit(cache=True, nogil=True)
def _disc_sizes(category: int, centres: Ints, disc_starts: Ints, disc_places: Ints,
                starts: Ints, categories: int) -> Ints:  # fmt: skip
    out = np.zeros(len(centres), np.int64)
    for i in range(len(centres)):
        centre = centres[i]
        for k in range(disc_starts[centre], disc_starts[centre + 1]):
            at = disc_places[k] * categories + category
            out[i] += starts[at + 1] - starts[at]
    return out


@nb.njit(cache=True, nogil=True)
def _scan(category: int, centres: Ints, sizes: Ints, disc_starts: Ints, disc_places: Ints,
          starts: Ints, categories: int, week: Ints, span: Ints, day: Ints, slot: Ints,
          plain_weeks: int, totals: Ints, whole: int, city: Ints, city_whole: int,
          least: Ints, level: float, logs: Floats) -> tuple[Ints, Floats]:  # fmt: skip
    windows = len(totals)
    best = np.full(len(centres), -1, np.int64)
    log_p = np.zeros(len(centres))
    own, every = np.zeros(windows, np.int64), np.zeros(windows, np.int64)
    lowest = least.min()
    for i in range(len(centres)):
        if sizes[i] < lowest:
            continue
        places = disc_places[disc_starts[centres[i]] : disc_starts[centres[i] + 1]]
        _count_windows(
            places, category, category + 1, starts, categories, week, span, day, slot,
            plain_weeks, own,
        )  # fmt: skip
        here = -1
        for t in range(windows):
            n = own[t]
            # No more than expected has no small tail.
            if n < least[t] or n * whole <= sizes[i] * totals[t]:
                continue
            tail = log_tail(n, whole, sizes[i], totals[t], logs)
            if tail > level or tail >= log_p[i]:
                continue
            if here < 0:
                # Summed for few discs only.
                here = _count_windows(
                    places, 0, categories, starts, categories, week, span, day, slot,
                    plain_weeks, every,
                )  # fmt: skip
            lent = max(0, (_OTHERS + 1) * sizes[i] - here)
            then = every[t] + int(lent * city[t] / city_whole + 0.5)
            tail = max(tail, log_tail(n, here + lent, sizes[i], then, logs))
            if tail <= level and tail < log_p[i]:
                best[i] = t
                log_p[i] = tail
    return best, log_p


@nb.njit(cache=True, nogil=True)
def _count_windows(places: Ints, first: int, end: int, starts: Ints, categories: int,
                   week: Ints, span: Ints, day: Ints, slot: Ints,
                   plain_weeks: int, out: Ints) -> int:  # fmt: skip
    """Occasions of categories ``[first, end)`` at places, by window; how many in all."""
    by_week = np.zeros(plain_weeks, np.int64)
    by_slot = np.zeros((SPANS, 7, SLOTS), np.int64)
    many = 0
    for place in places:
        for j in range(starts[place * categories + first], starts[place * categories + end]):
            if week[j] < plain_weeks:
                by_week[week[j]] += 1
            by_slot[span[j], day[j], slot[j]] += 1
            many += 1
    sum_windows(by_week, by_slot, plain_weeks, out)
    return many


def log_factorials(most: int) -> Floats:
    """Log of n! for n up to ``most``."""
    found: Floats = gammaln(np.arange(most + 2) + 1.0)
    return found
