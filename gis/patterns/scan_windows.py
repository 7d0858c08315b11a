"""The windows of time a scan looks at: the last weeks, and hours of the week within them.

Time is cut into weeks of seven days that end now, and each week into 84 slots of two hours by the
wall's clock. A window is one of

- the last n weeks, for each n up to three quarters of the time there is;
- some hours of some days of the week, over the last 4, 8, 13 or 26 weeks or all the time: two,
  four, six or eight hours from any even hour on, also past midnight, on one weekday, on workdays,
  weekends or all days.

All have an index: the weeks first, then the hours by span, days, first hour and length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SPANS_WEEKS = (4, 8, 13, 26)
"""How far back hours of the week are looked at; beside these, all the time there is."""
SLOT_H = 2
SLOTS = 24 // SLOT_H
LENGTHS = 4
DAY_SETS: tuple[tuple[int, ...], ...] = (
    *((day,) for day in range(7)),
    (0, 1, 2, 3, 4),
    (5, 6),
    (0, 1, 2, 3, 4, 5, 6),
)
"""Days of the week, Monday 0, that are looked at together."""

SPANS = len(SPANS_WEEKS) + 1
BLOCKS = SPANS * len(DAY_SETS) * SLOTS * LENGTHS
"""How many windows are hours of the week."""
_WORKDAYS, _WEEKEND, _ALL_DAYS = 7, 8, 9


@dataclass(frozen=True, slots=True)
class Block:
    """Hours of the week: ``hours`` from ``from_hour`` on, beginning on these ``days``.

    Past midnight the hours of the same days are meant: 22 to 2 on Mondays are their first two
    hours and their last two.
    """

    days: tuple[int, ...]
    from_hour: int
    hours: int

    def holds(self, day: Ints, hour: Ints) -> NDArray[np.bool_]:
        """Whether weekdays and hours of the day fall into it."""
        return np.isin(day, self.days) & ((hour - self.from_hour) % 24 < self.hours)

    @property
    def hours_a_week(self) -> int:
        """How much of the week's 168 hours it is."""
        return len(self.days) * self.hours


@dataclass(frozen=True, slots=True)
class WindowOfTime:
    """The last ``weeks`` weeks, None for all the time; of them these hours, None for all."""

    weeks: int | None
    block: Block | None


def window_of(index: int, plain_weeks: int) -> WindowOfTime:
    """The window at this index; ``plain_weeks`` windows are the last weeks."""
    if index < plain_weeks:
        return WindowOfTime(index + 1, None)
    rest, length = divmod(index - plain_weeks, LENGTHS)
    rest, start = divmod(rest, SLOTS)
    span, days = divmod(rest, len(DAY_SETS))
    weeks = SPANS_WEEKS[span] if span < len(SPANS_WEEKS) else None
    return WindowOfTime(weeks, Block(DAY_SETS[days], start * SLOT_H, (length + 1) * SLOT_H))


def spans_of(weeks_ago: Ints) -> Ints:
    """Index of the shortest span each week lies in, ``len(SPANS_WEEKS)`` for those before."""
    return np.searchsorted(np.array(SPANS_WEEKS), weeks_ago, side="right").astype(np.int64)


@nb.njit(cache=True, nogil=True)
def sum_windows(weeks: Ints, slots: Ints, plain_weeks: int, out: Ints) -> None:
    """Occasions in each window, into ``out``.

    ``weeks`` counts by weeks ago; ``slots`` by span, weekday and slot, each span without the
    shorter ones.
    """
    at = 0
    run = 0
    for week in range(plain_weeks):
        run += weeks[week]
        out[at] = run
        at += 1
    days = np.zeros((_ALL_DAYS + 1, SLOTS), np.int64)
    for span in range(SPANS):
        for slot in range(SLOTS):
            for day in range(7):
                count = slots[span, day, slot]
                days[day, slot] += count
                days[_ALL_DAYS, slot] += count
                days[_WEEKEND if day >= 5 else _WORKDAYS, slot] += count
        for group in range(_ALL_DAYS + 1):
            for start in range(SLOTS):
                run = 0
                for length in range(LENGTHS):
                    slot = start + length
                    run += days[group, slot if slot < SLOTS else slot - SLOTS]
                    out[at] = run
                    at += 1
