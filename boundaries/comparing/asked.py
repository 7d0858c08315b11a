"""The operations that a comparison finds, as the JSON that a draft keeps."""

from __future__ import annotations

import json
from typing import Any

import shapely

from boundaries.editing.region import DrawnGrid
from boundaries.operations import ChangeCommunity, Operation, Recode, RedrawRegion, Rename


def asked(operation: Operation) -> dict[str, Any]:
    """An operation as it would have been asked for over HTTP."""
    match operation:
        case Recode(grid, code):
            return {"op": "recode", "grid": grid, "code": code}
        case Rename(grid, name):
            return {"op": "rename", "grid": grid, "name": name}
        case ChangeCommunity(grid, community):
            return {"op": "change_community", "grid": grid, "community": community}
        case RedrawRegion(grids, retire, allow):
            given: dict[str, Any] = {"op": "redraw", "grids": [_drawn(grid) for grid in grids]}
            if retire:
                given["retire"] = list(retire)
            if allow:
                given["allow_community_change"] = True
            return given
    raise AssertionError(operation)


def _drawn(grid: DrawnGrid) -> dict[str, Any]:
    words = {"code": grid.code, "name": grid.name, "kind": grid.kind, "community": grid.community}
    given: dict[str, Any] = {word: value for word, value in words.items() if value is not None}
    return {**given, "area": json.loads(shapely.to_geojson(grid.area))}
