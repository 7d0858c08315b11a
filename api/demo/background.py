"""The demo city's own light basemap: water, hills, and roads where the grids' edges run."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from api.demo import drawn
from api.demo.coverage import DemoGround
from api.demo.plane import METRES_PER_LAT, METRES_PER_LNG, degrees, metres
from api.demo.site import Site
from gis.coverage_edges import CITY_LEVEL, edges

# Half the river's width above and within the town and below, by the river's share.
RIVER_HALF_WIDTH_M = ((0.0, 16.0), (0.28, 24.0), (0.36, 36.0), (0.6, 44.0), (1.0, 60.0))
RIVER_REACHES = 40
HILL_HEIGHTS, HILL_CELL_M, HILL_ROUND_M = (0.45, 0.85), 260.0, 170.0
# Grids' edges are drawn as roads where it is this densely lived in, communities' nearly everywhere.
STREETS_FROM_DENSITY, LANES_FROM_DENSITY, LANES_BELOW_HEIGHT = 0.17, 0.012, 0.3
ROAD_TOLERANCE_M, SHAPE_TOLERANCE_M = 3.0, 6.0
# An edge this near to water or a main road is that, not another road beside it.
BESIDE_M = 12.0
DECIMALS = 5

COLUMNS = ["kind", "name_zh", "name_en", "geometry"]


def background_shapes(ground: DemoGround) -> gpd.GeoDataFrame:
    """Columns ``kind, name_zh, name_en, geometry`` (EPSG:4326, 1e-5 degree), lowest first.

    Hills, lakes and the river are polygons, streams and roads lines.
    """
    site = ground.site
    outline = drawn.outline()
    hills = [("hill", None, None, hill) for hill in _hills(site)]
    lakes = [
        ("water", zh, en, lake)
        for (zh, en, _), lake in zip(drawn.LAKES, site.terrain.lakes, strict=True)
    ]
    river = ("river", "姚江", "Yao River", _river(site))
    lines = [
        (kind, zh, en, shapely.transform(line, site.plane.to_ground))
        for kind, _, zh, en, line in site.lines
        if kind != "river"
    ]
    streams = [line for line in lines if line[0] == "stream"]
    main_roads = [line for line in lines if line[0] == "main_road"]
    roads = _roads(ground, [river[3], *(line[3] for line in lines)])
    rows = [*hills, *streams, *lakes, river, *(("road", None, None, roads),), *main_roads]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    shapes = shapely.intersection(frame["geometry"].to_numpy(), outline)
    frame["geometry"] = _light(shapes, (frame["kind"] == "road").to_numpy())
    frame = frame[~shapely.is_empty(frame["geometry"].to_numpy())].reset_index(drop=True)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=4326)


def _river(site: Site) -> shapely.Geometry:
    """The river as wide as it is, widening downstream."""
    line = shapely.transform(site.river, lambda layout: metres(site.plane.to_ground(layout)))
    line = shapely.segmentize(line, 40)
    points = shapely.get_coordinates(line)
    share = np.linspace(0, 1, len(points))
    half_m = np.interp(share, *np.array(RIVER_HALF_WIDTH_M).T)
    slope = np.gradient(points, axis=0)
    across = np.column_stack([-slope[:, 1], slope[:, 0]]) / np.hypot(*slope.T)[:, None]
    banks = [points + side * half_m[:, None] * across for side in (1, -1)]
    return shapely.transform(
        shapely.Polygon(np.vstack([banks[0], banks[1][::-1]])), degrees
    ).buffer(0)


def _hills(site: Site) -> list[shapely.Geometry]:
    """Where the land rises, at two heights, as rounded outlines of a raster."""
    west, south, east, north = shapely.bounds(shapely.transform(drawn.outline(), metres))
    x, y = np.meshgrid(np.arange(west, east, HILL_CELL_M), np.arange(south, north, HILL_CELL_M))
    cells = np.column_stack([x.ravel(), y.ravel()])
    height = site.terrain.height(degrees(cells + HILL_CELL_M / 2))
    found: list[shapely.Geometry] = []
    for least in HILL_HEIGHTS:
        risen = cells[height > least]
        boxes = shapely.box(*risen.T, *(risen + HILL_CELL_M).T)
        blob = shapely.union_all(boxes).buffer(HILL_ROUND_M, quad_segs=3)
        blob = blob.buffer(-2 * HILL_ROUND_M, quad_segs=3).buffer(HILL_ROUND_M, quad_segs=3)
        found.append(shapely.transform(shapely.simplify(blob, 30), degrees))
    return found


def _roads(ground: DemoGround, beside: list[shapely.Geometry]) -> shapely.Geometry:
    """Edges of the grids as streets in the towns, of the communities as lanes on the plain."""
    grids = ground.grids
    found = edges(
        grids.geometry.to_numpy(),
        {level: list(grids[level]) for level in ("township", "community")},
    )
    lines, level = found.lines[found.level != CITY_LEVEL], found.level[found.level != CITY_LEVEL]
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    terrain = ground.site.terrain
    density, height = terrain.density(middle), terrain.height(middle)
    is_street = density > STREETS_FROM_DENSITY
    is_lane = (level != "grid") & (density > LANES_FROM_DENSITY) & (height < LANES_BELOW_HEIGHT)
    near = shapely.union_all(shapely.simplify(beside, BESIDE_M / METRES_PER_LNG / 4))
    near = near.buffer(BESIDE_M / METRES_PER_LNG, quad_segs=2)
    away = ~shapely.contains(near, lines)
    return shapely.MultiLineString(list(lines[(is_street | is_lane) & away]))


def _light(shapes: NDArray[np.object_], is_road: NDArray[np.bool_]) -> NDArray[np.object_]:
    """As few corners as the eye needs, coordinates of few digits."""
    tolerance = np.where(is_road, ROAD_TOLERANCE_M, SHAPE_TOLERANCE_M) / METRES_PER_LAT
    slim = shapely.simplify(shapes, tolerance)
    light: NDArray[np.object_] = shapely.set_precision(slim, 10.0**-DECIMALS)
    return light
