"""Cells held against chance as files that any GIS opens, with what they are told in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pyogrio

from api.analysis.cell_hotspots import CellHotspots
from api.geoparquet import geoparquet
from gis.cells import polygons
from gis.crs import STORAGE_SRID
from gis.patterns.false_discovery import LEVELS

Format = Literal["gpkg", "parquet"]
LAYER = "cells"


def statistic_of(of: CellHotspots) -> dict[str, Any]:
    """What the columns of a file are figures of."""
    levels = ", ".join(f"{percent} at q <= {level:.2f}" for level, percent in LEVELS)
    return {
        "boundary_version": of.counted.version,
        "resolution": of.counted.resolution,
        "total": of.counted.total,
        "outside": of.counted.outside,
        "z": "standard deviate of Getis and Ord's G*",
        "p": f"two-sided, {of.found.chance}",
        "q": "false discovery rate over all cells (Benjamini and Hochberg)",
        "bin": f"percent, below zero for cold spots: {levels}",
        "not_enough_data": of.found.lack,
        "withheld": list(of.counted.withheld),
    }


def written(form: Format, of: CellHotspots, facts: Mapping[str, Any]) -> bytes:
    """A row for each cell: ``cell, count, share, z, p, q, bin`` and its outline in degrees.

    Where nothing can be told ``z``, ``p`` and ``q`` are null. Of 250,000 cells a GeoPackage takes
    some seconds; off the event loop.
    """
    frame = _frame(of)
    return _geopackage(frame, facts) if form == "gpkg" else geoparquet(frame, facts)


def _frame(of: CellHotspots) -> gpd.GeoDataFrame:
    cells = np.array([int(str(name), 16) for name in of.counted.keys], dtype=np.uint64)
    return gpd.GeoDataFrame(
        {
            "cell": np.array(of.counted.keys, dtype=object),
            "count": np.array(of.counted.counts, dtype=np.int64),
            "share": np.array(of.counted.shares or (), dtype=float),
            "z": of.found.z,
            "p": of.found.p,
            "q": of.found.q,
            "bin": of.found.bin.astype(np.int16),
        },
        geometry=polygons(cells),
        crs=STORAGE_SRID,
    )


def _geopackage(frame: gpd.GeoDataFrame, facts: Mapping[str, Any]) -> bytes:
    told = {
        name: fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False)
        for name, fact in facts.items()
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{LAYER}.gpkg"
        pyogrio.write_dataframe(
            frame,
            path,
            driver="GPKG",
            layer=LAYER,
            geometry_type="Polygon",
            dataset_metadata=told,
        )
        return path.read_bytes()
