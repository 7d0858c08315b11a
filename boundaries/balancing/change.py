"""Make today's parts even by moving as little as possible, inside the parents they lie in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.because import Because
from boundaries.balancing.front import FrontSearch, Liking, Step
from boundaries.balancing.units import OutOfTime, Units, never
from gis.errors import BadInput

MOST_PROPOSALS = 3


@dataclass(frozen=True, slots=True)
class Today:
    """A plan in force.

    Parameters
    ----------
    units
        What may change hands, weighed.
    part
        int32 (units,): the part each unit is in, 0 … parts-1, every part with a unit.
    parents
        The parent of each part, as reasons call it. A unit stays in the parent it is in.

    Raises
    ------
    BadInput
        ``parts_differ`` or ``part_empty``.
    """

    units: Units
    part: NDArray[np.int32]
    parents: Sequence[str]

    def __post_init__(self) -> None:
        if len(self.part) != len(self.units):
            raise BadInput(
                "parts_differ", f"{len(self.units)} units, but {len(self.part)} are in a part"
            )
        if len(self.part) and not 0 <= self.part.min() <= self.part.max() < len(self.parents):
            raise BadInput("parts_differ", f"a unit is in none of the {len(self.parents)} parts")
        without = np.flatnonzero(np.bincount(self.part, minlength=len(self.parents)) == 0)
        if len(without):
            raise BadInput(
                "part_empty", f"part {int(without[0]) + 1} has no unit", part=int(without[0])
            )


@dataclass(frozen=True, slots=True)
class Change:
    """One plan beside today's.

    Attributes
    ----------
    part
        int32 (units,): the part of each unit.
    moved
        Units that change hands, ascending.
    moved_weight
        What they weigh.
    totals
        float64 (parts,): weight of each part.
    deviation
        How far the farthest part is from the mean of its parent, relative to that mean.
    spread
        Root of the mean square of all parts' deviations, relative likewise.
    """

    part: NDArray[np.int32]
    moved: NDArray[np.int64]
    moved_weight: float
    totals: NDArray[np.float64]
    deviation: float
    spread: float


@dataclass(frozen=True, slots=True)
class Proposals:
    """What can be done about today's plan.

    Attributes
    ----------
    today
        The plan in force, nothing moved.
    curve
        From today on: each plan moves more than the one before and leaves parts more even: its
        farthest part is nearer, or as near and the spread is less.
        Of all plans as even as it is none is known that moves less, unless short borders count.
    proposals
        Up to three of the curve, the one that moves least first: where half of what can be
        won is won, where moving more begins to win less, and the most even one.
    because
        For each parent that stays as it is, why.
    """

    today: Change
    curve: tuple[Change, ...]
    proposals: tuple[Change, ...]
    because: tuple[Because, ...]


def propose(
    today: Today,
    *,
    liking: Liking = Liking(),  # noqa: B008 - frozen
    seed: int = 0,
    out_of_time: OutOfTime = never,
) -> Proposals:
    """Look for plans that are more even than today's and move little.

    Every parent is a problem of its own, for no unit leaves it: parts are to come near the
    mean of their parent. No plan has a part farther off than today's farthest of the same
    parent, nor a wider spread; no part gets more pieces than it has, or none. The same seed
    gives the same plans, unless time runs out.
    """
    rng = np.random.default_rng(seed)
    parents = np.array([str(parent) for parent in today.parents])
    searches: list[FrontSearch] = []
    because: list[Because] = []
    for parent in dict.fromkeys(parents.tolist()):
        parts = np.flatnonzero(parents == parent)
        search = FrontSearch.begin(today.units, today.part, parts, liking)
        if hopeless := search.hopeless(parent):
            because.append(hopeless)
        else:
            searches.append(search)
    fronts = _searched(searches, rng, out_of_time)
    because += [
        search.stuck(str(parents[search.parts[0]]))
        for search, front in zip(searches, fronts, strict=True)
        if len(front) == 1
    ]
    curve = _curve(today, parents, searches, fronts)
    return Proposals(curve[0], curve, _chosen(curve), tuple(because))


def _searched(
    searches: list[FrontSearch], rng: np.random.Generator, out_of_time: OutOfTime
) -> list[list[Step]]:
    """The front of each parent; all take turns, so that little time is shared by all.

    Each is walked once, even when the time is over already.
    """
    for search in searches:
        search.round(rng)
    going = searches
    while going and not out_of_time():
        for search in going:
            search.round(rng)
            if out_of_time():
                break
        going = [search for search in going if not search.settled]
    return [search.front() for search in searches]


def _curve(
    today: Today,
    parents: NDArray[np.str_],
    searches: list[FrontSearch],
    fronts: list[list[Step]],
) -> tuple[Change, ...]:
    """Ask all parents for the same evenness, as far as each can go, more and more of it."""
    curve = [_change(today, parents, today.part)]
    levels = sorted({step.off for front in fronts for step in front}, reverse=True)
    # At the end the last plan of each, which may be no nearer than today's and yet less spread.
    for level in (*levels, -np.inf):
        part = today.part.copy()
        for search, front in zip(searches, fronts, strict=True):
            enough = [step for step in front if step.off <= level] or front[-1:]
            part[search.members] = search.parts[enough[0].plan]
        change = _change(today, parents, part)
        last = curve[-1]
        nearer = last.deviation - change.deviation
        wins = nearer > 1e-12 or (nearer > -1e-12 and change.spread < last.spread - 1e-12)
        if wins and change.spread < curve[0].spread - 1e-12:
            curve.append(change)
    return tuple(curve)


def _change(today: Today, parents: NDArray[np.str_], part: NDArray[np.int32]) -> Change:
    totals = today.units.totals(part, len(parents))
    _, of_parent = np.unique(parents, return_inverse=True)
    mean = (np.bincount(of_parent, weights=totals) / np.bincount(of_parent))[of_parent]
    away = np.divide(totals - mean, mean, out=np.zeros_like(totals), where=mean > 0)
    moved = np.flatnonzero(part != today.part)
    return Change(
        part=part,
        moved=moved,
        moved_weight=float(today.units.weight[moved].sum()),
        totals=totals,
        deviation=float(np.abs(away).max()),
        spread=float(np.sqrt((away**2).mean())),
    )


def _chosen(curve: tuple[Change, ...]) -> tuple[Change, ...]:
    if len(curve) == 1:
        return ()
    moved = np.array([change.moved_weight for change in curve])
    spread = np.array([change.spread for change in curve])
    won = (spread[0] - spread) / (spread[0] - spread[-1])
    # The knee is the point farthest above the straight line from today to the last plan.
    share = moved / moved[-1] if moved[-1] > 0 else np.linspace(0, 1, len(curve))
    picked = {int(np.argmax(won >= 0.5)), int(np.argmax(won - share)), len(curve) - 1} - {0}
    return tuple(curve[at] for at in sorted(picked))
