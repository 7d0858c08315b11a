"""Open a file of any GDAL vector format and say plainly what is wrong with it."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FieldError
from pyproj.exceptions import CRSError
from shapely.errors import ShapelyError

from boundaries.files.shapefile_encoding import shapefile_encoding
from gis.errors import BadInput

_READ_ERRORS = (DataSourceError, DataLayerError, FieldError, UnicodeDecodeError)
# Damaged, encrypted (RuntimeError) or packed in a way Python cannot unpack.
_ARCHIVE_ERRORS = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError
)  # fmt: skip
# pyarrow raises the first three, a damaged header the fourth.
_PARQUET_ERRORS = (ValueError, OSError, KeyError, CRSError, ShapelyError)


@dataclass(frozen=True, slots=True)
class VectorFile:
    """One layer of a file: where GDAL finds it, its columns, rows, CRS text, and remarks.

    ``table`` holds all of it where GDAL cannot read the format (.parquet in its wheels).
    """

    source: str
    layer: str
    columns: tuple[str, ...]
    rows: int
    crs: str | None
    encoding: str | None
    notes: tuple[str, ...] = ()
    table: gpd.GeoDataFrame | None = None


def open_vector(path: Path, layer: str | None = None) -> VectorFile:
    """Look into a file without reading its rows.

    Raises
    ------
    BadInput
        ``file_missing``, ``file_unreadable``, ``layer_missing`` or ``layer_ambiguous``; the
        last two name the layers there are.
    """
    if not path.exists():
        raise BadInput("file_missing", f"no such file: {path}", file=str(path))
    if path.suffix.lower() == ".parquet":
        return _parquet(path)
    source = _source(path)
    encoding, note = None, None
    if path.suffix.lower() in {".shp", ".zip"}:
        encoding, note = shapefile_encoding(path)
    with _gdal_remarks() as remarks:
        chosen = _choose_layer(path, source, layer)
        try:
            info = pyogrio.read_info(
                source, layer=chosen, encoding=encoding, force_feature_count=True
            )
        except _READ_ERRORS as error:
            raise _unreadable(path, error) from error
    return VectorFile(
        source=source,
        layer=chosen,
        columns=tuple(info["fields"]),
        rows=int(info["features"]),
        crs=info["crs"],
        encoding=encoding,
        notes=(*remarks, *([] if note is None else [note])),
    )


def read_columns(file: VectorFile, columns: list[str]) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Read the geometry and some columns of every row, in file order.

    Returns
    -------
    frame, remarks
        A geometry that cannot be read is None; GDAL's own warnings are the remarks.

    Raises
    ------
    BadInput
        ``file_unreadable``, also when fewer rows come out than the file declares.
    """
    if file.table is not None:
        return file.table[[*columns, file.table.geometry.name]], ()
    with _gdal_remarks() as remarks:
        try:
            frame = pyogrio.read_dataframe(
                file.source,
                layer=file.layer,
                encoding=file.encoding,
                columns=columns,
                on_invalid="ignore",
            )
        except _READ_ERRORS as error:
            raise _unreadable(Path(file.source), error) from error
    if len(frame) != file.rows:
        raise _unreadable(
            Path(file.source), f"it declares {file.rows} rows, {len(frame)} can be read"
        )
    return frame, tuple(remarks)


@contextmanager
def _gdal_remarks() -> Iterator[list[str]]:
    """Collect what GDAL warns about, each remark once, instead of printing it."""
    remarks: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield remarks
    remarks.extend(dict.fromkeys(str(warning.message) for warning in caught))


def _parquet(path: Path) -> VectorFile:
    try:
        table = gpd.read_parquet(path)
    except _PARQUET_ERRORS as error:
        raise _unreadable(path, error) from error
    return VectorFile(
        source=str(path),
        layer=path.stem,
        columns=tuple(str(column) for column in table.columns.drop(table.geometry.name)),
        rows=len(table),
        crs=None if table.crs is None else table.crs.to_wkt(),
        encoding=None,
        table=table,
    )


def _source(path: Path) -> str:
    if path.suffix.lower() != ".zip":
        return str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
            members = archive.namelist()
    except _ARCHIVE_ERRORS as error:
        raise _unreadable(path, f"not a whole zip archive ({error})") from error
    if broken is not None:
        raise _unreadable(path, f"{broken} inside it is damaged")
    shapes = [name for name in members if name.lower().endswith(".shp")]
    if len(shapes) > 1:
        raise BadInput(
            "layer_ambiguous",
            f"{path.name} holds several shapefiles ({', '.join(shapes)}); keep one",
            layers=shapes,
        )
    # A member name in GBK cannot be addressed: then GDAL looks for the shapefile itself.
    inner = f"/{shapes[0]}" if shapes and shapes[0].isascii() else ""
    return f"/vsizip/{path.resolve()}{inner}"


def _choose_layer(path: Path, source: str, wanted: str | None) -> str:
    try:
        listed = pyogrio.list_layers(source)
    except DataSourceError as error:
        raise _unreadable(path, error) from error
    names = [str(name) for name, _ in listed]
    if wanted is not None:
        if wanted not in names:
            raise BadInput(
                "layer_missing",
                f"{path.name} has no layer {wanted!r}; it has {', '.join(names)}",
                layers=names,
            )
        return wanted
    spatial = [str(name) for name, kind in listed if kind is not None]
    if len(spatial) > 1:
        raise BadInput(
            "layer_ambiguous",
            f"{path.name} has {len(spatial)} layers ({', '.join(spatial)}); choose one",
            layers=spatial,
        )
    if not spatial:
        raise BadInput("layer_missing", f"{path.name} has no layer with geometry", layers=names)
    return spatial[0]


def _unreadable(path: Path, why: object) -> BadInput:
    return BadInput("file_unreadable", f"{path.name} cannot be read: {why}", file=path.name)
