"""Write tables and coverages to the formats others read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from boundaries.files.spreadsheet import write_spreadsheet
from gis.errors import BadInput

EXPORT_COLUMNS = ("code", "name", "kind", "community", "township")
GEOJSON_DECIMALS = 9  # the storage grid; GDAL writes 7 unless told

_SHAPEFILE_NAME_LENGTH = 10
_SHAPEFILE_TEXT_BYTES = 254


def export_grids(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a GridFrame with the columns ``code, name, kind, community, township``.

    Read back from .gpkg, .geojson, .fgb and .parquet its geometry has the same bytes.
    """
    write_table(frame[[*EXPORT_COLUMNS, frame.geometry.name]], path)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame in the format its file name ends with, whole or not at all.

    .gpkg .geojson .fgb .shp need a GeoDataFrame; .parquet .csv .xlsx take any frame. In
    .csv the geometry is WKT with nine decimals, left out where columns ``lng`` and ``lat``
    hold it already; .xlsx has no geometry, for a cell ends at 32,767 signs. A .shp is UTF-8
    with its .cpg, its column names cut to ten letters, its instants ISO 8601 text.

    Raises
    ------
    BadInput
        ``format_unknown``, ``geometry_missing``, ``folder_missing`` or
        ``shapefile_text_too_long``.
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
        options["COORDINATE_PRECISION"] = str(GEOJSON_DECIMALS)
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


def _write_shp(frame: gpd.GeoDataFrame, path: Path) -> None:
    table = _iso_instants(frame).rename(columns=_short_names(list(frame.columns)))
    for column in table.columns.difference([str(table.geometry.name)], sort=False):
        for row, value in enumerate(table[column].tolist(), start=1):
            if isinstance(value, str) and len(value.encode()) > _SHAPEFILE_TEXT_BYTES:
                raise BadInput(
                    "shapefile_text_too_long",
                    f"row {row}: {column} is longer than the {_SHAPEFILE_TEXT_BYTES} bytes"
                    " a shapefile holds; choose another format",
                    row=row,
                    column=column,
                )
    pyogrio.write_dataframe(table, path, driver="ESRI Shapefile", encoding="UTF-8")


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
