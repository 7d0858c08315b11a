"""How often chance does as much: conditional permutations of the values (Anselin 1995).

A place keeps its value, those of its neighbours are drawn from all others without
replacement. Every place is held against the same draws, as in PySAL's esda. Because they are
the same, what is drawn for k neighbours is summed and sorted once for all places with k of them;
only draws in which the place itself was drawn are put right. That takes n log P instead of
n k P steps, so a million draws cost what a thousand did.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gis.patterns.neighbours import Neighbours

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Draws held at once: with ten neighbours 80 MB.
CHUNK = 1_000_000


def tail_counts(
    values: Floats, neighbours: Neighbours, *, draws: int, rng: np.random.Generator
) -> Ints:
    """In how many draws the neighbours' values sum to at least what they are.

    Each place has at most n - 2 neighbours. A place without neighbours is never reached: 0.
    """
    observed = neighbours.sums(values)
    reached = np.zeros(neighbours.count, dtype=np.int64)
    for done in range(0, draws, CHUNK):
        table = draw_places(
            min(CHUNK, draws - done),
            int(neighbours.cardinalities.max(initial=0)) + 1,
            neighbours.count,
            rng,
        )
        reached += _reached(values, observed, neighbours.cardinalities, table)
    return reached


def two_sided(reached: Ints, draws: int) -> Floats:
    """``p`` of a number of draws that reach the observed sum, both tails; never 0.

    Twice the pseudo-significance ``(tail + 1) / (draws + 1)`` of the smaller tail.
    """
    tail = np.minimum(reached, draws - reached)
    return np.minimum(1.0, 2.0 * (tail + 1.0) / (draws + 1.0))


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


def _reached(
    values: Floats, observed: Floats, cardinalities: Ints, table: NDArray[np.int32]
) -> Ints:
    reached = np.zeros(len(values), dtype=np.int64)
    drawn = values[table]
    sums = np.zeros(len(table))
    for k in range(1, table.shape[1]):
        sums += drawn[:, k - 1]
        places = np.flatnonzero(cardinalities == k)
        if not len(places):
            continue
        reached[places] = len(table) - np.searchsorted(np.sort(sums), observed[places], "left")
        # Where the place itself was drawn, the next of the row stands in for it.
        row, column = np.nonzero(cardinalities[table[:, :k]] == k)
        own = table[row, column]
        replaced = sums[row] - drawn[row, column] + drawn[row, k]
        change = (replaced >= observed[own]).astype(np.int64) - (sums[row] >= observed[own])
        np.add.at(reached, own, change)
    return reached
