"""The shapes of edited rows as they are to be drawn: brought to the base, and valid."""

from __future__ import annotations

import re
from collections.abc import Sequence

import shapely

from boundaries.comparing.base_lines import BaseLines
from boundaries.comparing.edited_grids import EditedGrid
from boundaries.comparing.snapping import snap
from boundaries.comparing.wide import is_same_ground
from boundaries.steps import Shape
from gis.crs import snap_to_storage_grid
from gis.polygonal import made_valid

_PLACE = re.compile(r"\[(\S+) (\S+)\]")


def drawn_shapes(lines: BaseLines, rows: Sequence[EditedGrid]) -> tuple[dict[int, Shape], int]:
    """The shape of each row by its number, and how many corners were brought elsewhere.

    In degrees on the storage grid. Where a shape as narrow as 2 cm does not survive being
    brought to the base, it is mended, else taken as it came.

    Raises
    ------
    Refused
        ``polygon_invalid``: a row that is no polygon as it came either;
        ``corners_too_dense``.
    """
    snapped = snap(lines, [row.geometry for row in rows])
    shapes: dict[int, Shape] = {}
    for at, row in enumerate(rows):
        shape = snapped.shape_of(at)
        if shape is None or not shapely.is_valid(shape):
            shape = _mended(lines, row, shape)
        shapes[row.row] = shape
    return shapes, snapped.moved


def _mended(lines: BaseLines, row: EditedGrid, shape: Shape | None) -> Shape:
    (raw,) = snap_to_storage_grid([row.geometry])
    if not shapely.is_valid(row.geometry) and not shapely.is_valid(raw):
        raise _invalid(row)
    if shape is not None:
        (mended,) = snap_to_storage_grid(made_valid([shape]))
        pair = lines.plane.lay_shapes([mended, row.geometry])
        if shapely.is_valid(mended) and is_same_ground(pair[:1], pair[1:])[0]:
            return _one_or_many(mended)
    if shapely.is_empty(raw) or not shapely.is_valid(raw):
        raise _invalid(row)
    return _one_or_many(raw)


def _one_or_many(shape: shapely.Geometry) -> Shape:
    parts = shapely.get_parts(shape)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(list(parts))


def _invalid(row: EditedGrid) -> Exception:
    reason = shapely.is_valid_reason(row.geometry)
    said = _PLACE.search(reason)
    place = row.geometry if said is None else shapely.Point(float(said[1]), float(said[2]))
    words = reason.split("[")[0].strip().lower()
    return row.refused("polygon_invalid", f"this is no valid polygon: {words}.", place)
