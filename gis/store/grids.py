"""Reading grids of a version: a page of them, one with its outline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.tables.places import (
    Community,
    CommunityVersion,
    Grid,
    GridVersion,
    Township,
    TownshipVersion,
)

# What a grid is called and where it belongs, in the order of ``GridRow``.
_DESCRIBED = (
    Grid.code,
    GridVersion.name,
    GridVersion.kind,
    Community.code.label("community"),
    CommunityVersion.name.label("community_name"),
    Township.code.label("township"),
    TownshipVersion.name.label("township_name"),
    GridVersion.area_m2,
)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A grid as lists show it.

    ``lng, lat`` is a point inside it, ``bounds`` west, south, east, north; both
    in degrees (EPSG:4326).
    """

    code: str
    name: str
    kind: str
    community: str
    community_name: str
    township: str
    township_name: str
    area_m2: float
    lng: float
    lat: float
    bounds: tuple[float, float, float, float]


async def list_grids(
    tx: AsyncConnection,
    version_id: int,
    *,
    matching: str | None = None,
    community: str | None = None,
    township: str | None = None,
    after: str | None = None,
    limit: int,
) -> list[GridRow]:
    """Grids of a version by code; ``matching`` is looked for in code and name."""
    query = _rows(version_id).order_by(Grid.code.collate("C")).limit(limit)
    if matching:
        pattern = f"%{_escaped(matching)}%"
        query = query.where(or_(Grid.code.ilike(pattern), GridVersion.name.ilike(pattern)))
    if community:
        query = query.where(Community.code == community)
    if township:
        query = query.where(Township.code == township)
    if after is not None:
        query = query.where(Grid.code.collate("C") > after)
    return [_grid(row) for row in await tx.execute(query)]


async def get_grid(tx: AsyncConnection, version_id: int, code: str) -> tuple[GridRow, str] | None:
    """One grid and its outline as GeoJSON text (9 decimals); None where there is none."""
    query = (
        _rows(version_id)
        .add_columns(func.ST_AsGeoJSON(GridVersion.geometry, 9).label("geojson"))
        .where(Grid.code == code)
    )
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else (_grid(row), row.geojson)


async def load_grids(tx: AsyncConnection, version_id: int) -> gpd.GeoDataFrame:
    """One version's whole coverage as a GridFrame, with the ids of each row's areas.

    Columns ``code, name, kind, community, community_name, township,
    township_name, area_m2, grid_id, community_id, township_id, geometry``,
    sorted by code (by code point, as Python sorts), EPSG:4326.
    """
    rows = await tx.execute(
        _rows(version_id)
        .with_only_columns(
            *_DESCRIBED,
            GridVersion.grid_id,
            GridVersion.community_id,
            CommunityVersion.township_id,
            func.ST_AsBinary(GridVersion.geometry).label("wkb"),
        )
        .order_by(Grid.code.collate("C"))
    )
    frame = pd.DataFrame(rows.all(), columns=list(rows.keys()))
    return gpd.GeoDataFrame(
        frame.drop(columns="wkb"), geometry=_unwrapped(frame["wkb"].to_numpy()), crs=4326
    )


def _unwrapped(wkb: Any) -> list[Any]:
    """Shapes from WKB; a multipolygon of one part is its part again, as it was imported."""
    shapes = shapely.from_wkb(wkb)
    return [shape.geoms[0] if len(shape.geoms) == 1 else shape for shape in shapes]


async def count_levels(tx: AsyncConnection, version_id: int) -> tuple[int, int, int]:
    """Numbers of townships, communities and grids in a version."""
    row = (
        await tx.execute(
            select(
                *(
                    select(func.count())
                    .select_from(table)
                    .where(table.version_id == version_id)
                    .scalar_subquery()
                    for table in (TownshipVersion, CommunityVersion, GridVersion)
                )
            )
        )
    ).one()
    return int(row[0]), int(row[1]), int(row[2])


async def city_bounds(
    tx: AsyncConnection, version_id: int
) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the city in a version, in degrees (EPSG:4326)."""
    extent = func.ST_Extent(TownshipVersion.geometry)
    row = (
        await tx.execute(
            select(
                func.ST_XMin(extent),
                func.ST_YMin(extent),
                func.ST_XMax(extent),
                func.ST_YMax(extent),
            ).where(TownshipVersion.version_id == version_id)
        )
    ).one()
    return None if row[0] is None else (row[0], row[1], row[2], row[3])


def _escaped(words: str) -> str:
    return words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _rows(version_id: int) -> Select[Any]:
    return (
        select(
            *_DESCRIBED,
            func.ST_X(GridVersion.label).label("lng"),
            func.ST_Y(GridVersion.label).label("lat"),
            func.ST_XMin(GridVersion.geometry).label("west"),
            func.ST_YMin(GridVersion.geometry).label("south"),
            func.ST_XMax(GridVersion.geometry).label("east"),
            func.ST_YMax(GridVersion.geometry).label("north"),
        )
        .join(Grid, Grid.id == GridVersion.grid_id)
        .join(Community, Community.id == GridVersion.community_id)
        .join(
            CommunityVersion,
            (CommunityVersion.version_id == GridVersion.version_id)
            & (CommunityVersion.community_id == GridVersion.community_id),
        )
        .join(Township, Township.id == CommunityVersion.township_id)
        .join(
            TownshipVersion,
            (TownshipVersion.version_id == GridVersion.version_id)
            & (TownshipVersion.township_id == CommunityVersion.township_id),
        )
        .where(GridVersion.version_id == version_id)
    )


def _grid(row: Any) -> GridRow:
    return GridRow(*[*row[:10], (row.west, row.south, row.east, row.north)])
