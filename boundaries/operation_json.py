"""Operations as JSON: how they come in over HTTP, and how a draft keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import shapely

from boundaries.editing.region import DrawnGrid
from boundaries.operations import (
    Carve,
    ChangeCommunity,
    Dissolve,
    Merge,
    MoveCorner,
    MoveStretch,
    Operation,
    Recode,
    Redraw,
    RedrawOutline,
    RedrawRegion,
    Rename,
    Renumber,
    Split,
    Transfer,
)
from boundaries.refusals import Refused
from boundaries.steps import Shape

Asked = Mapping[str, Any]


def read_operation(asked: Asked) -> Operation:
    """The operation of a JSON object, whose keys and types the caller has checked.

    Raises
    ------
    Refused
        ``geometry_invalid``: coordinates that are no place on the globe, or too few.
    """
    return _READERS[asked["op"]](asked)


def _moved(asked: Asked) -> Operation:
    allow = bool(asked.get("allow_community_change"))
    if "line" in asked:
        return MoveStretch(_line(asked["line"]), allow)
    return MoveCorner(_point(asked["from"]), _point(asked["to"]), allow)


def _redrawn(asked: Asked) -> Operation:
    if "grids" not in asked:
        return Redraw(asked["grid"], _area(asked["area"]), **_options(asked))
    grids = tuple(
        DrawnGrid(
            _area(grid["area"]),
            **{word: grid.get(word) for word in ("code", "name", "kind", "community")},
        )
        for grid in asked["grids"]
    )
    allow = bool(asked.get("allow_community_change"))
    return RedrawRegion(grids, tuple(asked.get("retire", ())), allow)


def _options(asked: Asked) -> dict[str, Any]:
    return {
        "cut_off_to": asked.get("cut_off_to"),
        "allow_community_change": bool(asked.get("allow_community_change")),
    }


_READERS: dict[str, Callable[[Asked], Operation]] = {
    "split": lambda a: Split(a["grid"], _line(a["line"])),
    "merge": lambda a: Merge(tuple(a["grids"]), bool(a.get("allow_community_change"))),
    "move_boundary": _moved,
    "transfer": lambda a: Transfer(a["to"], _area(a["area"]), **_options(a)),
    "carve": lambda a: Carve(_area(a["area"]), a["name"], a.get("community"), **_options(a)),
    "dissolve": lambda a: Dissolve(a["grid"], a.get("to"), bool(a.get("allow_community_change"))),
    "redraw": _redrawn,
    "redraw_outline": lambda a: RedrawOutline(_outline(a["outline"]), a["reason"]),
    "recode": lambda a: Recode(a["grid"], a["code"]),
    "rename": lambda a: Rename(a["grid"], a["name"]),
    "change_community": lambda a: ChangeCommunity(a["grid"], a["community"]),
    "renumber": lambda a: Renumber(a["community"]),
}
KINDS = tuple(_READERS)


_NAMES: dict[type[Operation], str] = {
    Split: "split",
    Merge: "merge",
    MoveCorner: "move_boundary",
    MoveStretch: "move_boundary",
    Transfer: "transfer",
    Carve: "carve",
    Dissolve: "dissolve",
    Redraw: "redraw",
    RedrawRegion: "redraw",
    RedrawOutline: "redraw_outline",
    Recode: "recode",
    Rename: "rename",
    ChangeCommunity: "change_community",
    Renumber: "renumber",
}
_KEYS = {"start": "from", "end": "to"}
"""What a corner's places are called in JSON."""


def write_operation(operation: Operation) -> dict[str, Any]:
    """The JSON object that :func:`read_operation` reads as this operation.

    What is not given and what is as it is without being said are left out.
    """
    given = {
        _KEYS.get(field.name, field.name) if isinstance(operation, MoveCorner) else field.name: (
            _written(getattr(operation, field.name))
        )
        for field in fields(operation)
        if getattr(operation, field.name) not in (None, False, ())
    }
    return {"op": _NAMES[type(operation)], **given}


def _written(value: Any) -> Any:
    match value:
        case shapely.Point():
            return [value.x, value.y]
        case shapely.Geometry():
            return json.loads(shapely.to_geojson(value))
        case DrawnGrid():
            return {
                field.name: _written(part)
                for field in fields(value)
                if (part := getattr(value, field.name)) is not None
            }
        case tuple():
            return [_written(each) for each in value]
        case _:
            return value


def _line(geometry: Asked) -> shapely.LineString:
    return shapely.LineString(_places(geometry["coordinates"], "line", least=2))


def _point(position: Any) -> shapely.Point:
    return shapely.Point(_places([position], "position", least=1)[0])


def _area(geometry: Asked) -> Shape:
    if geometry["type"] == "Polygon":
        return _polygon(geometry["coordinates"])
    return shapely.MultiPolygon([_polygon(rings) for rings in geometry["coordinates"]])


def _outline(geometry: Asked) -> shapely.MultiPolygon:
    area = _area(geometry)
    return area if isinstance(area, shapely.MultiPolygon) else shapely.MultiPolygon([area])


def _polygon(rings: Any) -> shapely.Polygon:
    if not rings:
        raise Refused("geometry_invalid", "A polygon has one ring at least.")
    shell, *holes = (_places(ring, "ring", least=4) for ring in rings)
    return shapely.Polygon(shell, holes)


def _places(positions: Any, what: str, *, least: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Longitudes and latitudes; a height is dropped."""
    if len(positions) < least:
        raise Refused("geometry_invalid", f"A {what} has {least} positions at least.")
    places = np.array([position[:2] for position in positions], dtype=float)
    if not (np.isfinite(places).all() and (np.abs(places) <= (180.0, 90.0)).all()):
        raise Refused("geometry_invalid", f"A position of the {what} is no longitude and latitude.")
    return places
