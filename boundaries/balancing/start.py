"""What a search for even parts begins with: how even they could be, and a first plan."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import ceil, floor, inf

import numpy as np
from numpy.typing import NDArray

from boundaries.balancing.units import Units
from gis.errors import BadInput


def parts_of_pieces(units: Units, piece: NDArray[np.int32], parts: int) -> list[int]:
    """Share parts out among pieces of the coverage so that they can be as even as possible.

    Raises
    ------
    BadInput
        ``parts_too_few`` (below 1), ``parts_too_many`` (more than units), ``units_apart``
        (fewer than the pieces, as no part may lie in two).
    """
    if parts < 1:
        raise BadInput("parts_too_few", f"{parts} parts: at least 1 is needed", parts=parts)
    if parts > len(units):
        raise BadInput(
            "parts_too_many",
            f"{parts} parts cannot be made of {len(units)} units: each needs one of its own",
            parts=parts,
            units=len(units),
        )
    sizes = np.bincount(piece)
    if parts < len(sizes):
        firsts = [int(np.flatnonzero(piece == each)[0]) for each in range(len(sizes))]
        raise BadInput(
            "units_apart",
            f"the units lie in {len(sizes)} pieces that share no border (with"
            f" {units.listed(firsts)}), so {parts} contiguous parts cannot hold them all",
            pieces=len(sizes),
            parts=parts,
        )
    weights = np.bincount(piece, weights=units.weight)
    return _shares(weights.tolist(), sizes.tolist(), parts)


def _shares(weights: list[float], sizes: list[int], parts: int) -> list[int]:
    """Parts for each piece so that the farthest mean of a piece is nearest to the whole mean."""
    mean = sum(weights) / parts
    # least[k]: (how far the farthest is, parts of each piece so far) with k parts in all
    least: dict[int, tuple[float, list[int]]] = {0: (0.0, [])}
    for place, (weight, size) in enumerate(zip(weights, sizes, strict=True)):
        after = len(sizes) - place - 1
        grown: dict[int, tuple[float, list[int]]] = {}
        for used, (off, shares) in least.items():
            for share in range(1, min(size, parts - used - after) + 1):
                farthest = max(off, abs(weight / share - mean))
                if farthest < grown.get(used + share, (inf, []))[0]:
                    grown[used + share] = (farthest, [*shares, share])
        least = grown
    return least[parts][1]


def least_off(weight: NDArray[np.float64], parts: int) -> float:
    """A bound: no plan's farthest part is nearer to the mean than this, in weight.

    Whatever part holds the heaviest unit weighs that much; and where every weight is a
    multiple of one whole number, so is the weight of every part.
    """
    mean = float(weight.sum()) / parts
    bound = max(0.0, float(weight.max()) - mean)
    if (weight == np.rint(weight)).all() and weight.sum() < 2**53:
        step = int(np.gcd.reduce(weight.astype(np.int64)))
        below, above = floor(mean / step) * step, ceil(mean / step) * step
        bound = max(bound, mean - below, above - mean)
    return bound


def grown_plan(
    units: Units, piece: NDArray[np.int32], shares: list[int], rng: np.random.Generator
) -> NDArray[np.int32]:
    """Grow parts from units drawn at random, the lightest part taking the next neighbour."""
    part = np.full(len(units), -1, dtype=np.int32)
    weights = units.weight.tolist()
    seeds: list[int] = []
    for each, share in enumerate(shares):
        members = np.flatnonzero(piece == each)
        seeds += rng.choice(members, share, replace=False).tolist()
    part[seeds] = np.arange(len(seeds))
    edges = [units.adjacency.of(seed).tolist() for seed in seeds]
    lightest = [(weights[seed], number) for number, seed in enumerate(seeds)]
    heapify(lightest)
    while lightest:
        total, number = heappop(lightest)
        edge = edges[number]
        while edge:
            at = int(rng.integers(len(edge)))
            edge[at], edge[-1] = edge[-1], edge[at]
            unit = edge.pop()
            if part[unit] < 0:
                part[unit] = number
                edge += units.adjacency.of(unit).tolist()
                heappush(lightest, (total + weights[unit], number))
                break
    return part
