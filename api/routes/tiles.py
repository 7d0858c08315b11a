"""Vector tiles and their TileJSON, with the headers that spare them being sent twice."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import EVERY_CASE, Action
from api.auth import Scope, allowed
from api.request_transaction import Tx
from api.routes.queries import Text, WantedCases
from api.service import TheService
from gis.store.case_filter import CaseFilter
from gis.store.grids import city_bounds
from tiles.cache import Tile, TileCache, compressed
from tiles.case_memory import CaseMemory
from tiles.edition import edition_at
from tiles.layers import Layer, get_layer
from tiles.mvt import check_address, render
from tiles.tilejson import tilejson

MVT_MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
CACHE_BYTES = 64 * 2**20
YEAR_S = 31_536_000

CASES = get_layer("cases")

EditionAsked = Annotated[Text | None, Query(description="edition, from the TileJSON")]

router = APIRouter(prefix="/tiles", tags=["tiles"])

TILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MVT_MEDIA_TYPE: {}}, "description": "The tile, MVT 2."},
    204: {"description": "Nothing lies in this tile."},
    304: {"description": "The tile is the one named by `If-None-Match`."},
}


# The routes of cases stand before those of a layer, which would take their addresses.


@router.get("/cases.json", **allowed(Action.READ_CASES))
async def describe_cases(request: Request, tx: Tx) -> dict[str, Any]:
    """TileJSON 3 of the cases."""
    return await _description(request, tx, CASES)


@router.get("/{layer}.json", **allowed(Action.READ_CITY))
async def describe_layer(layer: Text, request: Request, tx: Tx) -> dict[str, Any]:
    """TileJSON 3 of a layer; its tile address names the edition, so it may be kept for long."""
    return await _description(request, tx, get_layer(layer))


@router.get(
    "/cases/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses=TILE_ANSWERS,
    **allowed(Action.READ_CASES),
)
async def get_case_tile(
    z: int,
    x: int,
    y: int,
    request: Request,
    service: TheService,
    tx: Tx,
    scope: Scope,
    wanted: WantedCases,
    v: EditionAsked = None,
) -> Response:
    """One tile of the cases of a filter (all but bbox) that the viewer may see.

    Cases of sensitive categories are in none.
    """
    cases = replace(scope.narrowed(wanted), bbox=None, hidden=service.profile.sensitive)
    return await _answer(request, tx, CASES, (z, x, y), v, cases)


@router.get(
    "/{layer}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses=TILE_ANSWERS,
    **allowed(Action.READ_CITY),
)
async def get_tile(
    layer: Text, z: int, x: int, y: int, request: Request, tx: Tx, v: EditionAsked = None
) -> Response:
    """One tile."""
    return await _answer(request, tx, get_layer(layer), (z, x, y), v, EVERY_CASE)


async def _description(request: Request, tx: Tx, layer: Layer) -> dict[str, Any]:
    edition = await edition_at(tx, layer, datetime.now(UTC))
    # Cases also lie outside the city, and a client asks for no tile beyond the bounds.
    bounds = (
        None
        if edition.version_id is None or layer is CASES
        else await city_bounds(tx, edition.version_id)
    )
    url = f"{request.base_url}tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt?v={edition}"
    return tilejson(layer, tiles_url=url, bounds=bounds)


async def _answer(
    request: Request,
    tx: Tx,
    layer: Layer,
    address: tuple[int, int, int],
    edition_asked: str | None,
    cases: CaseFilter,
) -> Response:
    check_address(*address)
    edition = await edition_at(tx, layer, datetime.now(UTC))
    chosen = _chosen(cases)
    headers = {
        "ETag": f'W/"{edition}-{chosen}"' if layer is CASES else f'W/"{edition}"',
        "Cache-Control": _cache_control(layer, is_fixed=edition_asked == str(edition)),
        "Vary": "Accept-Encoding",
    }
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    cache = _cache(request)
    # What one may see is never served to another: the filter holds the viewer's scope.
    key = (layer.name, address, edition, chosen)
    tile = cache.get(key)
    if tile is None:
        memory: CaseMemory = request.app.state.case_memory
        mvt = await render(tx, layer, *address, edition.version_id, cases, memory)
        tile = await asyncio.to_thread(compressed, mvt)
        cache.put(key, tile)
    return tile_answer(request, tile, headers)


def tile_answer(request: Request, tile: Tile, headers: dict[str, str]) -> Response:
    """A tile as it is sent: gzipped where the client takes that, 204 where nothing is in it."""
    if not tile.mvt:
        return Response(status_code=204, headers=headers)
    if tile.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(tile.gzipped, media_type=MVT_MEDIA_TYPE, headers=headers)
    return Response(tile.mvt, media_type=MVT_MEDIA_TYPE, headers=headers)


def _cache(request: Request) -> TileCache:
    """The tiles this process has rendered, shared by its requests."""
    state = request.app.state
    if not hasattr(state, "tile_cache"):
        state.tile_cache = TileCache(CACHE_BYTES)
    cache: TileCache = state.tile_cache
    return cache


def _chosen(cases: CaseFilter) -> str:
    """Names filter and scope: one address is many tiles of cases.

    The same in every process, though each has an order of its own for what is in a set.
    """
    parts = [
        sorted(part) if isinstance(part, frozenset) else part
        for part in (getattr(cases, field.name) for field in fields(cases))
    ]
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def _cache_control(layer: Layer, *, is_fixed: bool) -> str:
    """How long to keep a tile; ``is_fixed`` when its address names the edition it shows."""
    if not layer.is_public:
        return "private, no-cache"
    return f"public, max-age={YEAR_S}, immutable" if is_fixed else "public, no-cache"


def is_known(request: Request, etag: str) -> bool:
    """Whether a client has what an ETag names."""
    known = request.headers.get("If-None-Match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags
