"""The rounds of a search for even parts; each begins anew and ends with a finished plan."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.start import grown_plan
from boundaries.balancing.units import OutOfTime, Units
from boundaries.balancing.walk import Aim, Ground, walk
from gis.adjacency import Adjacency

# A grain too much costs 1, a border of mean length this much: at heat 1 to 3 borders are
# short and parts a grain or two off, at 0.05 nearly every step makes the plan better.
BORDER_PRICE = 0.4
HOT, COLD = (0.6, 3.0), 0.05
STEPS_A_UNIT = 300
# A stretch of a walk is about 0.1 s; between stretches the clock is looked at.
STRETCH_STEPS = 200_000
# Trades between two parts hit the wanted weight by chance: ten times the steps bring it ten
# times nearer. They begin few, and are many only where few do not hit: for 50 units 12,500 at
# first, 400,000 in the last try of a late round. Below a heat of 1.5 short borders hold.
TRADES_A_UNIT, MOST_DOUBLINGS = 250, 2
LONGER = (1, 2, 4, 8)
TRADE_HEAT = (1.5, 4.0)
PASSES = 3
MOST_REFUSED = 60


@dataclass
class Search:
    """The best plan so far, and how to look for better ones.

    Attributes
    ----------
    best
        The part of each unit, not yet numbered in any order.
    off
        How far its farthest part is from what it should weigh.
    cost
        What decides between plans equally far off: their spread and the length of borders.
    floor
        Distance below which plans count as equally even.
    rounds
        How many rounds there were.
    """

    units: Units
    piece: NDArray[np.int32]
    shares: list[int]
    target: NDArray[np.float64]
    floor: float
    rng: np.random.Generator
    ground: Ground
    best: NDArray[np.int32]
    off: float
    cost: float
    rounds: int = 0

    @classmethod
    def begin(
        cls, units: Units, piece: NDArray[np.int32], shares: list[int], floor: float, seed: int
    ) -> Search:
        """Start with a plan that is contiguous and no more."""
        rng = np.random.default_rng(seed)
        weights = np.bincount(piece, weights=units.weight)
        target = np.repeat(weights / np.array(shares), shares)
        best = grown_plan(units, piece, shares, rng)
        search = cls(units, piece, shares, target, floor, rng, units.ground, best, np.inf, np.inf)
        search.off, search.cost = search._judged(best)
        return search

    @property
    def is_only_plan(self) -> bool:
        """Whether there is nothing to choose: one part a piece, or one unit a part."""
        return len(self.shares) == len(self.target) or len(self.units) == len(self.target)

    def round(self, out_of_time: OutOfTime) -> bool:
        """Make one more plan; whether it is better than all before."""
        self.rounds += 1
        anew = self.rounds == 1 or self.rng.random() < 0.5
        start = self.best if self.rounds == 1 or not anew else self._grown()
        hot = self.rng.uniform(*HOT)
        plan = self._cooled(start, hot, STEPS_A_UNIT * len(self.units), out_of_time)
        better = self.take(plan)
        for _ in range(PASSES):
            off = self._judged(plan)[0]
            if off <= self.floor or out_of_time():
                break
            traded = self._traded(plan, out_of_time)
            better |= self.take(traded)
            if self._judged(traded)[0] >= off:
                break
            plan = traded
        return better

    def take(self, plan: NDArray[np.int32]) -> bool:
        """Keep a plan if it is better than the best."""
        off, cost = self._judged(plan)
        reach = max(self.off, self.floor)
        better = max(off, self.floor) < reach or (
            max(off, self.floor) == reach and cost < self.cost - 1e-9
        )
        if better:
            self.best, self.off, self.cost = plan.copy(), off, cost
        return better

    def _judged(self, plan: NDArray[np.int32]) -> tuple[float, float]:
        """How far off the farthest part is, and the cost of the whole plan."""
        away = self.units.totals(plan, len(self.target)) - self.target
        spread = float(((away / self.units.grain) ** 2).sum())
        borders = self.units.border(plan) / self.units.usual_border
        return float(np.abs(away).max()), spread + BORDER_PRICE * borders

    def _grown(self) -> NDArray[np.int32]:
        return grown_plan(self.units, self.piece, self.shares, self.rng)

    def _aim(self, counts: NDArray[np.bool_], is_open: NDArray[np.bool_]) -> Aim:
        return Aim(
            target=self.target,
            counts=counts,
            open=is_open,
            home=self.best,
            grain=self.units.grain,
            enough=self.floor,
            border_price=BORDER_PRICE,
            move_price=0.0,
        )

    def _cooled(
        self, start: NDArray[np.int32], hot: float, steps: int, out_of_time: OutOfTime
    ) -> NDArray[np.int32]:
        every = np.ones(len(self.target), dtype=bool)
        units = np.arange(len(self.units), dtype=np.int32)
        aim = self._aim(every, every)
        plan, best, found = start.copy(), start.copy(), start.copy()
        least = self._judged(best)
        stretches = -(-steps // STRETCH_STEPS)
        heats = np.geomspace(hot, COLD, stretches + 1)
        for warm, cold in pairwise(heats.tolist()):
            walk(self.ground, aim, units, plan, found, warm, cold, steps // stretches,
                 self.rng, False)  # fmt: skip
            now = self._judged(found)
            if now < least:
                best, least = found.copy(), now
            if out_of_time():
                break
        return best

    def _traded(self, start: NDArray[np.int32], out_of_time: OutOfTime) -> NDArray[np.int32]:
        """Bring one part after another to its weight; the last of each piece gets the rest."""
        plan = start
        steps_a_unit = TRADES_A_UNIT * 2 ** min(self.rounds // 4, MOST_DOUBLINGS)
        heat = float(np.exp(self.rng.uniform(*np.log(TRADE_HEAT))))
        left = np.ones(len(self.target), dtype=bool)
        near = _touching(self.units.adjacency, plan, left)
        held, refused = _clusters(near, left), 0
        while near and not out_of_time():
            leaf, inner = _outermost(near, self.rng)
            found = self._brought_near(plan, leaf, inner, heat, steps_a_unit)
            left[leaf] = False
            after = _touching(self.units.adjacency, found, left)
            # A trade may wind a part round so that others no longer touch: what they are off
            # could never be traded away. Then another pair is tried.
            if _clusters(after, left) <= held or refused == MOST_REFUSED:
                plan, near = found, after
            else:
                left[leaf] = True
                refused += 1
        return plan

    def _brought_near(
        self, plan: NDArray[np.int32], leaf: int, inner: int, heat: float, steps_a_unit: int
    ) -> NDArray[np.int32]:
        """Bring one part near its weight by trades with another, longer where that is hard."""
        counts = np.zeros(len(self.target), dtype=bool)
        counts[leaf] = True
        both = counts.copy()
        both[inner] = True
        movable = np.flatnonzero(both[plan]).astype(np.int32)
        found = plan.copy()
        for times in LONGER:
            start = found.copy()
            walk(self.ground, self._aim(counts, both), movable, start, found, heat, heat,
                 times * steps_a_unit * len(movable), self.rng, True)  # fmt: skip
            total = self.units.weight[found == leaf].sum()
            if abs(total - self.target[leaf]) <= self.floor:
                break
        return found


def _touching(
    adjacency: Adjacency, plan: NDArray[np.int32], left: NDArray[np.bool_]
) -> dict[int, list[int]]:
    """Which of the parts left border on which, ascending."""
    here = np.repeat(plan, np.diff(adjacency.start)).astype(np.int64)
    there = plan[adjacency.neighbour]
    counted = left[here] & left[there] & (here != there)
    near: dict[int, list[int]] = {}
    for pair in np.unique(here[counted] * len(left) + there[counted]).tolist():
        near.setdefault(pair // len(left), []).append(pair % len(left))
    return near


def _clusters(near: dict[int, list[int]], left: NDArray[np.bool_]) -> int:
    """How many groups the parts left are in, when those that touch are together."""
    waiting = set(np.flatnonzero(left).tolist())
    count = 0
    while waiting:
        edge = [waiting.pop()]
        while edge:
            found = waiting.intersection(near.get(edge.pop(), ()))
            waiting -= found
            edge += found
        count += 1
    return count


def _outermost(near: dict[int, list[int]], rng: np.random.Generator) -> tuple[int, int]:
    """A part whose loss does not cut the others off from each other, and a neighbour of it.

    The part reached last in a search from one drawn at random.
    """
    root = int(rng.choice(sorted(near)))
    reached_from = {root: root}
    order = [root]
    for part in order:
        for other in rng.permutation(near[part]).tolist():
            if other not in reached_from:
                reached_from[other] = part
                order.append(other)
    return order[-1], reached_from[order[-1]]
