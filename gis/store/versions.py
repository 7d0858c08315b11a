"""Boundary versions: the chain, one version's rows in and out.

A version is written whole and never altered (a trigger holds that). Which one
is in force at an instant is decided by ``version_at`` on the chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geoalchemy2.shape import from_shape
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase

from gis.store.analyze import analyze
from gis.store.copying import copy_into, ewkb
from gis.store.tables.places import (
    BoundaryVersion,
    Community,
    CommunityVersion,
    Grid,
    GridVersion,
    Township,
    TownshipVersion,
)

# The first version of a city is in force from here on, so that reports older
# than the day the city was imported still find their grid.
BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """One link of the chain: in force during ``[effective_at, until)``."""

    id: int
    number: int
    effective_at: datetime
    until: datetime | None
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class LevelRows:
    """The areas of one upper level in a version.

    ``parents`` are codes of the level above; empty for townships. Geometries
    and label points are longitude/latitude (EPSG:4326).
    """

    codes: Sequence[str]
    names: Sequence[str]
    parents: Sequence[str]
    geometries: Any
    labels: Any


async def version_chain(tx: AsyncConnection) -> tuple[Version, ...]:
    """All versions in order of effect; empty for a new city."""
    until = func.lead(BoundaryVersion.effective_at).over(order_by=BoundaryVersion.effective_at)
    rows = await tx.execute(
        select(
            BoundaryVersion.id,
            BoundaryVersion.number,
            BoundaryVersion.effective_at,
            until,
            BoundaryVersion.content_hash,
        ).order_by(BoundaryVersion.effective_at)
    )
    return tuple(Version(*row) for row in rows)


def version_at(chain: Sequence[Version], instant: datetime) -> Version | None:
    """The version in force at ``instant``; None before the first one."""
    current = None
    for version in chain:
        if version.effective_at > instant:
            break
        current = version
    return current


async def lock_chain(tx: AsyncConnection) -> None:
    """Let only one transaction at a time add to the chain."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), 1)"))


async def insert_version(
    tx: AsyncConnection,
    *,
    effective_at: datetime,
    actor: str,
    content_hash: bytes,
    outline: shapely.MultiPolygon,
    townships: LevelRows,
    communities: LevelRows,
    grids: pd.DataFrame,
) -> Version:
    """Write one version with all its rows; identities of new codes are made.

    Parameters
    ----------
    grids
        Columns ``code, name, kind, community, area_m2, geometry, label``.
    """
    row = (
        await tx.execute(
            insert(BoundaryVersion)
            .values(
                number=select(
                    func.coalesce(func.max(BoundaryVersion.number), 0) + 1
                ).scalar_subquery(),
                effective_at=effective_at,
                published_by=actor,
                content_hash=content_hash,
                outline=from_shape(outline, srid=4326),
            )
            .returning(BoundaryVersion.id, BoundaryVersion.number)
        )
    ).one()
    township_ids = await _identities(tx, Township, townships.codes)
    community_ids = await _identities(tx, Community, communities.codes)
    grid_ids = await _identities(tx, Grid, list(grids["code"]))
    await copy_into(
        tx,
        TownshipVersion.__tablename__,
        {
            "version_id": np.full(len(townships.codes), row.id),
            "township_id": [township_ids[code] for code in townships.codes],
            **_described(townships),
        },
    )
    await copy_into(
        tx,
        CommunityVersion.__tablename__,
        {
            "version_id": np.full(len(communities.codes), row.id),
            "community_id": [community_ids[code] for code in communities.codes],
            "township_id": [township_ids[code] for code in communities.parents],
            **_described(communities),
        },
    )
    await copy_into(
        tx,
        GridVersion.__tablename__,
        {
            "version_id": np.full(len(grids), row.id),
            "grid_id": [grid_ids[code] for code in grids["code"]],
            "community_id": [community_ids[code] for code in grids["community"]],
            "name": grids["name"].to_numpy(object),
            "kind": grids["kind"].to_numpy(object),
            "area_m2": grids["area_m2"].to_numpy(float),
            "geometry": ewkb(_multi(grids["geometry"].to_numpy()), 4326),
            "label": ewkb(grids["label"].to_numpy(), 4326),
        },
    )
    await analyze(tx, TownshipVersion, CommunityVersion, GridVersion)
    return Version(row.id, row.number, effective_at, None, content_hash)


def _described(level: LevelRows) -> dict[str, Any]:
    return {
        "name": list(level.names),
        "geometry": ewkb(_multi(level.geometries), 4326),
        "label": ewkb(level.labels, 4326),
    }


def _multi(geometries: Any) -> Any:
    return np.array(
        [g if g.geom_type == "MultiPolygon" else shapely.MultiPolygon([g]) for g in geometries],
        dtype=object,
    )


async def _identities(
    tx: AsyncConnection, table: type[DeclarativeBase], codes: Sequence[str]
) -> dict[str, int]:
    name = table.__tablename__
    await tx.execute(
        text(
            f"INSERT INTO {name} (code) SELECT unnest(CAST(:codes AS text[]))"
            " ON CONFLICT DO NOTHING"
        ),
        {"codes": list(codes)},
    )
    rows = await tx.execute(
        text(f"SELECT code, id FROM {name} WHERE code = ANY(CAST(:codes AS text[]))"),  # noqa: S608
        {"codes": list(codes)},
    )
    return {row.code: row.id for row in rows}
