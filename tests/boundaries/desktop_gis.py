"""A coverage as it leaves this program, passes through a desktop GIS and comes back.

Written with GDAL the way QGIS does: multipolygons, its own name for the geometry, a CRS of
the planner's choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from boundaries.comparing.compare import Compared, compare
from boundaries.draft_coverage import DraftCoverage
from boundaries.files.edited_file import EditedFileOptions, read_edited

COLUMNS = ["code", "name", "kind", "community", "township", "geometry"]
CRSS = ("EPSG:4326", "EPSG:4490", "EPSG:4549", "EPSG:4548", "EPSG:3857", "EPSG:32651")
"""WGS84, CGCS2000 in degrees and in two of its 3-degree zones, the web's, UTM."""
WAYS: dict[str, dict[str, Any]] = {
    ".gpkg": {"driver": "GPKG", "layer_options": {"GEOMETRY_NAME": "geom"}},
    ".fgb": {"driver": "FlatGeobuf"},
    ".geojson": {"driver": "GeoJSON", "layer_options": {"COORDINATE_PRECISION": "15"}},
    # GDAL's own default in degrees: 1 cm.
    ".7.geojson": {"driver": "GeoJSON", "layer_options": {"COORDINATE_PRECISION": "7"}},
    ".shp": {"driver": "ESRI Shapefile", "encoding": "UTF-8"},
    ".gbk.shp": {"driver": "ESRI Shapefile", "encoding": "GBK"},
}
"""How a file is written, by how its name ends."""


def handed_out(city: DraftCoverage) -> gpd.GeoDataFrame:
    """The rows of a coverage as they are exported."""
    return city.frame()[COLUMNS]


def saved(frame: gpd.GeoDataFrame, folder: Path, way: str, crs: str) -> Path:
    """The rows in a file, in a CRS."""
    path = folder / f"edited{way}"
    shapes = [shapely.multipolygons(shapely.get_parts(shape)) for shape in frame.geometry]
    edited = frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs)).to_crs(crs)
    pyogrio.write_dataframe(edited, path, **WAYS[way])
    return path


def brought_back(city: DraftCoverage, path: Path, **allow: bool) -> Compared:
    """What a file does to a coverage."""
    file = read_edited(path, EditedFileOptions())
    return compare(city, file.rows, file.plane, **allow)


def shaken(
    frame: gpd.GeoDataFrame, rng: np.random.Generator, reach_m: float, *, together: bool
) -> gpd.GeoDataFrame:
    """The rows with each corner moved; the same corner alike in every row, or each by itself."""
    reach = np.array(
        [reach_m / 111_320 / np.cos(np.radians(frame.total_bounds[1])), reach_m / 111_320]
    )
    moves: dict[tuple[float, float], Any] = {}

    def move(places: Any) -> Any:
        if not together:
            moves.clear()
        out = []
        for place in places.tolist():
            if tuple(place) not in moves:
                turn, far = rng.uniform(0, 2 * np.pi), np.sqrt(rng.uniform(0, 1))
                moves[tuple(place)] = far * reach * (np.cos(turn), np.sin(turn))
            out.append(place + moves[tuple(place)])
        return np.array(out)

    shapes = [shapely.transform(shape, move) for shape in frame.geometry]
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs))
