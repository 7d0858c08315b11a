"""Small grid files for tests, made as other programs make them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from boundaries.files.grid_file import GRID_COLUMNS, GridFileOptions, read_grids
from gis.errors import BadInput
from tests.gis.lattice import codes_of, crooked_lattice

CITY = "余姚市"
SQUARE = shapely.box(121.0, 30.0, 121.01, 30.01)
NEXT = shapely.box(121.01, 30.0, 121.02, 30.01)


def options(**given: Any) -> GridFileOptions:
    """Options with the code in column ``code``, unless told otherwise."""
    return GridFileOptions(**{"code": "code", "city_name": CITY, **given})


def refused(path: Path, **given: Any) -> BadInput:
    """The error with which a file is refused."""
    with pytest.raises(BadInput) as caught:
        read_grids(path, options(**given))
    return caught.value


def lattice_frame(columns: int = 3, rows: int = 3, *, seed: int = 1) -> gpd.GeoDataFrame:
    """A valid coverage as a GridFrame of two townships and four communities."""
    cells = crooked_lattice(columns, rows, seed=seed)
    townships = [f"T{i // rows // 2}" for i in range(len(cells))]
    communities = [f"{t}-C{i % rows // 2}" for i, t in enumerate(townships)]
    values = [
        codes_of(cells),
        [f"第{i}网格" for i in range(len(cells))],
        ["base"] * (len(cells) - 1) + ["dedicated"],
        communities,
        communities,
        townships,
        townships,
    ]
    table = dict(zip(GRID_COLUMNS, values, strict=True))
    return gpd.GeoDataFrame(table, geometry=cells, crs=4326)


def write_geojson(
    path: Path, rows: Sequence[tuple[dict[str, Any], shapely.Geometry | dict[str, Any] | None]]
) -> Path:
    """A GeoJSON of property sets and geometries, written without GDAL's help."""
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": shape
            if shape is None or isinstance(shape, dict)
            else json.loads(shapely.to_geojson(shape)),
        }
        for properties, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def write_shapefile(frame: pd.DataFrame, path: Path, encoding: str, *, cpg: bool) -> Path:
    """A shapefile in an encoding, with or without the file that says so."""
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def zipped(shapefile: Path, archive: Path, folder: str = "") -> Path:
    """A shapefile with all its parts in a zip archive."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for part in sorted(shapefile.parent.glob(f"{shapefile.stem}.*")):
            if part.suffix != ".zip":
                target.write(part, f"{folder}{part.name}")
    return archive
