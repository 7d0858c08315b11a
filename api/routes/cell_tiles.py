"""Vector tiles of the cells a city is studied in; their figures come from `/api/hotspots`."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.access import Account, Action, CaseScope, finest_resolution
from api.analysis.outlines import Outlines
from api.analysis.regions import Ground, Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.tiles import TILE_ANSWERS, is_known, tile_answer
from api.service import TheService
from gis.errors import BadInput
from gis.store.grids import city_bounds
from gis.store.versions import Version, version_at, version_chain
from tiles.cache import compressed
from tiles.cell_tiles import CELLS, render_cells, resolution_at
from tiles.mvt import check_address
from tiles.tilejson import tilejson

router = APIRouter(prefix="/tiles", tags=["tiles"])

Resolution = Annotated[
    int | None, Query(ge=0, le=15, description="of the cells; default 6 to 9 by zoom")
]


@router.get("/cells.json", **allowed(Action.ANALYSE))
async def describe_cells(request: Request, tx: Tx) -> dict[str, Any]:
    """TileJSON 3 of the cells."""
    version = await _in_force(tx)
    bounds = None if version is None else await city_bounds(tx, version.id)
    number = 0 if version is None else version.id
    url = f"{request.base_url}tiles/cells/{{z}}/{{x}}/{{y}}.mvt?v={number}"
    return tilejson(CELLS, tiles_url=url, bounds=bounds)


@router.get(
    "/cells/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses=TILE_ANSWERS,
    **allowed(Action.ANALYSE),
)
async def get_cell_tile(
    z: int,
    x: int,
    y: int,
    request: Request,
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    resolution: Resolution = None,
    v: Annotated[str | None, Query(description="version, from the TileJSON")] = None,  # noqa: ARG001
) -> Response:
    """One tile of the cells of the boundary version in force, within the account's area."""
    check_address(z, x, y)
    wanted = _resolution(z, resolution, account)
    version = await _in_force(tx)
    if version is None:
        return Response(status_code=204)
    ground = Ground(version, scope.grids)
    headers = {
        "ETag": f'W/"{version.id}-{wanted}-{_of_scope(scope)}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
    }
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    regions: Regions = request.app.state.regions
    outlines: Outlines = request.app.state.outlines
    (today,) = await service.locators.at(tx, datetime.now(UTC))
    shapes = await outlines.of(ground, await regions.of(tx, ground, today, wanted))
    tile = await asyncio.to_thread(compressed, await render_cells(tx, shapes, z, x, y))
    return tile_answer(request, tile, headers)


def _resolution(zoom: int, asked: int | None, account: Account) -> int:
    finest = finest_resolution(account)
    if asked is not None and asked > finest:
        raise BadInput(
            "resolution_too_fine",
            f"Resolution {asked} is too fine; {finest} at most.",
            field="resolution",
            resolution=asked,
        )
    return resolution_at(zoom) if asked is None else asked


async def _in_force(tx: Tx) -> Version | None:
    chain = await version_chain(tx)
    return version_at(chain, datetime.now(UTC)) or (chain[0] if chain else None)


def _of_scope(scope: CaseScope) -> str:
    """Names the ground an account sees."""
    grids = "" if scope.grids is None else ",".join(map(str, sorted(scope.grids)))
    return hashlib.blake2b(grids.encode(), digest_size=8).hexdigest()
