"""Vector tiles and their TileJSON, with the headers that spare them being sent twice."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.routes.queries import Text, WantedCases
from api.service import TheService, Tx
from gis.store.case_filter import CaseFilter
from gis.store.grids import city_bounds
from tiles.cache import Tile, TileCache, compressed
from tiles.edition import Edition, edition_at
from tiles.layers import Layer, get_layer
from tiles.mvt import check_address, render
from tiles.tilejson import tilejson

MVT_MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
CACHE_BYTES = 64 * 2**20
YEAR_S = 31_536_000

router = APIRouter(prefix="/tiles", tags=["tiles"])

_TILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MVT_MEDIA_TYPE: {}}, "description": "The tile, MVT 2."},
    204: {"description": "Nothing lies in this tile."},
    304: {"description": "The tile is the one named by `If-None-Match`."},
}


@router.get("/{layer}.json")
async def describe_layer(layer: Text, request: Request, tx: Tx) -> dict[str, Any]:
    """TileJSON 3 of a layer; its tile address names the edition, so it may be kept for long."""
    wanted = get_layer(layer)
    edition = await edition_at(tx, wanted, datetime.now(UTC))
    # Cases also lie outside the city, and a client asks for no tile beyond the bounds.
    bounds = (
        None
        if edition.version_id is None or wanted.name == "cases"
        else await city_bounds(tx, edition.version_id)
    )
    url = f"{request.base_url}tiles/{wanted.name}/{{z}}/{{x}}/{{y}}.mvt?v={edition}"
    return tilejson(wanted, tiles_url=url, bounds=bounds)


@router.get("/{layer}/{z}/{x}/{y}.mvt", response_class=Response, responses=_TILE_ANSWERS)
async def get_tile(
    layer: Text,
    z: int,
    x: int,
    y: int,
    request: Request,
    service: TheService,
    tx: Tx,
    wanted_cases: WantedCases,
    v: Annotated[Text | None, Query(description="edition, from the TileJSON")] = None,
) -> Response:
    """One tile; the filters (all but bbox) choose among `cases` and leave other layers alone."""
    wanted = get_layer(layer)
    check_address(z, x, y)
    edition = await edition_at(tx, wanted, datetime.now(UTC))
    cases = replace(wanted_cases, bbox=None, hidden=service.profile.sensitive)
    headers = {
        "ETag": _etag(edition, wanted, cases),
        "Cache-Control": _cache_control(wanted, is_fixed=v == str(edition)),
        "Vary": "Accept-Encoding",
    }
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    tile = await _tile(request, tx, wanted, (z, x, y), edition, cases)
    if not tile.mvt:
        return Response(status_code=204, headers=headers)
    if tile.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(tile.gzipped, media_type=MVT_MEDIA_TYPE, headers=headers)
    return Response(tile.mvt, media_type=MVT_MEDIA_TYPE, headers=headers)


async def _tile(
    request: Request,
    tx: Tx,
    layer: Layer,
    address: tuple[int, int, int],
    edition: Edition,
    cases: CaseFilter,
) -> Tile:
    cache = _cache(request)
    key = (layer.name, address, edition, cases if layer.name == "cases" else None)
    tile = cache.get(key)
    if tile is None:
        mvt = await render(tx, layer, *address, edition.version_id, cases)
        tile = await asyncio.to_thread(compressed, mvt)
        cache.put(key, tile)
    return tile


def _cache(request: Request) -> TileCache:
    """The tiles this process has rendered, shared by its requests."""
    state = request.app.state
    if not hasattr(state, "tile_cache"):
        state.tile_cache = TileCache(CACHE_BYTES)
    cache: TileCache = state.tile_cache
    return cache


def _etag(edition: Edition, layer: Layer, cases: CaseFilter) -> str:
    """Names edition and filter: one address without its query is many tiles of cases."""
    if layer.name != "cases":
        return f'W/"{edition}"'
    return f'W/"{edition}-{hashlib.blake2b(repr(cases).encode(), digest_size=8).hexdigest()}"'


def _cache_control(layer: Layer, *, is_fixed: bool) -> str:
    """How long to keep a tile; ``is_fixed`` when its address names the edition it shows."""
    if not layer.is_public:
        return "private, no-cache"
    return f"public, max-age={YEAR_S}, immutable" if is_fixed else "public, no-cache"


def _is_known(request: Request, etag: str) -> bool:
    known = request.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
