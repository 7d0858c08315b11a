"""Cut a coverage into contiguous parts of even weight, with short borders between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.exact import MOST_UNITS, most_even
from boundaries.balancing.rounds import Search
from boundaries.balancing.start import least_off, parts_of_pieces
from boundaries.balancing.units import OutOfTime, Units, never
from gis.errors import BadInput

# How many rounds may bring nothing before the search ends.
PATIENCE_ROUNDS = 40
_ROUNDS_BEFORE_EXACT = 1


@dataclass(frozen=True, slots=True)
class BalanceOptions:
    """How to part.

    Parameters
    ----------
    parts
        How many parts, 1 or more.
    seed
        The same seed gives the same plan, unless time runs out.
    even_enough
        Relative deviation of the farthest part below which plans count as equally even, and the
        one with shorter borders and less spread is taken; 0 for the most even plan whatever its
        shape. Spread counts in units of mean weight, squared, a border of mean length 0.4.
    """

    parts: int
    seed: int = 0
    even_enough: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.even_enough < 1:
            raise BadInput(
                "even_enough_invalid",
                f"a deviation that is even enough is 0 or more and below 1, not {self.even_enough}",
            )


@dataclass(frozen=True, slots=True)
class Balance:
    """A plan and how good it is.

    Attributes
    ----------
    part
        int32 (units,): the part of each unit, numbered from 0 by their lowest units.
    totals
        float64 (parts,): weight of each part.
    deviation
        How far the farthest part is from the mean, relative to it.
    border
        Length of all borders between parts, in the measure of the adjacency.
    proven
        Whether it is known that no plan is more even.
    settled
        Whether the search ended by itself; False when time ran out.
    rounds
        How many times it began anew.
    """

    part: NDArray[np.int32]
    totals: NDArray[np.float64]
    deviation: float
    border: float
    proven: bool
    settled: bool
    rounds: int


def balance(units: Units, options: BalanceOptions, out_of_time: OutOfTime = never) -> Balance:
    """Part units into contiguous parts as even as can be found.

    Every round grows parts at random, or heats the best plan so far; lets single units cross
    borders while it cools; then brings one part after another to its weight by trading with
    a neighbour (`Search`). A small coverage is searched through to the end. The first plan
    is made even when the time is over already.

    Raises
    ------
    BadInput
        ``parts_too_few``, ``parts_too_many`` or ``units_apart``.
    """
    parts = options.parts
    piece = units.adjacency.pieces()
    shares = parts_of_pieces(units, piece, parts)
    mean = float(units.weight.sum()) / parts
    bound = least_off(units.weight, parts)
    floor = max(bound, options.even_enough * mean)
    search = Search.begin(units, piece, shares, floor, options.seed)
    exact = len(shares) == 1 and 1 < parts < len(units) <= MOST_UNITS
    proven = settled = search.is_only_plan
    idle = 0
    while not settled and not out_of_time():
        idle = 0 if search.round(out_of_time) else idle + 1
        if exact and search.rounds == _ROUNDS_BEFORE_EXACT and search.off > floor:
            found = most_even(units, parts, search.off, out_of_time)
            if found.part is not None:
                search.take(found.part)
            if found.finished:
                proven = True
                search.floor = search.off
        settled = idle >= PATIENCE_ROUNDS
    part = _by_lowest_unit(search.best)
    totals = units.totals(part, parts)
    farthest = float(np.abs(totals - mean).max())
    return Balance(
        part=part,
        totals=totals,
        deviation=farthest / mean,
        border=units.border(part),
        proven=proven or farthest <= bound,
        settled=settled,
        rounds=search.rounds,
    )


def _by_lowest_unit(part: NDArray[np.int32]) -> NDArray[np.int32]:
    _, first, inverse = np.unique(part, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first)).astype(np.int32)[inverse]
