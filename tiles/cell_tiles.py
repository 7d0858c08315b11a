"""Tiles of the H3 cells a city is studied in: their outlines and names, figures come beside them.

So a tile is made once for a boundary version, whatever is counted, and a new filter or week is an
array of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.cells import CellRegion, names, polygons
from gis.crs import WEB_MERCATOR_SRID
from tiles.bricks import bricks
from tiles.layers import Layer

CELLS = Layer("cells", {"cell": "String"}, max_zoom=13, is_public=False)
"""The layer, which is cut from cells that are given and not from stored shapes."""

# Half the width of Web Mercator, and what a tile shows beyond its edge, in tile widths.
_HALF_M = 20_037_508.342789244
_BEYOND = 64 / 4096
# A tile is drawn up to 1,024 pixels wide. 200,000 cells of a screen are two pixels wide each.
_DRAWN_PX = 1024
_HEXAGON_PX = 4


def resolution_at(zoom: int) -> int:
    """The resolution whose cells can be told apart at a zoom: 9 to 60 pixels wide.

    Every tile holds some hundreds of them then, a thousand at most.
    """
    return 6 if zoom <= 8 else 7 if zoom <= 10 else 8 if zoom <= 12 else 9


@dataclass(frozen=True, eq=False)
class CellShapes:
    """The outlines of a region's cells in Web Mercator, ready to be cut into tiles.

    Parameters
    ----------
    hexagons, bricks
        The outlines as WKB, and what stands for them where they are too small to tell.
    bounds
        West, south, east, north of each cell in metres.
    """

    cells: NDArray[np.object_]
    hexagons: NDArray[np.object_]
    bricks: NDArray[np.object_]
    bounds: NDArray[np.float64]

    @classmethod
    def of(cls, region: CellRegion) -> CellShapes:
        """Takes 4 µs a cell; off the event loop for a city."""
        to_metres = pyproj.Transformer.from_crs(4326, WEB_MERCATOR_SRID, always_xy=True)
        shapes = shapely.transform(
            polygons(region.cells), lambda at: np.column_stack(to_metres.transform(*at.T))
        )
        return cls(
            np.array(names(region.cells), dtype=object),
            np.array(shapely.to_wkb(shapes), dtype=object),
            np.array(shapely.to_wkb(bricks(shapes)), dtype=object),
            shapely.bounds(shapes).reshape(-1, 4),
        )

    def drawn_at(self, z: int) -> NDArray[np.object_]:
        """The hexagons; bricks at zooms where a cell is never four pixels wide."""
        west, _, east, _ = self.bounds.T
        pixel_m = 2 * _HALF_M / 2**z / _DRAWN_PX
        return self.bricks if np.median(east - west) < _HEXAGON_PX * pixel_m else self.hexagons

    def within(self, z: int, x: int, y: int) -> NDArray[np.int64]:
        """The cells whose box meets a tile and its edge."""
        width = 2 * _HALF_M / 2**z
        west, north = -_HALF_M + x * width, _HALF_M - y * width
        beyond = _BEYOND * width
        found = (
            (self.bounds[:, 0] < west + width + beyond)
            & (self.bounds[:, 2] > west - beyond)
            & (self.bounds[:, 1] < north + beyond)
            & (self.bounds[:, 3] > north - width - beyond)
        )
        return np.flatnonzero(found)


async def render_cells(tx: AsyncConnection, shapes: CellShapes, z: int, x: int, y: int) -> bytes:
    """One tile with the layer ``cells``; empty when none lies in it."""
    at = shapes.within(z, x, y)
    if not len(at):
        return b""
    bound = {
        "z": z,
        "x": x,
        "y": y,
        "cells": shapes.cells[at].tolist(),
        "wkbs": shapes.drawn_at(z)[at].tolist(),
    }
    return bytes((await tx.execute(_statement(), bound)).scalar_one())


@cache
def _statement() -> TextClause:
    return text((resources.files("tiles") / "sql" / "cells.sql").read_text("utf-8"))
