"""Grids drawn anew so that they are even: from what was counted to the shapes of a proposal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.because import Because
from boundaries.balancing.borders import unite_blocks
from boundaries.balancing.change import Change, Today, propose
from boundaries.balancing.cut_region import SMALLEST_BLOCK_M2, CutRegion
from boundaries.balancing.cutting import Blocks
from boundaries.balancing.front import Liking
from boundaries.balancing.region import Region
from boundaries.balancing.units import OutOfTime, never
from boundaries.steps import Shape, to_degrees
from gis.measures import area_m2

ALIKE = 0.1
"""A plan that moves at most so much more than the one before it, by share, takes its place."""
LIKING = Liking(short_borders=0.7, even_enough=0.03)
"""On four communities of the demo city: without it grids lose 28 % of their roundness (Polsby and
Popper), with it 11 %, and 9 % more households move; at twice as much 10 %, and 26 % more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Grids as they are or could be, measured from their shapes.

    Attributes
    ----------
    areas
        The grids whose shape is another, EPSG:4326.
    totals
        What each grid of the region weighs.
    deviation
        How far the farthest grid is from the mean of its parent, relative to that mean.
    spread
        Root of the mean square of all grids' deviations.
    moved
        How much of what was counted is in another grid than today.
    """

    areas: Mapping[str, Shape]
    totals: Mapping[str, float]
    deviation: float
    spread: float
    moved: float


@dataclass(frozen=True, slots=True)
class Redistricting:
    """Proposals, or why there are none.

    Attributes
    ----------
    curve
        Moved weight and deviation from today on, each more even than the one before.
    plans
        Up to three, the one that moves least first; all more even than today.
    because
        For each parent that stays as it is, why.
    """

    today: Plan
    curve: tuple[tuple[float, float], ...]
    plans: tuple[Plan, ...]
    because: tuple[Because, ...]


def redistrict(
    cut: CutRegion,
    *,
    smallest_m2: float = SMALLEST_BLOCK_M2,
    seed: int = 0,
    out_of_time: OutOfTime = never,
) -> Redistricting:
    """Look for grids that are more even than today's and move little.

    Every parent is a problem of its own. What is answered is measured from the shapes that
    come of it; no plan among the answers is less even than today's by either measure, nor
    leaves a grid smaller than ``smallest_m2``, if it is not.
    """
    region = cut.region
    today = _measured(region, {})
    because: list[Because] = []
    left_out = _with_reason(region, today, because)
    open_codes = [code for code in region.codes if code not in left_out]
    if not open_codes:
        return Redistricting(today, ((0.0, today.deviation),), (), tuple(because))
    number = {code: at for at, code in enumerate(open_codes)}
    members = np.array([at for at, code in enumerate(cut.blocks.grid) if code in number])
    home = np.array([number[cut.blocks.grid[at]] for at in members], dtype=np.int32)
    parents = [region.parents[code] for code in open_codes]
    found = propose(
        Today(cut.units(members), home, parents), liking=LIKING, seed=seed, out_of_time=out_of_time
    )
    plans: list[Plan] = []
    for change in found.proposals:
        plan = _measured(region, _areas(cut, members, open_codes, change))
        better = plan.spread < today.spread and plan.deviation <= today.deviation
        if better and not _leaves_a_rest(region, plan, smallest_m2):
            if plans and plan.moved - plans[-1].moved <= ALIKE * plan.moved:
                plans.pop()
            plans.append(plan)
    # The grids left out are as even as they can be: alone in their parent, or with nothing.
    curve = tuple((each.moved_weight, each.deviation) for each in found.curve)
    return Redistricting(today, curve, tuple(plans), (*because, *found.because))


def _with_reason(region: Region, today: Plan, because: list[Because]) -> set[str]:
    """Grids of parents about which nothing can be done, which is said."""
    of_parent: dict[str, list[str]] = defaultdict(list)
    for code in region.codes:
        of_parent[region.parents[code]].append(code)
    left_out: set[str] = set()
    for parent, codes in of_parent.items():
        if len(codes) == 1:
            because.append(Because("one_chosen", parent, codes[0]))
        elif not sum(today.totals[code] for code in codes):
            because.append(Because("no_weight", parent))
        else:
            continue
        left_out |= set(codes)
    return left_out


def _areas(
    cut: CutRegion, members: NDArray[np.int64], codes: list[str], change: Change
) -> dict[str, Shape]:
    """The shapes of the grids that a change of blocks makes others."""
    blocks = Blocks(
        [cut.blocks.faces[at] for at in members],
        [cut.blocks.grid[at] for at in members],
        cut.blocks.fixed,
    )
    mean = float(change.totals.mean())
    shapes = unite_blocks(blocks, change.part, cut.in_the_way(mean))
    number = {code: at for at, code in enumerate(codes)}
    home = np.array([number[code] for code in blocks.grid])
    touched = set(home[change.moved].tolist()) | set(change.part[change.moved].tolist())
    return {codes[at]: to_degrees(shapes[at]) for at in sorted(touched)}


def _leaves_a_rest(region: Region, plan: Plan, smallest_m2: float) -> bool:
    """Whether a grid would be smaller than grids are to be, and than it is."""
    codes = list(plan.areas)
    now_m2 = area_m2([plan.areas[code] for code in codes], region.crs)
    was_m2 = area_m2([region.grids[code] for code in codes], region.crs)
    return bool((now_m2 < 0.99 * np.minimum(was_m2, smallest_m2)).any())


def _measured(region: Region, areas: Mapping[str, Shape]) -> Plan:
    totals = region.totals(areas)
    away = np.array([*_deviations(region, totals).values()])
    return Plan(
        areas=areas,
        totals=totals,
        deviation=float(np.abs(away).max()),
        spread=float(np.sqrt((away**2).mean())),
        moved=region.moved(areas) if areas else 0.0,
    )


def _deviations(region: Region, totals: Mapping[str, float]) -> dict[str, float]:
    """How far each grid is from the mean of its parent, relative to it; 0 where that is 0."""
    of_parent: dict[str, list[float]] = defaultdict(list)
    for code, total in totals.items():
        of_parent[region.parents[code]].append(total)
    mean = {parent: sum(found) / len(found) for parent, found in of_parent.items()}
    return {
        code: total / mean[parent] - 1 if mean[parent := region.parents[code]] else 0.0
        for code, total in totals.items()
    }
