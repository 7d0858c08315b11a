"""Real coverages to redraw: whole, or a window of some grids around one."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from api.demo.coverage import generate_coverage
from boundaries.draft_coverage import DraftCoverage
from boundaries.files.grid_file import read_grids
from boundaries.intake import admit, measuring_crs
from gis.crs import snap_to_storage_grid
from tests.boundaries.grid_files import options

DATA = Path(__file__).parents[2] / os.environ.get("WANGGE_TEST_DATA", "../shared/data")
GRIDS_PER_COMMUNITY = 12
DEMO_SEED = 1
IOWA_FEET_PER_DEGREE = np.array([271_000, 364_500]) * 40
"""A fortieth of its size: counties of 1 km."""


def _admitted(file: str, code: str) -> gpd.GeoDataFrame:
    path = DATA / file
    if not path.exists():
        pytest.skip(f"WANGGE_TEST_DATA: no {path.name} in {path.parent}")
    frame = read_grids(path, options(code=code)).frame
    return admit(frame, repair=True, crs=measuring_crs(frame)).frame


def _iowa() -> gpd.GeoDataFrame:
    """The counties, in feet of a projection that was lost, laid down as small as grids."""
    path = DATA / "redistricting" / "iowa.gpkg"
    if not path.exists():
        pytest.skip(f"WANGGE_TEST_DATA: no {path.name} in {path.parent}")
    feet = gpd.read_file(path)
    middle = feet.total_bounds.reshape(2, 2).mean(axis=0)
    degrees = shapely.transform(
        feet.geometry.to_numpy(), lambda c: (c - middle) / IOWA_FEET_PER_DEGREE + (-93.5, 42.0)
    )
    shapes = [
        shapely.get_geometry(shape, 0) if shapely.get_num_geometries(shape) == 1 else shape
        for shape in snap_to_storage_grid(degrees)
    ]
    return gpd.GeoDataFrame(
        {"code": feet["fips"].astype(str), "name": feet["name"], "kind": "base"},
        geometry=shapes,
        crs="EPSG:4326",
    )


SOURCES: dict[str, Callable[[], gpd.GeoDataFrame]] = {
    "beats": lambda: _admitted("city-houston/police_beats.geojson", "Beats"),
    "block groups": lambda: _admitted("city-houston/census_block_groups.geojson", "GEOID"),
    "fl25": lambda: _admitted("redistricting/fl25.geojson", "unit_id"),
    "iowa": _iowa,
    "demo": lambda: generate_coverage(DEMO_SEED),
}


@cache
def source(name: str) -> tuple[gpd.GeoDataFrame, pyproj.CRS]:
    """A coverage of ``SOURCES`` and the CRS that measures it."""
    frame = SOURCES[name]()
    return frame, measuring_crs(frame)


def window_of(name: str, middle: int, count: int) -> DraftCoverage:
    """A draft of the grids nearest to one, in communities that are strips from west to east."""
    frame, crs = source(name)
    places = shapely.get_coordinates(shapely.point_on_surface(frame.geometry.to_numpy()))
    apart = np.hypot(*(places - places[middle % len(frame)]).T)
    near = np.sort(np.argsort(apart, kind="stable")[:count])
    few = frame.iloc[near][["code", "name", "kind", "geometry"]].reset_index(drop=True)
    ranks = np.argsort(np.argsort(places[near, 0], kind="stable"))
    few["community"] = [f"C{rank // GRIDS_PER_COMMUNITY}" for rank in ranks]
    few["community_name"] = few["community"]
    few["township"], few["township_name"] = "T", "镇"
    return DraftCoverage.of(few, crs)
