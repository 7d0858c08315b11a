"""Read counts of households and people at buildings from a file of any GDAL format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from boundaries.files.file_position import positioned
from boundaries.files.person_columns import refuse_person_columns
from boundaries.files.vector_file import VectorFile, open_vector, read_columns
from gis.crs import STORAGE_SRID, objects
from gis.datum import Datum
from gis.errors import BadInput

# A building or a block; more is a sum that landed in the wrong row.
LARGEST_COUNT = 1_000_000


@dataclass(frozen=True, slots=True)
class CountFileOptions:
    """Which columns hold the counts (``population`` may be None), and where the file lies."""

    households: str
    population: str | None = None
    datum: Datum | None = None

    def __post_init__(self) -> None:
        if not self.households:
            raise BadInput("option_missing", "the column of the households is needed")

    @property
    def columns(self) -> list[str]:
        """The columns to read, each once."""
        wanted = [self.households, *([self.population] if self.population else [])]
        return list(dict.fromkeys(wanted))


@dataclass(frozen=True, slots=True)
class CountFile:
    """Counts where they were given, and what was assumed in reading them.

    ``frame`` has ``households, population`` (Int32, NA where the file says nothing) and
    the geometry: Point, or valid Polygon or MultiPolygon, WGS84 degrees.
    """

    frame: gpd.GeoDataFrame
    notes: tuple[str, ...]


def read_counts(path: Path, options: CountFileOptions) -> CountFile:
    """Read counts at points or over polygons.

    Raises
    ------
    BadInput
        ``person_column``, ``column_missing``, ``file_empty``, ``geometry_missing``,
        ``geometry_wrong``, ``polygon_invalid`` or ``count_invalid``, naming column or row;
        besides what ``open_vector`` and ``positioned`` find.
    """
    file = open_vector(path)
    refuse_person_columns(file.columns)
    _require_columns(file, options.columns)
    if file.rows == 0:
        raise BadInput("file_empty", f"{path.name} has no rows", file=path.name)
    raw, remarks = read_columns(file, options.columns)
    rows = [f"row {number}" for number in range(1, len(raw) + 1)]
    shapes = _shapes(raw.geometry.to_numpy(), rows)
    placed, notes = positioned(shapes, rows, file_crs=file.crs, crs=None, datum=options.datum)
    _refuse_invalid(placed, rows)
    population = raw[options.population] if options.population else pd.Series(pd.NA, raw.index)
    frame = gpd.GeoDataFrame(
        {
            "households": _counts(raw[options.households], options.households, rows),
            "population": _counts(population, options.population or "", rows),
        },
        geometry=placed,
        crs=STORAGE_SRID,
    )
    return CountFile(frame, (*file.notes, *remarks, *notes))


def _require_columns(file: VectorFile, wanted: list[str]) -> None:
    for column in wanted:
        if column not in file.columns:
            raise BadInput(
                "column_missing",
                f"there is no column {column!r}; the file has {', '.join(file.columns)}",
                column=column,
            )


def _shapes(geometries: NDArray[np.object_], rows: list[str]) -> NDArray[np.object_]:
    shapes = objects(geometries)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if missing.any():
        raise BadInput("geometry_missing", f"{rows[int(np.argmax(missing))]} has no geometry")
    flat: NDArray[np.object_] = shapely.force_2d(shapes)
    wrong = ~np.isin(shapely.get_type_id(flat), (0, 3, 6))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise BadInput(
            "geometry_wrong",
            f"{rows[at]} is a {flat[at].geom_type}; counts stand at points or polygons",
        )
    return flat


def _refuse_invalid(shapes: NDArray[np.object_], rows: list[str]) -> None:
    """A polygon that crosses itself has no area to split by."""
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        at = int(np.argmax(invalid))
        raise BadInput(
            "polygon_invalid", f"{rows[at]}: {shapely.is_valid_reason(shapes[at])} (degrees WGS84)"
        )


def _counts(column: pd.Series, name: str, rows: list[str]) -> pd.Series:
    # As words, so that neither a truth nor a date passes for a number.
    words = column.astype("string").str.strip()
    numbers = pd.to_numeric(words, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    given = (words != "").to_numpy(bool, na_value=False)
    with np.errstate(invalid="ignore"):
        wrong = given & ~((numbers >= 0) & (numbers <= LARGEST_COUNT) & (numbers % 1 == 0))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise BadInput(
            "count_invalid",
            f"{rows[at]}: {column.iloc[at]!s} in {name} is no count"
            f" (a whole number from 0 to {LARGEST_COUNT:,})",
            column=name,
        )
    return pd.Series(np.where(given, numbers, np.nan)).astype("Int32")
