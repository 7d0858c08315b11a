"""Time cut into whole steps: days, weeks that end with the last day told, or calendar months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]

Step = Literal["day", "week", "month"]
STEPS: tuple[Step, ...] = ("day", "week", "month")


@dataclass(frozen=True, eq=False)
class Steps:
    """Whole steps in a row: ``[starts[i], starts[i + 1])`` in days, the last ending at ``end``.

    A clock change moves none of them: they are days of the local calendar, not hours.
    """

    starts: Days
    end: np.datetime64

    @classmethod
    def until(cls, last: np.datetime64, first: np.datetime64, step: Step) -> Steps:
        """All whole steps from ``first`` on that fit before the end of the day ``last``.

        Weeks are seven days each, the last of them ending with ``last``; months are those of the
        calendar. One that is not over would look as if it had grown quiet.
        """
        day = np.timedelta64(1, "D")
        if step == "month":
            edges = np.arange(first.astype("M8[M]"), (last + day).astype("M8[M]") + 1)
            days = edges.astype("M8[D]")
            whole = days[(days >= first) & (days <= last + day)]
            return cls(whole[:-1], whole[-1] if len(whole) else last + day)
        length = 7 if step == "week" else 1
        count = int((last - first + day).astype(int)) // length
        starts = last + day - np.arange(count * length, 0, -length).astype("m8[D]")
        return cls(starts, last + day)

    @classmethod
    def ending(cls, last: np.datetime64, count: int, step: Step) -> Steps:
        """The last ``count`` whole steps before the end of the day ``last``."""
        day = np.timedelta64(1, "D")
        if step == "month":
            first = ((last + day).astype("M8[M]") - count).astype("M8[D]")
        else:
            first = last + day - count * (7 if step == "week" else 1) * day
        return cls.until(last, first, step)

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self.starts)

    def positions(self, days: Days) -> NDArray[np.int64]:
        """The step each day lies in, -1 for a day before the first or after the last."""
        at = np.searchsorted(self.starts, days, side="right") - 1
        return np.where(days < self.end, at, -1)
