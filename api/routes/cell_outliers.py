"""Which cells are unlike those around them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access import Action
from api.analysis.asking import Asked, Viewpoint
from api.analysis.cell_hotspots import outliers_of_cells
from api.analysis.counts import counts_of
from api.analysis.regions import Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import TheTransaction
from api.routes.cell_questions import OutlineVersion, Resolution
from api.routes.nulls import nulled
from api.routes.queries import NarrowerCases
from api.service import TheService
from gis.outliers import Lack

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])

MOST_RINGS = 2


class CellOutliersOut(BaseModel):
    """Cells with their counts and how they are to those around them; aligned lists.

    `i` is local Moran's I, `quadrants` the cell and then its neighbours (`HH`, `LL`, `HL`, `LH`,
    empty where it has none), `p` the two-sided share of `draws` that are as far out, `q` the rate
    of false discoveries, `outlier` whether a cell is unlike its neighbours at 5 % of them.
    `least_q` is the least `q` that one cell alone can have. `not_enough_data` says why nothing can
    be told; then `i`, `p` and `q` are null.
    """

    resolution: int
    version: int | str | None
    total: int
    outside: int
    keys: list[str | int]
    counts: list[int]
    shares: list[float]
    i: list[float | None]
    p: list[float | None]
    q: list[float | None]
    quadrants: list[str]
    outlier: list[bool]
    draws: int
    least_q: float
    chance: Literal["permutation"]
    not_enough_data: Lack | None
    withheld: list[str]


@router.get("/outliers", **allowed(Action.ANALYSE))
async def cell_outliers(
    request: Request,
    service: TheService,
    asked: TheTransaction,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    resolution: Resolution,
    k: Annotated[int, Query(ge=1, le=MOST_RINGS, description="rings of neighbours")] = 1,
    version: OutlineVersion = None,
) -> CellOutliersOut:
    """Which cells have many cases of a filter among cells with few, or few among many."""
    regions: Regions = request.app.state.regions
    one_at_a_time: asyncio.Lock = request.app.state.drawing_outliers
    counted = await counts_of(
        service,
        regions,
        await asked.begun(),
        Viewpoint(account, scope, datetime.now(UTC)),
        wanted,
        Asked("cell", resolution, version or None),
    )
    await asked.end()
    async with one_at_a_time:
        found = await asyncio.to_thread(outliers_of_cells, counted, k)
    return CellOutliersOut(
        resolution=resolution,
        version=counted.version,
        total=counted.total,
        outside=counted.outside,
        keys=list(counted.keys),
        counts=list(counted.counts),
        shares=list(counted.shares or ()),
        i=nulled(found.moran.i, 6),
        p=nulled(found.moran.p),
        q=nulled(found.moran.q),
        quadrants=found.moran.quadrant.tolist(),
        outlier=found.is_outlier.tolist(),
        draws=found.draws,
        least_q=found.least_q,
        chance="permutation",
        not_enough_data=found.lack,
        withheld=list(counted.withheld),
    )
