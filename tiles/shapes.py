"""What a version's tiles are cut from: its coverage at each stored zoom, and its edges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.coverage_edges import edges
from gis.coverage_zoom import simplify_for_zoom
from gis.crs import WEB_MERCATOR_SRID, project
from gis.store.analyze import analyze
from gis.store.tables.tiles import TileShape
from gis.store.tile_shapes import area_ids, bump, write_shapes
from tiles.layers import EDGE_LEVELS, EXTENT, STORED_ZOOMS, edge_levels

# Circumference of Web Mercator's sphere: the width of the world in EPSG:3857.
EQUATOR_M = 2 * np.pi * 6_378_137


@dataclass(frozen=True, slots=True)
class LayerShapes:
    """One layer at one zoom.

    ``keys`` are the areas' codes, for edges the levels (words of ``EDGE_LEVELS``);
    ``geometries`` are aligned with them, in EPSG:3857.
    """

    layer: str
    zoom: int
    keys: Sequence[str]
    geometries: NDArray[np.object_]


async def store_shapes(tx: AsyncConnection, version_id: int, shapes: Iterable[LayerShapes]) -> None:
    """Write a new version's shapes, and renew the number of every layer written."""
    written = set()
    for shape in shapes:
        if shape.layer == "edges":
            ids = {word: level for level, word in enumerate(EDGE_LEVELS)}
        else:
            ids = await area_ids(tx, shape.layer)
        await write_shapes(
            tx,
            version_id,
            shape.layer,
            shape.zoom,
            [ids[key] for key in shape.keys],
            shape.geometries,
        )
        written.add(shape.layer)
    await analyze(tx, TileShape)
    await bump(tx, written)


def build_shapes(frame: gpd.GeoDataFrame, zooms: Sequence[int] = STORED_ZOOMS) -> list[LayerShapes]:
    """Shapes of every layer of a GridFrame at every zoom.

    The grids are simplified together, once a zoom (the last stored zoom is left as it is);
    communities and townships are unions of the simplified grids, and edges are cut from
    them, so that all layers share their lines. Pure; about 1 s for 2,000 grids.
    """
    return [shape for zoom in zooms for shape in _at_zoom(frame, zoom)]


def _at_zoom(frame: gpd.GeoDataFrame, zoom: int) -> list[LayerShapes]:
    polygons = frame.geometry.to_numpy()
    if zoom == STORED_ZOOMS[-1]:
        grids = project(polygons, pyproj.CRS.from_epsg(WEB_MERCATOR_SRID))
    else:
        grids = simplify_for_zoom(polygons, zoom)
    return [
        _united("townships", zoom, frame["township"].to_numpy(object), grids),
        _united("communities", zoom, frame["community"].to_numpy(object), grids),
        LayerShapes("grids", zoom, list(frame["code"]), grids),
        _edges(frame, zoom, grids),
    ]


def _united(
    layer: str, zoom: int, codes: NDArray[np.object_], grids: NDArray[np.object_]
) -> LayerShapes:
    """The union of the grids of each code."""
    found, area = np.unique(codes.astype(str), return_inverse=True)
    order = np.argsort(area, kind="stable")
    members = np.split(grids[order], np.cumsum(np.bincount(area))[:-1])
    unions = np.array([None, *map(shapely.coverage_union_all, members)], dtype=object)[1:]
    return LayerShapes(layer, zoom, [str(code) for code in found], unions)


def _edges(frame: gpd.GeoDataFrame, zoom: int, grids: NDArray[np.object_]) -> LayerShapes:
    """The edges of the levels drawn at a zoom.

    Lines of one level run on through the corners of lower levels: ends of lines show where
    they are drawn wide and translucent.
    """
    found = edges(grids, {"township": frame["township"], "community": frame["community"]})
    keys: list[str] = []
    lines: list[shapely.LineString] = []
    for level in edge_levels(zoom, _widths_units(frame, zoom, grids)):
        of_level = found.lines[found.level == EDGE_LEVELS[level]]
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(of_level)))
        keys += [EDGE_LEVELS[level]] * len(merged)
        lines += list(merged)
    return LayerShapes("edges", zoom, keys, np.array([None, *lines], dtype=object)[1:])


def _widths_units(
    frame: gpd.GeoDataFrame, zoom: int, grids: NDArray[np.object_]
) -> tuple[float, ...]:
    """Side of a square as large as the mean area of each level, in tile units."""
    units_per_m = EXTENT * 2**zoom / EQUATOR_M
    total_m2 = float(shapely.area(grids).sum())
    counts = (1, frame["township"].nunique(), frame["community"].nunique(), len(frame))
    return tuple(np.sqrt(total_m2 / count) * units_per_m for count in counts)
