"""Grids of the version in force: a page of them, one with its outline."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, TypeAdapter

from api.access import Action
from api.auth import allowed
from api.request_transaction import Tx
from api.routes.queries import PAGE_ROWS, AsOf, Limit, Text, decode_cursor, encode_cursor
from gis.errors import NotFound
from gis.store import grids as store
from gis.store.versions import Version, version_at, version_chain

router = APIRouter(prefix="/api/grids", tags=["grids"])

_POSITION = TypeAdapter(tuple[Text])


class GridOut(BaseModel):
    """A grid; ``lng, lat`` lies inside it, ``bounds`` is west, south, east, north (WGS84)."""

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


class GridsOut(BaseModel):
    """A page of grids in order of code."""

    grids: list[GridOut]
    next: str | None


class GridDetailOut(GridOut):
    """A grid with its outline as GeoJSON (EPSG:4326, nine decimals)."""

    geometry: dict[str, Any]


@router.get("", **allowed(Action.READ_CITY))
async def list_grids(
    tx: Tx,
    q: Annotated[Text | None, Query(max_length=100, description="part of code or name")] = None,
    community: Text | None = None,
    township: Text | None = None,
    as_of: AsOf = None,
    limit: Limit = PAGE_ROWS,
    cursor: Text | None = None,
) -> GridsOut:
    """Grids by code; ``community`` and ``township`` are codes."""
    after = None if cursor is None else decode_cursor(cursor, _POSITION)[0]
    version = await _version(tx, as_of)
    if version is None:
        return GridsOut(grids=[], next=None)
    rows = await store.list_grids(
        tx,
        version.id,
        matching=q,
        community=community,
        township=township,
        after=after,
        limit=limit + 1,
    )
    page = [GridOut.model_validate(row, from_attributes=True) for row in rows[:limit]]
    return GridsOut(grids=page, next=encode_cursor(page[-1].code) if len(rows) > limit else None)


@router.get("/{code}", **allowed(Action.READ_CITY))
async def get_grid(tx: Tx, code: Text, as_of: AsOf = None) -> GridDetailOut:
    """One grid with its outline."""
    version = await _version(tx, as_of)
    found = None if version is None else await store.get_grid(tx, version.id, code)
    if found is None:
        raise NotFound("grid_not_found", f"There is no grid {code}.", grid=code)
    row, geojson = found
    return GridDetailOut(
        **GridOut.model_validate(row, from_attributes=True).model_dump(),
        geometry=json.loads(geojson),
    )


async def _version(tx: Tx, as_of: datetime | None) -> Version | None:
    return version_at(await version_chain(tx), as_of or datetime.now(UTC))
