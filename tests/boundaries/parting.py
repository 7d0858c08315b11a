"""Coverages to be parted, and plans judged without the code under test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.balancing.units import Units
from gis.adjacency import Adjacency, adjacency_of
from tests.gis.lattice import crooked_lattice

Neighbours = Sequence[set[int]]


def lattice_units(columns: int, rows: int, *, seed: int, uneven: float = 0.8) -> Units:
    """Cells of a crooked lattice; one weight in eight is 0."""
    rng = np.random.default_rng(seed)
    weight = np.rint(np.exp(rng.normal(4, uneven, columns * rows)))
    weight[rng.random(len(weight)) < 0.125] = 0.0
    weight[0] += 1.0
    return Units(weight, adjacency_of(crooked_lattice(columns, rows, seed=seed)))


def scattered_units(count: int, *, seed: int) -> Units:
    """Voronoi cells of random points: no lattice, any number of neighbours."""
    rng = np.random.default_rng(seed)
    points = shapely.MultiPoint(rng.uniform(0, 1, (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, 1, 1)))
    near = [
        (one, other)
        for one in range(len(cells))
        for other in range(one)
        if shapely.length(shapely.intersection(cells[one], cells[other])) > 1e-9
    ]
    return Units(
        rng.integers(1, 100, len(cells)).astype(float), Adjacency.of_pairs(len(cells), near)
    )


def neighbours(units: Units) -> list[set[int]]:
    """The neighbours of each unit."""
    return [set(units.adjacency.of(unit).tolist()) for unit in range(len(units))]


def is_connected(members: set[int], near: Neighbours) -> bool:
    """Whether units hang together; nothing at all does not."""
    reached, waiting = set[int](), list(members)[:1]
    while waiting:
        unit = waiting.pop()
        if unit not in reached:
            reached.add(unit)
            waiting += near[unit] & members
    return bool(members) and reached == members


def members_of(part: Sequence[int] | NDArray[np.integer], parts: int) -> list[set[int]]:
    """The units of each part."""
    return [{unit for unit, own in enumerate(part) if own == each} for each in range(parts)]


def every_plan(near: Neighbours, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to give units to parts that are contiguous and not empty."""
    for plan in product(range(parts), repeat=len(near)):
        if all(is_connected(members, near) for members in members_of(plan, parts)):
            yield plan


def farthest(weight: Sequence[float], plan: Sequence[int], parts: int) -> float:
    """Largest relative deviation of a part from the mean."""
    mean = sum(weight) / parts
    totals = [0.0] * parts
    for own, each in zip(plan, weight, strict=True):
        totals[own] += each
    return max(abs(total - mean) for total in totals) / mean
