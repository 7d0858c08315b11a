"""A small made city: 8 × 8 winding grids, a dedicated one inside another, and a wide one.

Every edge is one line that both neighbours share, so the coverage is exact by its making.
"""

from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import snap_to_storage_grid

WEST, SOUTH = 121.0, 30.0
SIDE = 8
STEP = 0.02
BENDS = 40
AWKWARD_NAME = 'O\'Brien "北\\仑"; 网格 <1> \U0001f3e0'
DEDICATED = "g-school"
WIDE = "g-wide"

Points = NDArray[np.float64]


@cache
def grid_frame() -> gpd.GeoDataFrame:
    """The city as a GridFrame: 2 × 2 townships of 2 × 2 communities of 2 × 2 grids, and one
    township, community and grid in the east, as large as all the others."""
    shapes = {f"g{row}{column}": _cell(row, column) for row, column in np.ndindex(SIDE, SIDE)}
    school = shapely.box(
        WEST + 3.4 * STEP, SOUTH + 3.4 * STEP, WEST + 3.6 * STEP, SOUTH + 3.6 * STEP
    )
    shapes["g33"] = shapely.Polygon(shapes["g33"].exterior, [school.exterior])
    shapes[DEDICATED] = school
    shapes[WIDE] = _wide()
    codes = sorted(shapes)
    parents = [_parents(code) for code in codes]
    names = [AWKWARD_NAME if code == "g00" else f"第{code[1:]}网格" for code in codes]
    return gpd.GeoDataFrame(
        {
            "code": codes,
            "name": names,
            "kind": ["dedicated" if code == DEDICATED else "base" for code in codes],
            "community": [community for community, _ in parents],
            "community_name": [f"{community}社区" for community, _ in parents],
            "township": [township for _, township in parents],
            "township_name": [f"{township}镇" for _, township in parents],
        },
        geometry=snap_to_storage_grid([shapes[code] for code in codes]),
        crs=4326,
    )


def _parents(code: str) -> tuple[str, str]:
    if code == WIDE:
        return "c-wide", "t-wide"
    row, column = (3, 3) if code == DEDICATED else (int(code[1]), int(code[2]))
    return f"c{row // 2}{column // 2}", f"t{row // 4}{column // 4}"


def _cell(row: int, column: int) -> shapely.Polygon:
    south, east = _level_line(row, column), _upright_line(row, column + 1)
    north, west = _level_line(row + 1, column), _upright_line(row, column)
    return shapely.Polygon(np.concatenate([south[:-1], east[:-1], north[:0:-1], west[:0:-1]]))


def _wide() -> shapely.Polygon:
    border = np.concatenate(
        [_upright_line(row, SIDE)[: BENDS if row < SIDE - 1 else None] for row in range(SIDE)]
    )
    far = WEST + 2 * SIDE * STEP
    return shapely.Polygon([*border[::-1], (far, SOUTH), (far, SOUTH + SIDE * STEP)])


def _level_line(row: int, column: int) -> Points:
    """From the corner (row, column) east to the next; straight on the outline."""
    return _winding(_corner(row, column), _corner(row, column + 1), row % SIDE != 0)


def _upright_line(row: int, column: int) -> Points:
    """From the corner (row, column) north to the next; straight on the outline."""
    return _winding(_corner(row, column), _corner(row + 1, column), column != 0)


def _corner(row: int, column: int) -> Points:
    return np.array([WEST + column * STEP, SOUTH + row * STEP])


def _winding(start: Points, end: Points, winds: bool) -> Points:
    along = np.linspace(0, 1, BENDS + 1)[:, None]
    aside = (end - start)[::-1] * [1, -1]
    swing = np.sin(along * np.pi) * np.sin(along * 5 * np.pi) * 0.08
    line: Points = start + along * (end - start) + (swing * aside if winds else 0)
    return line
