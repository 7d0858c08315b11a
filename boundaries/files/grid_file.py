"""Read a city's grids from a file of any GDAL format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from boundaries.files.file_position import positioned
from boundaries.files.grid_columns import (
    BASE,
    as_text,
    checked_codes,
    checked_kinds,
    checked_level,
    refuse_community_in_two_townships,
    refuse_duplicates,
    row_names,
)
from boundaries.files.person_columns import refuse_person_columns
from boundaries.files.vector_file import VectorFile, open_vector, read_columns
from gis.crs import STORAGE_SRID, objects
from gis.datum import Datum
from gis.errors import BadInput

GRID_COLUMNS = (
    "code",
    "name",
    "kind",
    "community",
    "community_name",
    "township",
    "township_name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GridFileOptions:
    """Which columns of the file mean what, and where it lies.

    Parameters
    ----------
    code
        Column of the grid codes.
    city_name
        Name of the city; where the file lacks a level, its one township or community is
        called so, code and name alike.
    name, township, community, kind
        Columns, or None where the file has none. A level's column holds its code, which is
        its name too; a missing name is the code, a missing kind is ``base``.
    layer
        Layer to read, needed when there are several.
    crs
        Overrides what the file claims, e.g. ``EPSG:4549``.
    datum
        Overrides both.
    """

    code: str
    city_name: str
    name: str | None = None
    township: str | None = None
    community: str | None = None
    kind: str | None = None
    layer: str | None = None
    crs: str | None = None
    datum: Datum | None = None

    def __post_init__(self) -> None:
        if not self.code or not self.city_name.strip():
            raise BadInput("option_missing", "the code column and the city's name are needed")

    @property
    def columns(self) -> list[str]:
        """The columns to read, each once."""
        wanted = [self.code, self.name, self.township, self.community, self.kind]
        return list(dict.fromkeys(column for column in wanted if column is not None))


@dataclass(frozen=True, slots=True)
class GridFile:
    """The grids of a file as a GridFrame, and what was assumed in reading it.

    ``frame`` is EPSG:4326 with the columns `GRID_COLUMNS` and geometry, sorted by code. Its
    coordinates are not rounded and the polygons not yet proven: that is `intake.admit`.
    """

    frame: gpd.GeoDataFrame
    notes: tuple[str, ...]


def read_grids(path: Path, options: GridFileOptions) -> GridFile:
    """Read grids, checking everything that does not need their neighbours.

    Raises
    ------
    BadInput
        With a stable code and the row, grid code or column it is about.
    """
    file = open_vector(path, options.layer)
    refuse_person_columns(file.columns)
    _require_columns(file, options)
    if file.rows == 0:
        raise BadInput("file_empty", f"{path.name} has no rows", file=path.name)
    raw, remarks = read_columns(file, options.columns)
    texts = {column: as_text(raw[column]) for column in options.columns}
    rows = row_names(texts[options.code])
    codes = checked_codes(texts[options.code])
    townships, communities = _levels(options, texts, rows)
    refuse_duplicates(codes, communities)
    refuse_community_in_two_townships(communities, townships)
    kinds = [BASE] * len(codes)
    if options.kind is not None:
        kinds = checked_kinds(texts[options.kind], rows)
    names = texts[options.name] if options.name is not None else codes
    polygons, notes = positioned(
        checked_polygons(raw.geometry.to_numpy(), rows),
        rows,
        file_crs=file.crs,
        crs=options.crs,
        datum=options.datum,
    )
    columns = (
        codes,
        [name or code for name, code in zip(names, codes, strict=True)],
        kinds,
        communities,
        communities,
        townships,
        townships,
    )
    frame = gpd.GeoDataFrame(
        dict(zip(GRID_COLUMNS, columns, strict=True)), geometry=polygons, crs=STORAGE_SRID
    )
    ordered = frame.sort_values("code", kind="stable", ignore_index=True)
    return GridFile(ordered, (*file.notes, *remarks, *notes))


def _require_columns(file: VectorFile, options: GridFileOptions) -> None:
    missing = [column for column in options.columns if column not in file.columns]
    if file.rows and missing:
        there = ", ".join(file.columns[:30]) + (" …" if len(file.columns) > 30 else "")
        raise BadInput(
            "column_missing",
            f"no column {', '.join(missing)}; the file has {there or 'none'}",
            missing=missing,
            columns=list(file.columns),
        )


def _levels(
    options: GridFileOptions, texts: dict[str, list[str | None]], rows: Sequence[str]
) -> tuple[list[str], list[str]]:
    townships = communities = [options.city_name.strip()] * len(rows)
    if options.township is not None:
        townships = checked_level("township", texts[options.township], rows)
        communities = townships
    if options.community is not None:
        communities = checked_level("community", texts[options.community], rows)
    return townships, communities


def checked_polygons(geometries: NDArray[np.object_], rows: Sequence[str]) -> NDArray[np.object_]:
    """Refuse what is no polygon; a collection of nothing but polygons becomes one.

    Raises
    ------
    BadInput
        ``geometry_missing``, ``geometry_empty``, ``geometry_not_polygon``.
    """
    shapes = objects(geometries)
    for index, (shape, row) in enumerate(zip(shapes, rows, strict=True)):
        if shape is None:
            raise BadInput("geometry_missing", f"{row} has no geometry, or one that is broken")
        if shape.is_empty:
            raise BadInput("geometry_empty", f"{row} has an empty geometry")
        kinds = {part.geom_type for part in shapely.get_parts(shapely.get_parts(shape))}
        if shape.geom_type not in {"Polygon", "MultiPolygon"}:
            if shape.geom_type != "GeometryCollection" or kinds != {"Polygon"}:
                also = f" of {', '.join(sorted(kinds))}" if len(kinds) > 1 else ""
                raise BadInput(
                    "geometry_not_polygon",
                    f"{row} is a {shape.geom_type}{also}; a grid is a polygon",
                    kind=shape.geom_type,
                )
            shapes[index] = shapely.MultiPolygon(list(shapely.get_parts(shapely.get_parts(shape))))
    found: NDArray[np.object_] = shapely.force_2d(shapes)
    return found
