"""Tables and point layers in any format GDAL reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from api.cases.files.table import Rows, Table, no_rows, text_batch, unreadable
from gis.crs import STORAGE_SRID

CHUNK_ROWS = 20_000


def open_layer(path: Path) -> Table:
    """Open the first layer of a file.

    A point layer's coordinates stand in the columns ``lng`` and ``lat`` (EPSG:4326)
    where it has no such columns of its own.

    Raises
    ------
    BadInput
        ``file_unreadable`` (no format GDAL knows, or damaged), ``no_rows``.
    """
    try:
        frame = pyogrio.read_dataframe(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (DataSourceError, DataLayerError, FeatureError, OSError, UnicodeDecodeError) as error:
        raise unreadable(path, "GDAL knows no such format, or it is damaged") from error
    if frame.empty:
        raise no_rows(path)
    table = _with_coordinates(frame)
    columns = [_texts(table.iloc[:, index]) for index in range(table.shape[1])]

    def chunks() -> Iterator[Rows]:
        for begin in range(0, len(table), CHUNK_ROWS):
            cells = text_batch([column.slice(begin, CHUNK_ROWS) for column in columns])
            yield Rows(np.arange(begin, begin + cells.num_rows, dtype=np.int64) + 2, cells)

    names = tuple(str(name).strip() for name in table.columns)
    return Table(path, names, digest, len(table), chunks)


def _with_coordinates(frame: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    points = frame.geometry
    table = pd.DataFrame(frame.drop(columns=points.name))
    if (points.geom_type.dropna() == "Point").all():
        if points.crs is not None:
            points = points.to_crs(STORAGE_SRID)
        for name, values in (("lng", points.x), ("lat", points.y)):
            if name not in table:
                table[name] = values
    return table


def _texts(values: pd.Series) -> pa.Array:
    array = pa.Array.from_pandas(values)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return pc.fill_null(array.cast(pa.string()), "")
