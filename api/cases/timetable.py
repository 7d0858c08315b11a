"""Which of many intervals comes first, per area, at any instant.

Intervals are compiled into steps once: in each area, from this instant on, that
row. A question is then one binary search, for one point or for millions.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NOBODY = -1


@dataclass(frozen=True)
class Timetable:
    """Steps of all areas, sorted by a key of area and instant. Made by `build`."""

    areas: Ints
    instants: Ints
    keys: Ints
    rows: Ints

    @classmethod
    def build(cls, area: Ints, start: Ints, stop: Ints, rank: Ints, row: Ints) -> Self:
        """Compile intervals ``[start, stop)``.

        Parameters
        ----------
        area
            Area of each interval, any numbers.
        start, stop
            Any unit; open ends are the least and the greatest int64. An interval that
            ends before it begins covers nothing.
        rank
            Of those that cover an instant the lowest wins; no two are equal.
        row
            What answers for the interval: a number from 0.
        """
        real = np.flatnonzero(start < stop)
        areas, place = np.unique(area[real], return_inverse=True)
        instants = np.unique(np.concatenate([start[real], stop[real]]))
        # Area and instant as one number: an area's keys all lie below the next one's.
        first = place * instants.size + np.searchsorted(instants, start[real])
        last = place * instants.size + np.searchsorted(instants, stop[real])
        order = np.argsort(first, kind="stable")
        first, last, real = first[order], last[order], real[order]
        row = row[real]

        alone = _alone(first, last)
        crowd = np.flatnonzero(~alone)
        keys, rows = _sweep(first[crowd], last[crowd], rank[real[crowd]], row[crowd])
        keys = np.concatenate([last[alone], first[alone], keys])
        rows = np.concatenate([np.full(alone.sum(), NOBODY), row[alone], rows])
        # Where one ends as the next begins, both write the same key: the one that begins stays.
        order = np.lexsort((rows != NOBODY, keys))
        keys, rows = keys[order], rows[order]
        final = np.append(keys[1:] != keys[:-1], True)[: keys.size]
        return cls(areas, instants, keys[final], rows[final])

    def at(self, area: Ints, instant: Ints) -> Ints:
        """Row that comes first in each ``area`` at each ``instant``; `NOBODY` where none covers."""
        found = np.full(len(area), NOBODY, np.int64)
        if self.keys.size == 0:
            return found
        place = np.minimum(np.searchsorted(self.areas, area), self.areas.size - 1)
        since = np.searchsorted(self.instants, instant, side="right") - 1
        known = np.flatnonzero((self.areas[place] == area) & (since >= 0))
        key = place[known] * self.instants.size + since[known]
        step = np.searchsorted(self.keys, key, side="right") - 1
        # Before an area's first step stands the last of the area before it, where all have ended.
        found[known] = np.where(step >= 0, self.rows[step], NOBODY)
        return found


def _alone(first: Ints, last: Ints) -> NDArray[np.bool_]:
    """Which intervals, sorted by ``first``, share no instant with another."""
    ended = np.maximum.accumulate(last)
    begins_clear = np.ones(first.size, np.bool_)
    begins_clear[1:] = first[1:] >= ended[:-1]
    ends_clear = np.ones(first.size, np.bool_)
    ends_clear[:-1] = begins_clear[1:]
    return begins_clear & ends_clear


def _sweep(first: Ints, last: Ints, rank: Ints, row: Ints) -> tuple[Ints, Ints]:
    """Steps of intervals that overlap, sorted by ``first``: one pass with a heap by rank."""
    waiting = list(zip(first.tolist(), rank.tolist(), last.tolist(), row.tolist(), strict=True))[
        ::-1
    ]
    covering: list[tuple[int, int, int]] = []
    keys: list[int] = []
    rows: list[int] = []
    for key in np.unique(np.concatenate([first, last])).tolist():
        while waiting and waiting[-1][0] <= key:
            heapq.heappush(covering, waiting.pop()[1:])
        while covering and covering[0][1] <= key:
            heapq.heappop(covering)
        keys.append(key)
        rows.append(covering[0][2] if covering else NOBODY)
    return np.array(keys, np.int64), np.array(rows, np.int64)
