"""The most even plan there is, by looking at every one that could be: for small coverages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.units import OutOfTime, Units

MOST_UNITS = 64
MOST_LOOKS = 100_000
_BETWEEN_CLOCK_LOOKS = 512


@dataclass(frozen=True, slots=True)
class Exhausted:
    """What a search came to.

    ``part`` is the most even plan better than the one it began with, None where there is
    none; ``finished`` says whether every plan was looked at or ruled out.
    """

    part: NDArray[np.int32] | None
    finished: bool


def most_even(
    units: Units, parts: int, below: float, out_of_time: OutOfTime, looks: int = MOST_LOOKS
) -> Exhausted:
    """Look for plans whose farthest part is nearer to the mean than ``below`` (in weight).

    A set of units is an integer with a bit for each. The part of one unit at the edge of
    what is left is grown in every way that keeps its weight within reach; then the rest is
    parted likewise. Whatever leaves a piece that no number of parts fits is ruled out.

    Parameters
    ----------
    looks
        How many sets to look at before giving up, so that the answer does not depend on
        the machine.
    """
    if len(units) > MOST_UNITS:
        return Exhausted(None, finished=False)
    search = _Search(units, parts, below, out_of_time, looks)
    try:
        search.part_rest((1 << len(units)) - 1, parts, [])
    except _GivenUp:
        return Exhausted(search.found(), finished=False)
    return Exhausted(search.found(), finished=True)


class _GivenUp(Exception):
    """Too many sets, or no time left."""


@dataclass
class _Search:
    units: Units
    parts: int
    below: float
    out_of_time: OutOfTime
    looks_left: int
    near: list[int] = field(init=False)
    weights: list[float] = field(init=False)
    mean: float = field(init=False)
    best: list[int] | None = None

    def __post_init__(self) -> None:
        adjacency = self.units.adjacency
        self.near = [
            sum(1 << other for other in adjacency.of(unit).tolist())
            for unit in range(len(self.units))
        ]
        self.weights = self.units.weight.tolist()
        self.mean = sum(self.weights) / self.parts

    def found(self) -> NDArray[np.int32] | None:
        if self.best is None:
            return None
        part = np.empty(len(self.units), dtype=np.int32)
        for number, members in enumerate(self.best):
            part[list(_bits(members))] = number
        return part

    def part_rest(self, rest: int, parts: int, done: list[int]) -> None:
        """Part what is left in every way; ``done`` are the parts there are."""
        if parts == 1:
            off = abs(self._weight(rest) - self.mean)
            if off < self.below:
                farthest = max([off, *(abs(self._weight(each) - self.mean) for each in done)])
                self.below, self.best = farthest, [*done, rest]
            return
        first = min(_bits(rest), key=lambda unit: (self.near[unit] & rest).bit_count())
        self._grow(rest, 1 << first, self.weights[first], self.near[first] & rest, 0, parts, done)

    def _grow(
        self, rest: int, part: int, weight: float, frontier: int, barred: int, parts: int,
        done: list[int],
    ) -> None:  # fmt: skip
        self._look()
        if weight - self.mean >= self.below:
            return
        if abs(weight - self.mean) < self.below and self._can_be_parted(rest & ~part, parts - 1):
            self.part_rest(rest & ~part, parts - 1, [*done, part])
        if not frontier:
            return
        if weight + self._within_reach(part, rest & ~barred) - self.mean <= -self.below:
            return
        unit = (frontier & -frontier).bit_length() - 1
        bit = 1 << unit
        more = (frontier | self.near[unit]) & rest & ~(part | bit | barred)
        self._grow(rest, part | bit, weight + self.weights[unit], more, barred, parts, done)
        self._grow(rest, part, weight, frontier & ~bit, barred | bit, parts, done)

    def _look(self) -> None:
        self.looks_left -= 1
        if self.looks_left < 0 or (
            self.looks_left % _BETWEEN_CLOCK_LOOKS == 0 and self.out_of_time()
        ):
            raise _GivenUp

    def _weight(self, members: int) -> float:
        return sum(self.weights[unit] for unit in _bits(members))

    def _within_reach(self, part: int, allowed: int) -> float:
        """Weight of what could still be joined to a part."""
        return self._weight(self._piece(part, allowed) & ~part)

    def _piece(self, seed: int, allowed: int) -> int:
        piece, edge = seed, seed
        while edge:
            beyond = 0
            for unit in _bits(edge):
                beyond |= self.near[unit]
            edge = beyond & allowed & ~piece
            piece |= edge
        return piece

    def _can_be_parted(self, rest: int, parts: int) -> bool:
        """Whether so many parts of a fitting weight could fill the pieces of what is left."""
        light, heavy = self.mean - self.below, self.mean + self.below
        fewest = most = 0
        while rest:
            piece = self._piece(rest & -rest, rest)
            rest &= ~piece
            weight = self._weight(piece)
            at_least = max(1, ceil(weight / heavy))
            at_most = parts if light <= 0 else floor(weight / light)
            if at_least > at_most:
                return False
            fewest += at_least
            most += at_most
        return fewest <= parts <= most


def _bits(members: int) -> Iterator[int]:
    while members:
        low = members & -members
        yield low.bit_length() - 1
        members ^= low
