"""What a new boundary version is held against, and what of the one before holds for it too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import shapely
from sqlalchemy import Text, any_, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.grids import load_grids
from gis.store.tables.places import BoundaryVersion, Grid, GridVersion


async def given_up_codes(
    tx: AsyncConnection, codes: Sequence[str], version_id: int
) -> tuple[str, ...]:
    """Which of these grid codes a version has had before, but ``version_id`` has not; sorted."""
    held = select(GridVersion.grid_id)
    rows = await tx.execute(
        select(Grid.code)
        .where(Grid.code == any_(cast(list(codes), ARRAY(Text))))
        .where(Grid.id.in_(held))
        .where(Grid.id.not_in(held.where(GridVersion.version_id == version_id)))
    )
    return tuple(sorted(rows.scalars()))


async def outline_of_version(tx: AsyncConnection, version_id: int) -> shapely.MultiPolygon:
    """The outline stored with a version (EPSG:4326), declared holes included."""
    wkb = await tx.execute(
        select(func.ST_AsBinary(BoundaryVersion.outline)).where(BoundaryVersion.id == version_id)
    )
    outline: shapely.MultiPolygon = shapely.from_wkb(wkb.scalar_one())
    return outline


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version as it was published: its grids (``load_grids``), and by code what was computed.

    ``labels`` are the grids' label points; ``communities`` and ``townships`` have outline and
    label point (EPSG:4326).
    """

    grids: gpd.GeoDataFrame
    labels: Mapping[str, shapely.Point]
    communities: Mapping[str, tuple[shapely.Geometry, shapely.Point]]
    townships: Mapping[str, tuple[shapely.Geometry, shapely.Point]]


async def stored_version(tx: AsyncConnection, version_id: int) -> StoredVersion:
    """Read a version back whole, so that the next one computes only what changed."""
    found = {}
    for word, table in (("grid", "grids"), ("community", "communities"), ("township", "townships")):
        outline = "NULL" if word == "grid" else "ST_AsBinary(part.geometry)"
        rows = await tx.execute(
            text(
                f"""
                SELECT place.code, {outline} AS outline, ST_AsBinary(part.label) AS label
                FROM {word}_versions AS part JOIN {table} AS place ON place.id = part.{word}_id
                WHERE part.version_id = :version
                """  # noqa: S608 - constants of this function
            ),
            {"version": version_id},
        )
        found[word] = {
            row.code: (shapely.from_wkb(row.outline), shapely.from_wkb(row.label)) for row in rows
        }
    return StoredVersion(
        await load_grids(tx, version_id),
        {code: label for code, (_, label) in found["grid"].items()},
        found["community"],
        found["township"],
    )
