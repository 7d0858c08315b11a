"""What the vector tiles are cut from: stored shapes, and the number of a layer's tiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.crs import WEB_MERCATOR_SRID
from gis.store.copying import copy_into, ewkb
from gis.store.tables.places import Community, Grid, Township
from gis.store.tables.tiles import TileShape, TileVersion
from gis.store.versions import Version

_AREAS = {"townships": Township, "communities": Community, "grids": Grid}


async def write_shapes(
    tx: AsyncConnection,
    version_id: int,
    layer: str,
    zoom: int,
    feature_ids: ArrayLike,
    geometries_3857: NDArray[np.object_],
) -> None:
    """Append the shapes of one layer at one zoom of a version.

    Parameters
    ----------
    layer
        ``townships``, ``communities``, ``grids`` or ``edges``.
    feature_ids
        Ids of the areas; for ``edges`` the levels (0 city, 1 township, 2 community, 3 grid).
    geometries_3857
        Aligned with ``feature_ids``, in Web Mercator metres (EPSG:3857).
    """
    ids = np.asarray(feature_ids, dtype=np.int64)
    await copy_into(
        tx,
        TileShape.__tablename__,
        {
            "version_id": np.full(len(ids), version_id),
            "layer": np.full(len(ids), layer, dtype=object),
            "zoom": np.full(len(ids), zoom),
            "feature_id": ids,
            "geometry": ewkb(geometries_3857, WEB_MERCATOR_SRID),
        },
    )


async def last_drawn(tx: AsyncConnection, versions: Sequence[Version]) -> Version | None:
    """The last of these versions, in order of effect, whose shapes are stored."""
    for version in reversed(versions):
        found = select(TileShape.id).where(TileShape.version_id == version.id).limit(1)
        if (await tx.execute(found)).first() is not None:
            return version
    return None


async def area_ids(tx: AsyncConnection, layer: str) -> dict[str, int]:
    """Id of every code that ``layer`` (townships, communities or grids) ever had."""
    table: Any = _AREAS[layer]
    return {row.code: row.id for row in await tx.execute(select(table.code, table.id))}


async def bump(tx: AsyncConnection, layers: Iterable[str]) -> None:
    """Give layers a new number, so that no cache shows their old tiles again.

    The number is the time in milliseconds, or one more than the last: it grows, and a city
    loaded anew at the same address does not start with numbers that browsers have seen.
    Locks one row a layer until the transaction ends; so call it last.
    """
    await tx.execute(
        text("""
            INSERT INTO tile_versions AS old (layer, number)
            SELECT layer, floor(extract(epoch FROM clock_timestamp()) * 1000)
            FROM unnest(CAST(:layers AS text[])) AS layer
            ORDER BY layer
            ON CONFLICT (layer) DO UPDATE SET number = greatest(old.number + 1, excluded.number)
        """),
        {"layers": _distinct(layers)},
    )


async def versions(tx: AsyncConnection) -> dict[str, int]:
    """The number of each layer; a layer that never changed has none."""
    rows = await tx.execute(select(TileVersion.layer, TileVersion.number))
    return {row.layer: row.number for row in rows}


def _distinct(layers: Iterable[str]) -> Sequence[str]:
    return sorted(set(layers))
