"""Places by chance: in polygons, and along lines."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from api.demo.plane import METRES_PER_LAT, METRES_PER_LNG

Numbers = NDArray[np.float64]

DECIMALS = 7


def points_in(rng: np.random.Generator, polygons: NDArray[np.object_]) -> tuple[Numbers, Numbers]:
    """A random point in each polygon (degrees): tried in its box until it falls inside."""
    shapely.prepare(polygons)
    west, south, east, north = shapely.bounds(polygons).T
    lng, lat = np.empty(len(polygons)), np.empty(len(polygons))
    left = np.arange(len(polygons))
    while len(left):
        lng[left] = np.round(rng.uniform(west[left], east[left]), DECIMALS)
        lat[left] = np.round(rng.uniform(south[left], north[left]), DECIMALS)
        left = left[~shapely.contains_xy(polygons[left], lng[left], lat[left])]
    return lng, lat


def points_along(
    rng: np.random.Generator, lines: NDArray[np.object_], aside_m: float
) -> tuple[Numbers, Numbers]:
    """A random point of each line (degrees), a few metres off it."""
    share = rng.random(len(lines))
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True))
    return moved(rng, at[:, 0], at[:, 1], aside_m)


def moved(
    rng: np.random.Generator, lng: Numbers, lat: Numbers, about_m: float | Numbers
) -> tuple[Numbers, Numbers]:
    """Places moved by chance, normally distributed with this standard deviation each way."""
    return (
        np.round(lng + rng.normal(0, 1, len(lng)) * about_m / METRES_PER_LNG, DECIMALS),
        np.round(lat + rng.normal(0, 1, len(lat)) * about_m / METRES_PER_LAT, DECIMALS),
    )
