"""Grid files that are wrong, each in one way, around the nine grids of ``tests.small_city``."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from tests.boundaries.grid_files import write_geojson, write_shapefile, zipped
from tests.small_city import SOUTH, STEP, WEST, nine_grids

Write = Callable[[Path], Path]
"""Writes a file into a folder."""


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A box in steps of the small city, from its lower left corner."""
    return shapely.box(
        WEST + west * STEP, SOUTH + south * STEP, WEST + east * STEP, SOUTH + north * STEP
    )


def nine(folder: Path, **changed: shapely.Geometry) -> Path:
    """The nine grids, some with another geometry."""
    frame = nine_grids()
    for code, geometry in changed.items():
        frame.loc[frame["code"] == code, "geometry"] = geometry
    path = folder / "nine.geojson"
    frame.to_file(path, driver="GeoJSON")
    return path


def bow_tie(folder: Path) -> Path:
    """``g00`` crosses itself."""
    (x0, y0), (x1, y1) = (WEST, SOUTH), (WEST + STEP, SOUTH + STEP)
    return nine(folder, g00=shapely.Polygon([(x0, y0), (x1, y1), (x1, y0), (x0, y1)]))


def overlap(folder: Path) -> Path:
    """``g00`` reaches 9.6 m into ``g10``."""
    return nine(folder, g00=box(0, 0, 1.01, 1))


def narrow_gap(folder: Path) -> Path:
    """5 m are missing between ``g11`` and ``g21``."""
    return nine(folder, g11=box(1, 1, 1.995, 2))


def without_the_middle(folder: Path) -> Path:
    """``g11`` is missing: a gap about a kilometre wide."""
    return _written(nine_grids().query("code != 'g11'"), folder)


def without_the_corner(folder: Path) -> Path:
    """``g22`` is missing: the outline is smaller by it."""
    return _written(nine_grids().query("code != 'g22'"), folder)


def swallowed(folder: Path) -> Path:
    """``g22`` lies wholly inside ``g11``, and another grid where it was."""
    frame = nine_grids()
    other = frame[frame["code"] == "g22"].assign(code="g99")
    frame.loc[frame["code"] == "g22", "geometry"] = box(1.4, 1.4, 1.5, 1.5)
    path = folder / "swallowed.geojson"
    gpd.GeoDataFrame(pd.concat([frame, other])).to_file(path, driver="GeoJSON")
    return path


def repeated_code(folder: Path) -> Path:
    """``g01`` stands on two rows of one community."""
    frame = nine_grids()
    frame.loc[frame["code"] == "g02", "code"] = "g01"
    return _written(frame, folder)


def two_communities(folder: Path) -> Path:
    """``g01`` stands in ``c0`` and in ``c1``."""
    frame = nine_grids()
    frame.loc[frame["code"] == "g21", "code"] = "g01"
    return _written(frame, folder)


def person_columns(folder: Path) -> Path:
    """Somebody's identity number and phone stand beside each grid."""
    frame = nine_grids()
    return _written(frame.assign(身份证号="330281190001010000", 联系电话="0574"), folder)


def no_crs(folder: Path) -> Path:
    """A shapefile without a .prj."""
    path = write_shapefile(_short(), folder / "nine.shp", "UTF-8", cpg=True)
    path.with_suffix(".prj").unlink()
    return path


def wrong_crs(folder: Path) -> Path:
    """Metres that claim to be degrees."""
    frame = nine_grids().to_crs("EPSG:4549").set_crs(4326, allow_override=True)
    return _written(frame, folder)


def no_rows(folder: Path) -> Path:
    """A GeoPackage with columns and no row."""
    path = folder / "empty.gpkg"
    pyogrio.write_dataframe(nine_grids().iloc[:0], path, geometry_type="Polygon")
    return path


def truncated_zip(folder: Path) -> Path:
    """The first half of a zipped shapefile."""
    shapefile = write_shapefile(_short(), folder / "nine.shp", "UTF-8", cpg=True)
    archive = zipped(shapefile, folder / "nine.zip")
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    return archive


def null_geometry(folder: Path) -> Path:
    """``g12`` has no geometry."""
    frame = nine_grids()
    shapes = [None if c == "g12" else g for c, g in zip(frame["code"], frame.geometry, strict=True)]
    rows = zip(_properties(frame), shapes, strict=True)
    return write_geojson(folder / "null.geojson", list(rows))


def empty_geometry(folder: Path) -> Path:
    """``g12`` has an empty polygon."""
    return nine(folder, g12=shapely.Polygon())


def collection(folder: Path) -> Path:
    """``g12`` is a polygon with a line beside it."""
    line = shapely.LineString([(WEST, SOUTH), (WEST, SOUTH + STEP)])
    return nine(folder, g12=shapely.GeometryCollection([box(1, 2, 2, 3), line]))


def gbk_shapefile(folder: Path) -> Path:
    """A zipped shapefile with GBK attributes and nothing that says so."""
    shapefile = write_shapefile(_short(), folder / "nine.shp", "GBK", cpg=False)
    return zipped(shapefile, folder / "nine.zip")


def two_hundred_columns(folder: Path) -> Path:
    """The nine grids with 200 columns beside their own."""
    names = [f"column_{number}" for number in range(200)]
    more = pd.DataFrame(np.arange(9 * 200).reshape(9, 200), columns=names)
    return _written(gpd.GeoDataFrame(pd.concat([nine_grids(), more], axis=1)), folder)


def not_a_map(folder: Path) -> Path:
    """A zip archive of nothing but words."""
    path = folder / "words.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no map")
    return path


def _written(frame: gpd.GeoDataFrame, folder: Path) -> Path:
    path = folder / "grids.gpkg"
    frame.to_file(path)
    return path


def _short() -> gpd.GeoDataFrame:
    """The nine grids with the columns a shapefile has room to name."""
    return nine_grids().drop(columns=["community_name", "township_name"])


def _properties(frame: gpd.GeoDataFrame) -> list[dict[str, str]]:
    return [
        {str(name): str(value) for name, value in row.items()}
        for row in frame.drop(columns="geometry").to_dict("records")
    ]
