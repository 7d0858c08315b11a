"""Write tables and coverages to the formats others read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from boundaries.files.file_position import brought_to
from boundaries.files.spreadsheet import write_spreadsheet
from gis.errors import BadInput

EXPORT_COLUMNS = ("code", "name", "kind", "community", "township")
UTF_8 = "UTF-8"
SHAPEFILE_ENCODINGS = (UTF_8, "GBK")
GEOJSON_DECIMALS = 9  # the storage grid; GDAL writes 7 unless told
PROJECTED_DECIMALS = 5  # of a metre or foot

_SHAPEFILE_NAME_LENGTH = 10
_SHAPEFILE_TEXT_BYTES = 254


def export_grids(
    frame: gpd.GeoDataFrame, path: Path, *, crs: str | None = None, encoding: str = UTF_8
) -> None:
    """Write a GridFrame with the columns ``code, name, kind, community, township``.

    Read back from .gpkg, .geojson, .fgb and .parquet in EPSG:4326 its geometry has the same
    bytes.

    Parameters
    ----------
    crs
        What its coordinates are brought to, e.g. ``EPSG:4549``; default EPSG:4326.
    encoding
        Of the text of a .shp, one of `SHAPEFILE_ENCODINGS`.

    Raises
    ------
    BadInput
        ``crs_unknown``, ``crs_elsewhere``, and those of :func:`write_table`.
    """
    table = frame[[*EXPORT_COLUMNS, frame.geometry.name]]
    write_table(table if crs is None else brought_to(table, crs), path, encoding=encoding)


def write_table(frame: pd.DataFrame, path: Path, *, encoding: str = UTF_8) -> None:
    """Write a frame in the format its file name ends with, whole or not at all.

    .gpkg .geojson .fgb .shp need a GeoDataFrame; .parquet .csv .xlsx take any frame. In
    .csv the geometry is WKT with nine decimals, left out where columns ``lng`` and ``lat``
    hold it already; .xlsx has no geometry, for a cell ends at 32,767 signs. A .shp has a
    .cpg that names its ``encoding``, its column names cut to ten letters, its instants ISO
    8601 text.

    Raises
    ------
    BadInput
        ``format_unknown``, ``geometry_missing``, ``folder_missing``, ``encoding_unknown``,
        ``shapefile_text_too_long`` or ``shapefile_text_unfit``: a sign that the encoding lacks.
    TooLarge
        ``spreadsheet_too_long`` for more rows than a sheet has.
    """
    suffix = path.suffix.lower()
    writer = _WRITERS.get(suffix)
    if writer is None:
        raise BadInput(
            "format_unknown",
            f"cannot write {path.name}: the formats are {' '.join(sorted(_WRITERS))}",
            file=path.name,
        )
    if suffix in _SPATIAL and not isinstance(frame, gpd.GeoDataFrame):
        raise BadInput("geometry_missing", f"{path.name} needs a geometry and the table has none")
    if encoding not in SHAPEFILE_ENCODINGS:
        raise BadInput(
            "encoding_unknown",
            f"a shapefile is written in {' or '.join(SHAPEFILE_ENCODINGS)}, not {encoding}",
            encoding=encoding,
        )
    if suffix == ".shp":
        table = frame
        _write_whole(path, lambda target: _write_shp(table, target, encoding))
        return
    _write_whole(path, lambda target: writer(frame, target))


def write_layers(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write several frames as the layers of one GeoPackage, whole or not at all."""

    def write(target: Path) -> None:
        for name, frame in layers.items():
            _write_layer(frame, target, driver="GPKG", layer=name)

    _write_whole(path, write)


def _write_whole(path: Path, write: Callable[[Path], None]) -> None:
    if not path.parent.is_dir():
        raise BadInput("folder_missing", f"no such folder: {path.parent}", file=str(path))
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        write(Path(folder) / path.name)
        for written in sorted(Path(folder).iterdir()):
            written.replace(path.parent / written.name)


def _write_layer(frame: gpd.GeoDataFrame, path: Path, *, driver: str, layer: str) -> None:
    kinds = set(frame.geom_type.dropna())
    options = {}
    if driver == "GeoJSON":
        projected = frame.crs is not None and frame.crs.is_projected
        options["COORDINATE_PRECISION"] = str(PROJECTED_DECIMALS if projected else GEOJSON_DECIMALS)
    if driver == "FlatGeobuf" and frame.geometry.isna().any():
        options["SPATIAL_INDEX"] = "NO"  # it has no room for a row without a geometry
    pyogrio.write_dataframe(
        frame,
        path,
        driver=driver,
        layer=layer,
        append=path.exists(),
        # Polygons stay polygons beside multipolygons, so that the bytes stay too.
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        promote_to_multi=False,
        layer_options=options,
    )


def _write_gpkg(frame: gpd.GeoDataFrame, path: Path) -> None:
    _write_layer(frame, path, driver="GPKG", layer=path.stem)


def _write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    _write_layer(frame, path, driver="GeoJSON", layer=path.stem)


def _write_fgb(frame: gpd.GeoDataFrame, path: Path) -> None:
    _write_layer(frame, path, driver="FlatGeobuf", layer=path.stem)


def _write_shp(frame: gpd.GeoDataFrame, path: Path, encoding: str = UTF_8) -> None:
    table = _iso_instants(frame).rename(columns=_short_names(list(frame.columns)))
    most = _SHAPEFILE_TEXT_BYTES
    for column in table.columns.difference([str(table.geometry.name)], sort=False):
        for row, value in enumerate(table[column].tolist(), start=1):
            if isinstance(value, str) and _bytes_of(value, encoding, row, column) > most:
                raise BadInput(
                    "shapefile_text_too_long",
                    f"row {row}: {column} is longer than the {most} bytes"
                    " a shapefile holds; choose another format",
                    row=row,
                    column=column,
                )
    pyogrio.write_dataframe(table, path, driver="ESRI Shapefile", encoding=encoding)


def _bytes_of(value: str, encoding: str, row: int, column: str) -> int:
    try:
        return len(value.encode(encoding))
    except UnicodeEncodeError as error:
        raise BadInput(
            "shapefile_text_unfit",
            f"row {row}: {column} {value!r} has a sign that {encoding} lacks; choose UTF-8",
            row=row,
            column=column,
        ) from error


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    table = _iso_instants(frame)
    if isinstance(frame, gpd.GeoDataFrame):
        name = frame.geometry.name
        shapes = frame.geometry.to_numpy()
        table = pd.DataFrame(table.drop(columns=name))
        if not {"lng", "lat"} <= set(table.columns):
            table[name] = shapely.to_wkt(shapes, rounding_precision=GEOJSON_DECIMALS)
    table.to_csv(path, index=False, lineterminator="\n")


def _write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    table = _iso_instants(frame)
    if isinstance(frame, gpd.GeoDataFrame):
        table = table.drop(columns=frame.geometry.name)
    write_spreadsheet(pd.DataFrame(table), path)


def _iso_instants(frame: pd.DataFrame) -> pd.DataFrame:
    """Instants as ISO 8601 text, for formats that cannot hold a time zone."""
    instants = frame.select_dtypes(include=["datetime", "datetimetz"]).columns
    spelled = frame.copy() if len(instants) else frame
    for column in instants:
        spelled[column] = [None if pd.isna(at) else at.isoformat() for at in frame[column]]
    return spelled


def _short_names(columns: list[str]) -> dict[str, str]:
    """Column names cut to ten letters, numbered where that makes them equal."""
    short: dict[str, str] = {}
    for column in columns:
        name, number = column[:_SHAPEFILE_NAME_LENGTH], 1
        while name in short.values():
            ending = f"_{number}"
            name = column[: _SHAPEFILE_NAME_LENGTH - len(ending)] + ending
            number += 1
        short[column] = name
    return short


_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".gpkg": _write_gpkg,
    ".geojson": _write_geojson,
    ".fgb": _write_fgb,
    ".shp": _write_shp,
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
_SPATIAL = {".gpkg", ".geojson", ".fgb", ".shp"}
