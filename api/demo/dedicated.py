"""Dedicated grids: schools, markets, industrial parks and hospitals cut out of base grids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from api.demo.cutting import compactness, directions
from api.demo.plane import Points

TRIED_PLACES = 24
# A dedicated grid takes at most this share of its base grid and leaves it this compact.
LARGEST_SHARE, LEAST_COMPACT_REST = 0.4, 0.25


@dataclass(frozen=True)
class Purpose:
    """What a dedicated grid is for: its word, how many, how large, and how crowded its place."""

    word: str
    count: int
    front_m: tuple[float, float]
    crowding: float  # the density is raised to this to choose its place


PURPOSES = (
    Purpose("小学", 46, (110, 170), 0.8),
    Purpose("中学", 22, (150, 230), 0.7),
    Purpose("农贸市场", 26, (80, 130), 0.9),
    Purpose("工业园", 16, (320, 620), 0.25),
    Purpose("医院", 8, (120, 190), 1.0),
)
DEDICATED_COUNT = sum(purpose.count for purpose in PURPOSES)


@dataclass(frozen=True)
class Carved:
    """A dedicated grid in the layout: its base grid's index, its shape, what it is for."""

    base: int
    shape: shapely.Polygon
    purpose: Purpose


def carve(
    rng: np.random.Generator, shapes: Sequence[shapely.Polygon], density: Points
) -> tuple[list[shapely.Polygon], list[Carved]]:
    """Cut all dedicated grids out of the base grids, at most one of each; answers both."""
    rest, carved = list(shapes), []
    free = np.ones(len(rest), dtype=bool)
    area = shapely.area(shapes)
    for purpose in PURPOSES:
        least_m2 = purpose.front_m[0] ** 2 * 1.6
        weight = density**purpose.crowding * np.where(area < 4e6, 1.0, 0.02)
        for _ in range(purpose.count):
            while True:
                chance = weight * free * (area > least_m2)
                base = int(rng.choice(len(rest), p=chance / chance.sum()))
                free[base] = False
                cut = _yard(rng, rest[base], purpose)
                if cut is not None:
                    break
            rest[base] = cut[1]
            carved.append(Carved(base, cut[0], purpose))
    return rest, carved


def _yard(
    rng: np.random.Generator, shape: shapely.Polygon, purpose: Purpose
) -> tuple[shapely.Polygon, shapely.Polygon] | None:
    """A yard along one side of a grid, and the rest; None where none fits."""
    rim = shape.exterior
    for _ in range(TRIED_PLACES):
        front = min(float(rng.uniform(*purpose.front_m)), 0.55 * float(np.sqrt(shape.area)))
        depth = front * rng.uniform(0.7, 1.1)
        at = rng.uniform(0, rim.length)
        start, end = (
            np.array(rim.interpolate((at + way) % rim.length).coords[0])
            for way in (-front / 2, front / 2)
        )
        along, across = directions(float(np.arctan2(*(end - start)[::-1])))
        middle = (start + end) / 2
        if not shape.contains(shapely.Point(middle + across * depth / 2)):
            across = -across
        corners = [
            middle + along * s * front / 2 + across * t
            for s, t in ((-1, -25), (1, -25), (1, depth), (-1, depth))
        ]
        block = shapely.Polygon(corners)
        yard, left = shapely.intersection(shape, block), shapely.difference(shape, block)
        if (
            isinstance(yard, shapely.Polygon)
            and isinstance(left, shapely.Polygon)
            and 0.6 * front * depth < yard.area < LARGEST_SHARE * shape.area
            and compactness(yard) > 0.5
            and compactness(left) > LEAST_COMPACT_REST
        ):
            return yard, left
    return None
