"""How many households and people the demo city's buildings have: counts by a seed, no people."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from api.demo.coverage import DemoGround
from api.demo.scatter import points_in
from gis.crs import STORAGE_SRID, objects

POPULATION = 830_000
PEOPLE_A_HOUSEHOLD = 2.7
# Households of a building: a block of flats in the town, a few houses counted as one outside.
TOWN_BLOCK, VILLAGE_ROW = 24.0, 7.0
TOWN_FROM_DENSITY = 0.25
# Town blocks differ by a factor of two or so.
BLOCK_SHAPE = 5.0


def generate_counts(ground: DemoGround, *, seed: int) -> gpd.GeoDataFrame:
    """Columns ``households, population`` at points; the population sums to ``POPULATION``.

    Only base grids are lived in, and no lake.
    """
    rng = np.random.default_rng([seed, 3])
    grids: gpd.GeoDataFrame = ground.grids[ground.grids["kind"] == "base"]
    shapes = grids.geometry.to_numpy()
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    density = ground.site.terrain.density(middle)
    # Each base grid was cut to be about as crowded as the next: what is left is chance.
    people = rng.gamma(9, 1 / 9, len(grids)) * np.clip(density, 0.05, 1) ** 0.25
    households = people / people.sum() * POPULATION / PEOPLE_A_HOUSEHOLD
    block = np.where(density > TOWN_FROM_DENSITY, TOWN_BLOCK, VILLAGE_ROW)
    buildings = np.maximum(1, np.rint(households / block)).astype(np.int64)
    grid = np.repeat(np.arange(len(grids)), buildings)
    dry = shapely.difference(objects(shapes), shapely.union_all(ground.site.terrain.lakes))
    lng, lat = points_in(rng, dry[grid])
    size = rng.gamma(BLOCK_SHAPE, 1 / BLOCK_SHAPE, len(grid))
    counted = np.maximum(1, np.rint(households[grid] / buildings[grid] * size)).astype(np.int64)
    return gpd.GeoDataFrame(
        {"households": counted, "population": _people(rng, counted)},
        geometry=shapely.points(lng, lat),
        crs=STORAGE_SRID,
    )


def _people(rng: np.random.Generator, households: np.ndarray) -> np.ndarray:
    """Whole people in each building that sum to ``POPULATION``."""
    exact = households * rng.gamma(40, 1 / 40, len(households))
    share = np.cumsum(exact) / exact.sum() * POPULATION
    return np.diff(np.rint(share).astype(np.int64), prepend=0)
