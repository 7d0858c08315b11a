"""Units to be parted, read from a file of any GDAL format, and the file with their parts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError, FieldError

from boundaries.balancing.units import NAMED, Units
from boundaries.exchange import write_table
from boundaries.files.vector_file import open_vector, read_columns
from gis.adjacency import Adjacency, adjacency_of
from gis.crs import metric_crs, objects
from gis.errors import BadInput

PART = "part"
NARROW_GAP_M = 10.0
_DEGREE_M = 111_320.0
_POLYGONS = (3, 6)


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A file's rows as units: the whole table in file order, the units, remarks for the user."""

    frame: gpd.GeoDataFrame
    units: Units
    notes: tuple[str, ...]


def read_units(path: Path, weight: str, layer: str | None = None) -> UnitFile:
    """Read a coverage and the column its parts are to be even by.

    Everything is done in the file's own coordinates, which stay as they are; the CRS, where
    there is one, only says in what borders are measured. Borders are matched vertex by
    vertex, so a coverage whose borders do not match is refused.

    Raises
    ------
    BadInput
        ``column_missing``, ``file_empty``, ``weight_not_a_number``, ``geometry_missing``,
        ``geometry_not_polygon``, ``coverage_invalid`` with every row it is about, and what
        `open_vector` and `Units` find.
    """
    file = open_vector(path, layer)
    if file.rows == 0:
        raise BadInput("file_empty", f"{path.name} has no rows", file=path.name)
    if weight not in file.columns:
        there = ", ".join(file.columns[:30]) + (" …" if len(file.columns) > 30 else "")
        raise BadInput(
            "column_missing", f"no column {weight}; the file has {there}", columns=[*file.columns]
        )
    frame, remarks = read_columns(file, list(file.columns))
    rows = tuple(f"row {number}" for number in range(1, len(frame) + 1))
    shapes = _polygons(frame.geometry.to_numpy(), rows)
    _refuse_faults(shapes, rows)
    units = Units(_numbers(frame[weight], weight, rows), _adjacency(shapes, frame.crs), rows)
    notes = (*file.notes, *remarks, *_near_misses(shapes, frame.crs, rows))
    return UnitFile(frame, units, notes)


def numbered_west_to_east(
    geometries: NDArray[np.object_], part: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Number parts from 1 by where their middles lie, from west to east, then south to north."""
    shapes = shapely.force_2d(objects(geometries))
    area, middle = shapely.area(shapes), shapely.centroid(shapes)
    total = np.bincount(part, weights=area)
    x = np.bincount(part, weights=area * shapely.get_x(middle)) / total
    y = np.bincount(part, weights=area * shapely.get_y(middle)) / total
    number = np.empty(len(total), dtype=np.int64)
    number[np.lexsort((y, x))] = np.arange(1, len(total) + 1)
    return number[part]


def write_parts(file: UnitFile, part: NDArray[np.int64], path: Path) -> None:
    """Write the file's rows and columns with the column ``part``, in the format of the suffix.

    A column of that name is replaced.

    Raises
    ------
    BadInput
        ``file_not_written`` where the format cannot hold the columns; see `write_table`.
    """
    names = [name for name in file.frame.columns if str(name).lower() != PART]
    frame = file.frame[names].assign(**{PART: part})
    with warnings.catch_warnings():
        # The file has none to give on; the notes say so.
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        try:
            write_table(frame, path)
        except (DataSourceError, DataLayerError, FieldError) as error:
            raise BadInput(
                "file_not_written", f"{path.name} cannot be written: {error}", file=str(path)
            ) from error


def _polygons(geometries: NDArray[np.object_], rows: tuple[str, ...]) -> NDArray[np.object_]:
    shapes = objects(geometries)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if missing.any():
        raise BadInput("geometry_missing", f"{rows[int(np.argmax(missing))]} has no geometry")
    wrong = ~np.isin(shapely.get_type_id(shapes), _POLYGONS)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise BadInput(
            "geometry_not_polygon", f"{rows[at]} is a {shapes[at].geom_type}; a unit is a polygon"
        )
    flat: NDArray[np.object_] = shapely.force_2d(shapes)
    return flat


def _numbers(column: pd.Series, name: str, rows: tuple[str, ...]) -> NDArray[np.float64]:
    # As words, so that neither a truth nor a date passes for a number.
    words = column.astype("string").str.strip()
    numbers = pd.to_numeric(words, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    given = (words != "").to_numpy(bool, na_value=False)
    wrong = given & np.isnan(numbers) & (words.str.lower() != "nan").to_numpy(bool, na_value=True)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise BadInput(
            "weight_not_a_number",
            f"{rows[at]}: {column.iloc[at]!s} in {name} is no number",
            column=name,
        )
    return numbers


def _refuse_faults(shapes: NDArray[np.object_], rows: tuple[str, ...]) -> None:
    invalid = np.flatnonzero(~shapely.is_valid(shapes)).tolist()
    said = [f"{rows[at]}: {shapely.is_valid_reason(shapes[at])}" for at in invalid]
    if not said and not shapely.coverage_is_valid(shapes):
        one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
        one, other = one[one < other], other[one < other]
        crossing = shapely.relate_pattern(shapes[one], shapes[other], "2********")
        pairs = list(zip(one[crossing].tolist(), other[crossing].tolist(), strict=True))
        said = [f"{rows[a]} and {rows[b]} overlap" for a, b in pairs]
        named = {at for pair in pairs for at in pair}
        unmatched = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
        said += [
            f"{rows[at]} has a border without the vertices of its neighbour"
            for at in unmatched.tolist()
            if at not in named
        ]
    if said:
        more = f"; and {len(said) - NAMED:,} more" if len(said) > NAMED else ""
        raise BadInput(
            "coverage_invalid",
            f"the polygons are no coverage: {'; '.join(said[:NAMED])}{more}",
            faults=said,
        )


def _adjacency(shapes: NDArray[np.object_], crs: pyproj.CRS | None) -> Adjacency:
    if crs is None or not crs.is_geographic:
        return adjacency_of(shapes)
    west, south, east, north = shapely.total_bounds(shapes)
    return adjacency_of(shapes, metric_crs((west + east) / 2, (south + north) / 2))


def _near_misses(
    shapes: NDArray[np.object_], crs: pyproj.CRS | None, rows: tuple[str, ...]
) -> list[str]:
    """What to tell about units that nearly touch, and about a CRS that is not there."""
    if crs is None:
        return ["the file names no CRS; borders are measured in its own units, none is written"]
    unit_m = _DEGREE_M if crs.is_geographic else crs.axis_info[0].unit_conversion_factor
    edges = shapely.coverage_invalid_edges(shapes, gap_width=NARROW_GAP_M / unit_m)
    facing = np.flatnonzero(~shapely.is_empty(edges)).tolist()
    if not facing:
        return []
    listed = ", ".join(rows[at] for at in facing[:NAMED]) + (" …" if len(facing) > NAMED else "")
    return [
        f"{len(facing):,} units face another across a gap of up to {NARROW_GAP_M:.0f} m"
        f" ({listed}); they are neighbours only where they touch"
    ]
