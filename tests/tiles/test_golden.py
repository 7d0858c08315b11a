"""Tiles as text, so that a change of what is drawn shows in a diff.

When the change is meant: ``BLESS=1 .venv/bin/pytest tests/tiles/test_golden.py``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from tests.tiles.conftest import PublishedCity
from tests.tiles.decoding import Feature, decoded, tile_of
from tests.tiles.made_cases import add_cases, case_frame
from tests.tiles.small_city import SOUTH, STEP, WEST
from tiles.layers import get_layer
from tiles.mvt import render

GOLDEN = Path(__file__).parents[1] / "golden" / "tiles"
# Tile units a coordinate may differ by from one GEOS or PROJ to the next.
ROUNDED_UNITS = 16
BESIDE_THE_SCHOOL = (WEST + 3.7 * STEP, SOUTH + 3.7 * STEP)


@pytest.mark.parametrize(
    ("layer", "zoom"),
    [
        ("townships", 9),
        ("communities", 11),
        ("grids", 12),
        ("grids", 14),
        ("edges", 9),
        ("edges", 12),
        ("cases", 12),
        ("cases", 14),
    ],
)
async def test_a_tile_is_as_blessed(city: PublishedCity, layer: str, zoom: int) -> None:
    place = np.maximum(np.arange(60) - 20, 0)
    await add_cases(
        city.tx,
        case_frame(
            BESIDE_THE_SCHOOL[0] + place * 0.0004 - 0.004,
            BESIDE_THE_SCHOOL[1] + place % 7 * 0.001 - 0.003,
        ),
    )
    tile = await render(
        city.tx, get_layer(layer), *tile_of(*BESIDE_THE_SCHOOL, zoom), city.version_id
    )
    shown = as_text(decoded(tile))
    file = GOLDEN / f"{layer}-{zoom}.txt"
    if os.environ.get("BLESS"):
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8")


def as_text(layers: dict[str, list[Feature]]) -> str:
    """One line a feature, sorted; ids differ between databases and are left out."""
    lines = []
    for name, features in sorted(layers.items()):
        lines += sorted(f"{name} {_properties(f)} {_outline(f.geometry)}" for f in features)
    return "\n".join(lines) + "\n"


def _properties(feature: Feature) -> str:
    return " ".join(f"{key}={value!r}" for key, value in sorted(feature.properties.items()))


def _outline(geometry: Any) -> str:
    """Kind, corners, box and size, rounded."""
    box = [round(value / ROUNDED_UNITS) * ROUNDED_UNITS for value in geometry.bounds]
    size = geometry.area or geometry.length
    return (
        f"{geometry.geom_type} box={box} size={float(f'{size:.2g}'):.0f}"
        f" points={round(shapely.get_num_coordinates(geometry), -1)}"
    )
