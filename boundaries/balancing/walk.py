"""A walk through plans: one unit at a time crosses a border, more freely while it is hot.

Compiled loops over plain arrays, one number for each unit or part. No part is
ever left without a unit, and none comes to have more pieces than it had: what
begins contiguous stays so.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gis.locate_cells import compiled

Parts = NDArray[np.int32]
Floats = NDArray[np.float64]


class Ground(NamedTuple):
    """What is parted: neighbours as in `gis.adjacency.Adjacency`, weights, lengths of borders.

    ``border`` is in multiples of the mean border, so that prices mean the same everywhere.
    """

    start: NDArray[np.int64]
    neighbour: NDArray[np.int32]
    border: Floats
    weight: Floats


class Aim(NamedTuple):
    """What a walk looks for.

    Attributes
    ----------
    target
        float64 (parts,): the weight each part is meant to have.
    counts
        bool (parts,): whether it matters how far a part is from its target.
    open
        bool (parts,): whether a part may gain or lose units.
    home
        int32 (units,): the part a unit is in today.
    grain
        Weight of a usual unit. A part that is off by it costs 1, by two of them 4.
    enough
        How far off a part may be (in weight) without being worse than another plan's.
    border_price, move_price
        Cost of a border of mean length between parts; of a grain of weight not at home.
    """

    target: Floats
    counts: NDArray[np.bool_]
    open: NDArray[np.bool_]
    home: Parts
    grain: float
    enough: float
    border_price: float
    move_price: float


@compiled
def leaves_whole(ground: Ground, part: Parts, unit: int, seen: Parts, queue: Parts) -> bool:
    """Whether a unit's part stays in as many pieces without it.

    So it does when the unit's neighbours in the part reach each other round it; a part that
    is this unit alone does not. ``seen`` and ``queue`` are int32 (units,) to write on;
    ``seen`` holds nothing but zeros before and after.
    """
    own = part[unit]
    wanted, tail = 0, 0
    for at in range(ground.start[unit], ground.start[unit + 1]):
        other = ground.neighbour[at]
        if part[other] == own:
            wanted += 1
            seen[other] = 1
            queue[0] = other
    if wanted > 1:
        seen[unit] = 2
        seen[queue[0]] = 2
        found, head, tail = 1, 0, 1
        while head < tail and found < wanted:
            here = queue[head]
            head += 1
            for at in range(ground.start[here], ground.start[here + 1]):
                other = ground.neighbour[at]
                if part[other] == own and seen[other] < 2:
                    found += seen[other]
                    seen[other] = 2
                    queue[tail] = other
                    tail += 1
        whole = found == wanted
    else:
        whole = True
    for index in range(tail):
        seen[queue[index]] = 0
    for at in range(ground.start[unit], ground.start[unit + 1]):
        seen[ground.neighbour[at]] = 0
    seen[unit] = 0
    return whole


@compiled
def longer_border(ground: Ground, part: Parts, unit: int, to: int) -> float:
    """How much longer borders become when a unit goes to a neighbouring part."""
    own = part[unit]
    longer = 0.0
    for at in range(ground.start[unit], ground.start[unit + 1]):
        beyond = part[ground.neighbour[at]]
        if beyond == own:
            longer += ground.border[at]
        elif beyond == to:
            longer -= ground.border[at]
    return longer


@compiled
def extra_cost(ground: Ground, aim: Aim, part: Parts, total: Floats, unit: int, to: int) -> float:
    """How much more a plan costs when a unit goes to a neighbouring part."""
    own, weight = part[unit], ground.weight[unit]
    cost = 0.0
    # (x ± w)² - x² = w² ± 2xw
    if aim.counts[own]:
        cost += weight * (weight - 2.0 * (total[own] - aim.target[own]))
    if aim.counts[to]:
        cost += weight * (weight + 2.0 * (total[to] - aim.target[to]))
    cost /= aim.grain * aim.grain
    cost += aim.border_price * longer_border(ground, part, unit, to)
    if aim.move_price > 0.0:
        moved = (to != aim.home[unit]) - (own != aim.home[unit])
        cost += aim.move_price * moved * weight / aim.grain
    return cost


@compiled
def farthest(aim: Aim, total: Floats) -> float:
    """How far the worst part that counts is from its target, in weight."""
    worst = 0.0
    for index in range(len(total)):
        if aim.counts[index]:
            worst = max(worst, abs(total[index] - aim.target[index]))
    return worst


@compiled
def weigh(ground: Ground, part: Parts, total: Floats, units_in: NDArray[np.int64]) -> None:
    """Fill in the weight of each part and how many units it has."""
    total[:] = 0.0
    units_in[:] = 0
    for unit in range(len(part)):
        total[part[unit]] += ground.weight[unit]
        units_in[part[unit]] += 1


@compiled
def drawn_move(
    ground: Ground, aim: Aim, part: Parts, units: Parts, rng: np.random.Generator
) -> tuple[int, int]:
    """Draw a unit of ``units`` and one of its neighbours' parts; (-1, -1) where nothing moves."""
    unit = units[int(rng.random() * len(units))]
    first = ground.start[unit]
    neighbours = ground.start[unit + 1] - first
    if neighbours == 0:
        return -1, -1
    to = part[ground.neighbour[first + int(rng.random() * neighbours)]]
    own = part[unit]
    if to == own or not aim.open[to] or not aim.open[own]:
        return -1, -1
    return unit, to


@compiled
def walk(
    ground: Ground,
    aim: Aim,
    units: Parts,
    part: Parts,
    best: Parts,
    hot: float,
    cold: float,
    steps: int,
    rng: np.random.Generator,
    stop_when_enough: bool,
) -> None:
    """Walk from ``part``, which ends as the last plan; ``best`` becomes the best one met.

    A step that costs c more is taken with probability exp(-c / heat) (Metropolis et al.,
    1953), the heat falling from ``hot`` to ``cold``. Of two plans the better is the one whose
    farthest part that counts is nearer (`Aim.enough`), then the cheaper one. ``units`` are
    those that may move.
    """
    parts = len(aim.target)
    total, units_in = np.empty(parts), np.empty(parts, np.int64)
    weigh(ground, part, total, units_in)
    seen, queue = np.zeros(len(part), np.int32), np.empty(len(part), np.int32)
    best[:] = part
    cost = least_cost = 0.0
    nearest = max(aim.enough, farthest(aim, total))
    heat, cooling = hot, (cold / hot) ** (1.0 / max(steps, 1))
    for _ in range(steps):
        if stop_when_enough and nearest <= aim.enough:
            return
        heat *= cooling
        unit, to = drawn_move(ground, aim, part, units, rng)
        if unit < 0 or units_in[part[unit]] == 1:
            continue
        extra = extra_cost(ground, aim, part, total, unit, to)
        if extra > 0.0 and rng.random() >= np.exp(-extra / heat):
            continue
        if not leaves_whole(ground, part, unit, seen, queue):
            continue
        own, weight = part[unit], ground.weight[unit]
        part[unit] = to
        total[own] -= weight
        total[to] += weight
        units_in[own] -= 1
        units_in[to] += 1
        cost += extra
        off = max(aim.enough, farthest(aim, total))
        if off < nearest or (off == nearest and cost < least_cost - 1e-9):
            nearest, least_cost = off, cost
            best[:] = part
