"""Reading tiles back with somebody else's decoder."""

from __future__ import annotations

from math import asinh, floor, pi, radians, tan
from typing import Any, NamedTuple

import mapbox_vector_tile
from shapely.geometry import shape


class Feature(NamedTuple):
    """One feature; the geometry (shapely) in tile units, y down."""

    id: int | None
    properties: dict[str, Any]
    geometry: Any


def decoded(tile: bytes) -> dict[str, list[Feature]]:
    """Layers of a tile by name; an empty tile has none."""
    layers = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    for layer in layers.values():
        assert (layer["extent"], layer["version"]) == (4096, 2)
    return {
        name: [
            Feature(feature.get("id"), feature["properties"], shape(feature["geometry"]))
            for feature in layer["features"]
        ]
        for name, layer in layers.items()
    }


def tile_of(lng: float, lat: float, z: int) -> tuple[int, int, int]:
    """The tile of zoom ``z`` that holds a place (degrees)."""
    across = (lng + 180) / 360 * 2**z
    down = (1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z
    return z, floor(across), floor(down)


def tiles_over(
    west: float, south: float, east: float, north: float, z: int
) -> list[tuple[int, int, int]]:
    """All tiles of zoom ``z`` that meet a box (degrees)."""
    _, left, bottom = tile_of(west, south, z)
    _, right, top = tile_of(east, north, z)
    return [(z, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
