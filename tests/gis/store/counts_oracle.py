"""Counts over a city of crooked grids, and how shapely splits them on an equal-area plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import Geometries, project
from tests.gis.lattice import crooked_lattice
from tests.gis.scattered_coverage import awkward_points

FIGURES = ["households", "population"]
OUTSIDE = ""
_PLANE = pyproj.CRS.from_proj4("+proj=laea +lat_0=30.03 +lon_0=121.03 +ellps=WGS84")


def counted(
    shapes: Geometries,
    households: Sequence[int | None],
    population: Sequence[int | None] | None = None,
) -> gpd.GeoDataFrame:
    """Counts as ``replace_counts`` takes them."""
    figures = {"households": households, "population": population or [None] * len(shapes)}
    frame = pd.DataFrame(figures).astype(dict.fromkeys(FIGURES, "Int32"))
    return gpd.GeoDataFrame(frame, geometry=list(shapes), crs=4326)


def lattice_city(seed: int, *, side: int = 6) -> gpd.GeoDataFrame:
    """A crooked lattice without three of its cells; codes of both cases in random order."""
    rng = np.random.default_rng(seed)
    cells = rng.permutation(crooked_lattice(side, side, seed=seed))[: side * side - 3]
    rows = [
        {
            "code": f"{'aB'[number % 2]}{number:04d}",
            "name": f"网格 {number}",
            "kind": "base",
            "community": f"c{number % 5}",
            "community_name": "社区",
            "township": "t",
            "township_name": "镇",
            "geometry": cell,
        }
        for number, cell in enumerate(cells)
    ]
    return gpd.GeoDataFrame(rows, crs=4326).sort_values("code").reset_index(drop=True)


def buildings_among(frame: gpd.GeoDataFrame, seed: int) -> gpd.GeoDataFrame:
    """Points and polygons in, across, along and beyond the grids, some without a figure.

    A polygon is 1 m to 5 km wide, in one part or two, with or without a hole; or a grid,
    several, all of them, their box, or far away. For odd seeds most figures are absent.
    """
    rng = np.random.default_rng(seed)
    grids = frame.geometry.to_numpy()
    west, south, east, north = frame.total_bounds
    shapes: list[Any] = [shapely.Point(place) for place in awkward_points(grids, seed, many=12)]
    for size in 10.0 ** rng.uniform(-5, -1.3, 30):
        x, y = rng.uniform((west - 0.01, south - 0.01), (east + 0.01, north + 0.01))
        angle, reach = np.sort(rng.uniform(0, 2 * np.pi, 9)), size * rng.uniform(0.3, 1, 9)
        star = shapely.Polygon(
            np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], axis=1)
        )
        if not star.is_valid:
            continue
        beside = shapely.box(x + 2 * size, y, x + 3 * size, y + size)
        shapes += [star, shapely.MultiPolygon([star, beside]), star - star.buffer(-size / 8)]
    some = list(rng.permutation(grids)[:4])
    shapes += [*some, shapely.union_all(some), shapely.union_all(grids)]
    shapes += [shapely.box(west, south, east, north), shapely.box(100, 20, 101, 21)]
    shapes = [shape for shape in shapes if shape.is_valid]
    numbers = rng.integers(0, 3000, (2, len(shapes)))
    figures = numbers.astype(object)
    figures[rng.uniform(size=numbers.shape) < (0.05, 0.97)[seed % 2]] = None
    return counted(shapes, *figures.tolist())


def split_by_shapely(frame: gpd.GeoDataFrame, counts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Figures by code, and of ``OUTSIDE``, one building after the other."""
    parts: list[tuple[str, int, float]] = []
    for building, shape in enumerate(counts.geometry):
        meets = frame[shapely.intersects(frame.geometry.to_numpy(), shape)]
        shares = dict.fromkeys(sorted(meets["code"])[:1], 1.0)
        if shape.geom_type != "Point":
            pieces = _areas_m2(shapely.intersection(meets.geometry.to_numpy(), shape))
            shares = dict(zip(meets["code"], pieces / _areas_m2([shape])[0], strict=True))
        shares[OUTSIDE] = 1 - sum(shares.values())
        parts += [(code, building, share) for code, share in shares.items() if share > 1e-7]
    split = pd.DataFrame(parts, columns=["code", "building", "share"])
    given = counts[FIGURES].astype("Float64")
    figures = given.loc[split["building"]].reset_index(drop=True).mul(split["share"], axis=0)
    told: pd.DataFrame = figures.groupby(split["code"]).sum(min_count=1)
    empty = [code for code in [OUTSIDE, *frame["code"]] if code not in told.index]
    nothing = {name: 0.0 if given[name].notna().any() else pd.NA for name in FIGURES}
    return pd.concat([told, pd.DataFrame(nothing, index=empty, dtype="Float64")]).sort_index()


def _areas_m2(shapes: Any) -> NDArray[np.float64]:
    # Edges are straight in degrees; in stretches of 100 m they are on the plane as well.
    short = shapely.segmentize(np.asarray(shapes, dtype=object), 1e-3)
    measured: NDArray[np.float64] = shapely.area(project(short, _PLANE))
    return measured
