"""Counts of cases, and what stands out of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from api.access import Action
from api.analysis.areas import Per
from api.analysis.asking import Asked, By, Viewpoint
from api.analysis.counts import Counts, counts_of
from api.analysis.regions import Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.nulls import NulledIfTold
from api.routes.queries import NarrowerCases, Text
from api.service import TheService
from gis.cells import CASE_RESOLUTION

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class CountsOut(BaseModel):
    """Counts by key, zeros too; aligned lists.

    `total` are all cases of the filter, `outside` those in none of the keys. `shares` says how
    much of each cell lies in the study region. `rates` are cases for one of `people`, smoothed,
    null where these were not counted. `withheld` are sensitive categories that are not counted,
    as they are told by community, township or the whole city only.
    """

    by: By
    resolution: int | None
    version: int | str | None
    total: int
    outside: int
    keys: list[str | int]
    counts: list[int]
    shares: list[float] | None
    people: NulledIfTold
    rates: NulledIfTold
    withheld: list[str]


@router.get("/counts", response_model=CountsOut, **allowed(Action.ANALYSE))
async def counts(
    request: Request,
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    by: By,
    resolution: Annotated[
        int | None, Query(ge=0, le=15, description=f"of cells; at most {CASE_RESOLUTION}")
    ] = None,
    version: Annotated[
        Text | None,
        Query(
            description="number of the boundary version whose areas or outline are meant; `own`"
            " for that of each case's time; default the one in force"
        ),
    ] = None,
    per: Annotated[Per | None, Query(description="rates by this figure, for areas")] = None,
) -> Response:
    """How many cases of a filter there are, by one key."""
    regions: Regions = request.app.state.regions
    found = await counts_of(
        service,
        regions,
        tx,
        Viewpoint(account, scope, datetime.now(UTC)),
        wanted,
        Asked(by, resolution, version or None, per),
    )
    return Response(await asyncio.to_thread(_written, found), media_type="application/json")


def _written(found: Counts) -> str:
    # 40 ms for 250,000 cells.
    return CountsOut.model_validate(found, from_attributes=True).model_dump_json()
