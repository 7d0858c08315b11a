"""A walk from today's plan that keeps, for each level of evenness, the plan that costs least."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.walk import (
    Aim,
    Floats,
    Ground,
    Parts,
    drawn_move,
    extra_cost,
    farthest,
    leaves_whole,
    longer_border,
    weigh,
)
from gis.locate_cells import compiled

LEVELS = 48
MOST_EVEN = LEVELS
ROUNDING = 1e-9
# A unit that weighs nothing is not moved for nothing: as if it weighed this part of a grain.
_UNIT_SHARE = 1e-6


class Front(NamedTuple):
    """The plans kept, for each level the cheapest one, and the most even one at the end.

    A plan is of level i if it is off the targets by at most ``1 - i / LEVELS`` of today. It
    costs the weight not at home, and its borders as far as short ones are worth something.

    Attributes
    ----------
    off
        float64 (LEVELS + 1,): how far off; infinite where no plan is known.
    cost
        float64 (LEVELS + 1,): in weight; each unit not at home counts a trifle besides.
    plan
        int32 (LEVELS + 1, units).
    """

    off: Floats
    cost: Floats
    plan: NDArray[np.int32]


class Limits(NamedTuple):
    """Today's figures, which no plan may exceed.

    ``by_spread`` takes the spread for the measure of evenness, where the farthest part can
    be brought no nearer. ``border_worth`` is what a border of mean length costs, in weight.
    """

    off: float
    spread: float
    by_spread: bool
    border_worth: float


@compiled
def spread(aim: Aim, total: Floats) -> float:
    """Root of the mean square of what parts are off their targets, in weight."""
    squares = 0.0
    for index in range(len(total)):
        squares += (total[index] - aim.target[index]) ** 2
    return float(np.sqrt(squares / len(total)))


@compiled
def note(front: Front, level: int, part: Parts, off: float, cost: float) -> None:
    """Keep a plan in the place of the one at its level."""
    front.off[level] = off
    front.cost[level] = cost
    front.plan[level, :] = part


@compiled
def front_walk(
    ground: Ground,
    aim: Aim,
    limits: Limits,
    part: Parts,
    front: Front,
    hot: float,
    cold: float,
    steps: int,
    rng: np.random.Generator,
) -> int:
    """Walk from ``part`` (see `boundaries.balancing.walk.walk`) and note better plans in ``front``.

    Returns how many were noted. A plan is noted at the finest level it reaches if it costs
    less than the one there, and at the end if it is more even than all before (`Aim.enough`),
    or as even and cheaper.
    """
    parts, units = len(aim.target), len(part)
    total, units_in = np.empty(parts), np.empty(parts, np.int64)
    weigh(ground, part, total, units_in)
    seen, queue = np.zeros(units, np.int32), np.empty(units, np.int32)
    every = np.arange(units).astype(np.int32)
    trifle = _UNIT_SHARE * aim.grain
    cost = 0.0
    for unit in range(units):
        if part[unit] != aim.home[unit]:
            cost += ground.weight[unit] + trifle
        for at in range(ground.start[unit], ground.start[unit + 1]):
            if part[ground.neighbour[at]] != part[unit]:
                # Both sides of a border count it.
                cost += limits.border_worth * ground.border[at] / 2.0
    noted = 0
    today = limits.spread if limits.by_spread else limits.off
    heat, cooling = hot, (cold / hot) ** (1.0 / max(steps, 1))
    for _ in range(steps):
        heat *= cooling
        unit, to = drawn_move(ground, aim, part, every, rng)
        if unit < 0 or units_in[part[unit]] == 1:
            continue
        extra = extra_cost(ground, aim, part, total, unit, to)
        if extra > 0.0 and rng.random() >= np.exp(-extra / heat):
            continue
        if not leaves_whole(ground, part, unit, seen, queue):
            continue
        own, weight = part[unit], ground.weight[unit]
        cost += (weight + trifle) * ((to != aim.home[unit]) - (own != aim.home[unit]))
        cost += limits.border_worth * longer_border(ground, part, unit, to)
        part[unit] = to
        total[own] -= weight
        total[to] += weight
        units_in[own] -= 1
        units_in[to] += 1
        off, wide = farthest(aim, total), spread(aim, total)
        if off > limits.off or wide >= limits.spread:
            continue
        measure = wide if limits.by_spread else off
        level = min(LEVELS - 1, int(LEVELS * (1.0 - measure / today)))
        if cost < front.cost[level] - trifle / 2:
            note(front, level, part, measure, cost)
            noted += 1
        # Sums differ by rounding when units come and go in another order.
        nearer = max(front.off[MOST_EVEN], aim.enough) - max(measure, aim.enough)
        alike = abs(nearer) <= ROUNDING * today
        if (nearer > 0.0 and not alike) or (alike and cost < front.cost[MOST_EVEN] - trifle / 2):
            note(front, MOST_EVEN, part, measure, cost)
            noted += 1
    return noted
