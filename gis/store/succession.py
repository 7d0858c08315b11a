"""What a new boundary version is held against: the codes given up, the outline before."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from sqlalchemy import Text, any_, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

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
