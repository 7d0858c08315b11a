"""How often chance does as much: conditional permutations of the values (Anselin 1995).

A place keeps its value, those of its neighbours are drawn from all others without
replacement. Every place is held against the same draws, as in PySAL's esda. Because they are
the same, what is drawn for k neighbours is summed and sorted once for all places with k of them;
only draws in which the place itself was drawn are put right. That takes n log P instead of
n k P steps, so a million draws cost what a thousand did.

A draw that gives the very same sum is in both tails. Of few cases most draws do: a place with
none around it is no marvel then, as it would be were ties counted above only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.patterns.neighbours import Neighbours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Places drawn and held at once: 120 MB.
MOST_HELD = 10_000_000
_EXACT_BITS = 40


@dataclass(frozen=True, slots=True)
class Tails:
    """In how many draws the neighbours' values sum to as much as they do, or more; or less."""

    above: Ints
    below: Ints
    draws: int

    def two_sided(self) -> Floats:
        """``p``: twice the pseudo-significance ``(tail + 1) / (draws + 1)`` of the smaller tail."""
        tail = np.minimum(self.above, self.below)
        return np.minimum(1.0, 2.0 * (tail + 1.0) / (self.draws + 1.0))


def tail_counts(
    values: Floats, neighbours: Neighbours, *, draws: int, rng: np.random.Generator
) -> Tails:
    """How often draws reach the sum of the neighbours' values from below, and from above.

    Each place has at most n - 2 neighbours. A place without neighbours is reached by every draw.
    """
    whole = _on_even_steps(values)
    observed = neighbours.sums(whole)
    above = np.where(neighbours.cardinalities > 0, 0, draws)
    below = above.copy()
    width = int(neighbours.cardinalities.max(initial=0)) + 1
    at_once = max(1, MOST_HELD // width)
    for done in range(0, draws, at_once):
        table = draw_places(min(at_once, draws - done), width, neighbours.count, rng)
        _add_reached(above, below, whole, observed, neighbours.cardinalities, table)
    return Tails(above, below, draws)


def _on_even_steps(values: Floats) -> Floats:
    """Values from 0 on in whole steps of 2^-40 of their range or less.

    Sums of 8,000 such steps are exact in any order, so the same values drawn in another order tie.
    Whole numbers stay what they are, the step being a power of two.
    """
    raised: Floats = values - values.min()
    most = raised.max()
    if most == 0:
        return raised
    step = 2.0 ** (np.ceil(np.log2(most)) - _EXACT_BITS)
    steps: Floats = np.rint(raised / step)
    return steps


def draw_places(draws: int, width: int, count: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """``draws`` rows of ``width`` different places of ``count``, each order equally likely."""
    if width > count:
        raise ValueError(f"{width} different places of {count}")
    if width * width > count:
        # Rows without a repetition would be rare.
        keys = rng.random((draws, count))
        return np.argsort(keys, axis=1)[:, :width].astype(np.int32)
    table = rng.integers(count, size=(draws, width), dtype=np.int32)
    while True:
        row = np.sort(table, axis=1)
        again = np.flatnonzero((row[:, 1:] == row[:, :-1]).any(axis=1))
        if not len(again):
            return table
        table[again] = rng.integers(count, size=(len(again), width), dtype=np.int32)


def _add_reached(
    above: Ints,
    below: Ints,
    values: Floats,
    observed: Floats,
    cardinalities: Ints,
    table: NDArray[np.int32],
) -> None:
    drawn = values[table]
    sums = np.zeros(len(table))
    for k in range(1, table.shape[1]):
        sums += drawn[:, k - 1]
        places = np.flatnonzero(cardinalities == k)
        if not len(places):
            continue
        ranked = np.sort(sums)
        above[places] += len(table) - np.searchsorted(ranked, observed[places], "left")
        below[places] += np.searchsorted(ranked, observed[places], "right")
        # Where the place itself was drawn, the next of the row stands in for it.
        row, column = np.nonzero(cardinalities[table[:, :k]] == k)
        own = table[row, column]
        wanted, with_own = observed[own], sums[row]
        without = with_own - drawn[row, column] + drawn[row, k]
        np.add.at(above, own, (without >= wanted).astype(np.int64) - (with_own >= wanted))
        np.add.at(below, own, (without <= wanted).astype(np.int64) - (with_own <= wanted))
