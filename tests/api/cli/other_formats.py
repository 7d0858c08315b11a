"""A CSV file of reports as other programs would hand it in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd


def as_workbook(file: Path) -> Path:
    """The same rows as an Excel workbook, its times text and its coordinates numbers."""
    path = file.with_suffix(".xlsx")
    pd.read_csv(file).to_excel(path, index=False)
    return path


def as_layer(file: Path) -> Path:
    """The same rows as points of a GeoPackage, its times real ones."""
    table = pd.read_csv(file, parse_dates=["time"])
    path = file.with_suffix(".gpkg")
    points = gpd.points_from_xy(table["lng"], table["lat"])
    layer = gpd.GeoDataFrame(table.drop(columns=["lng", "lat"]), geometry=points, crs=4326)
    layer.to_file(path)
    return path
