"""The search inside one parent: how even its parts can be for how little that moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.because import Because
from boundaries.balancing.front_walk import LEVELS, Front, Limits, front_walk
from boundaries.balancing.units import Units
from boundaries.balancing.walk import Aim, Ground

# What a grain not at home costs, as a multiple of how many grains the farthest part is off
# today. A part that is x grains off gains 2x by losing one, its neighbour likewise: at 4 the
# first move hardly pays, at 0.01 the plan becomes as even as it can. One walk in four is free.
MOVE_PRICE = (0.01, 4.0)
FREE_WALKS = 0.25
BORDER_PRICE, FREE_BORDER_PRICE = 0.1, (0.1, 3.0)
HOT, COLD = (0.3, 3.0), 0.02
STEPS_A_UNIT = 400
LEAST_STEPS = 4_000
PATIENCE_ROUNDS = 24


@dataclass(frozen=True, slots=True)
class Liking:
    """What counts beside evenness and little moved; nothing, unless said.

    Parameters
    ----------
    short_borders
        How many grains of weight more may be moved for borders shorter by one of mean length.
    even_enough
        A relative deviation below which plans are equally even.
    """

    short_borders: float = 0.0
    even_enough: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """A plan of one parent.

    Attributes
    ----------
    off
        How far from even, relative to the mean of the parent.
    moved
        Weight that changes hands.
    plan
        int32 (members,): the part of each member, counted within the parent.
    """

    off: float
    moved: float
    plan: NDArray[np.int32]


@dataclass
class FrontSearch:
    """One parent with its units and parts, and the plans found for it.

    Attributes
    ----------
    members, parts
        Its units and its parts, as numbered in the whole.
    """

    units: Units
    members: NDArray[np.int64]
    parts: NDArray[np.int64]
    home: NDArray[np.int32]
    limits: Limits
    ground: Ground
    grain: float
    liking: Liking
    kept: Front
    rounds: int = 0
    idle: int = 0

    @classmethod
    def begin(
        cls, units: Units, part: NDArray[np.int32], parts: NDArray[np.int64], liking: Liking
    ) -> FrontSearch:
        """Take out the units of some parts, which are one parent's."""
        members = np.flatnonzero(np.isin(part, parts))
        home = np.searchsorted(parts, part[members]).astype(np.int32)
        totals = np.bincount(home, weights=units.weight[members], minlength=len(parts))
        away = np.abs(totals - totals.mean())
        heaviest = float(units.weight[members].max())
        front = Front(
            np.full(LEVELS + 1, np.inf),
            np.full(LEVELS + 1, np.inf),
            np.zeros((LEVELS + 1, len(members)), dtype=np.int32),
        )
        weight = np.ascontiguousarray(units.weight[members], dtype=np.float64)
        near = units.adjacency.within(members)
        usual = float(near.length.mean()) if len(near.length) else 1.0
        ground = Ground(near.start, near.neighbour, near.length / usual, weight)
        grain = float(weight[weight > 0].mean()) if weight.any() else 1.0
        limits = Limits(
            off=float(away.max()),
            spread=float(np.sqrt((away**2).mean())),
            by_spread=bool(away.max() <= max(0.0, heaviest - totals.mean())),
            border_worth=liking.short_borders * grain,
        )
        return cls(units, members, parts, home, limits, ground, grain, liking, front)

    @property
    def mean(self) -> float:
        """What each part is to weigh."""
        return float(self.units.weight[self.members].sum()) / len(self.parts)

    @property
    def settled(self) -> bool:
        """Whether the last rounds brought nothing."""
        return self.idle >= PATIENCE_ROUNDS

    def hopeless(self, parent: str) -> Because | None:
        """Why nothing can be won here at all; None where that is not known."""
        if len(self.parts) == 1:
            return Because("one_part", parent)
        if not self.mean:
            return Because("no_weight", parent)
        if len(self.members) == len(self.parts):
            return Because("single_units", parent)
        if not self.limits.off:
            return Because("even_already", parent)
        return None

    def stuck(self, parent: str) -> Because:
        """What is known of why nothing was found."""
        if not self.settled:
            return Because("time_over", parent)
        weight = self.units.weight[self.members]
        heaviest = int(np.argmax(weight))
        if weight[heaviest] > self.mean and self.limits.by_spread:
            name = self.units.name(int(self.members[heaviest]))
            return Because("one_outweighs", parent, name)
        return Because("none_found", parent)

    def round(self, rng: np.random.Generator) -> None:
        """Walk once more, from today or from a plan that is kept."""
        price = 0.0
        if rng.random() >= FREE_WALKS:
            share = float(np.exp(rng.uniform(*np.log(MOVE_PRICE))))
            price = share * self.limits.off / self.grain
        known = np.flatnonzero(np.isfinite(self.kept.off))
        start = self.home
        if len(known) and rng.random() < 0.5:
            start = self.kept.plan[rng.choice(known)]
        every = np.ones(len(self.parts), dtype=bool)
        aim = Aim(
            target=np.full(len(self.parts), self.mean),
            counts=every,
            open=every,
            home=self.home,
            grain=self.grain,
            enough=self.liking.even_enough * self.mean,
            border_price=self._border_price(price, rng),
            move_price=price,
        )
        steps = max(LEAST_STEPS, STEPS_A_UNIT * len(self.members))
        noted = front_walk(
            self.ground, aim, self.limits, start.copy(), self.kept,
            float(rng.uniform(*HOT)), COLD, steps, rng,
        )  # fmt: skip
        self.rounds += 1
        self.idle = 0 if noted else self.idle + 1

    def _border_price(self, move_price: float, rng: np.random.Generator) -> float:
        """As dear beside what is moved as it is worth; where moving is free, now more, now less."""
        if not self.liking.short_borders:
            return BORDER_PRICE
        worth = move_price or float(np.exp(rng.uniform(*np.log(FREE_BORDER_PRICE))))
        return max(BORDER_PRICE, worth * self.liking.short_borders)

    def front(self) -> list[Step]:
        """Plans from today's on, each more even than the one before and moving more."""
        today = self.limits.spread if self.limits.by_spread else self.limits.off
        steps = [Step(today / self.mean, 0.0, self.home)]
        found: list[Step] = []
        weight = self.units.weight[self.members]
        for level in np.flatnonzero(np.isfinite(self.kept.off)).tolist():
            plan = self.kept.plan[level].copy()
            moved = float(weight[plan != self.home].sum())
            found.append(Step(float(self.kept.off[level]) / self.mean, moved, plan))
        # From the most even one back, whatever moves as much as a more even one goes.
        least = np.inf
        kept: list[Step] = []
        enough = self.liking.even_enough
        for step in sorted(found, key=lambda step: (max(step.off, enough), step.moved)):
            if step.moved < least:
                kept.append(step)
                least = step.moved
        return steps + kept[::-1]
