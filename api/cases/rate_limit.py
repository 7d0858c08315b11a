"""How many in a while: one bucket of tokens for each sender, kept in memory only."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

KEPT_BUCKETS = 100_000
"""Some 20 MB. Whoever has been quiet longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``per_minute`` in the long run, ``burst`` at once.

    Both are at least 1.
    """

    per_minute: float
    burst: int

    def __post_init__(self) -> None:
        if not (self.per_minute >= 1 and self.burst >= 1):
            raise ValueError(f"A rate needs at least 1 a minute and a burst of 1, not {self}.")


class Buckets:
    """A bucket for each sender: it holds ``burst`` tokens and fills at ``per_minute``."""

    def __init__(self, rate: Rate, *, kept: int = KEPT_BUCKETS) -> None:
        self._rate = rate
        self._kept = kept
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, sender: str, now_s: float) -> bool:
        """Take one token; False when there is none left.

        Parameters
        ----------
        now_s
            A clock that never goes back, in seconds.
        """
        level, since_s = self._levels.get(sender, (float(self._rate.burst), now_s))
        level = min(self._rate.burst, level + (now_s - since_s) * self._rate.per_minute / 60)
        fits = level >= 1
        self._levels[sender] = (level - 1 if fits else level, now_s)
        self._levels.move_to_end(sender)
        if len(self._levels) > self._kept:
            self._levels.popitem(last=False)
        return fits

    def __len__(self) -> int:
        return len(self._levels)
