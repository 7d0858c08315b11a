"""Which cells stand out of a filter's counts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.access import Action
from api.analysis.asking import Asked, Viewpoint
from api.analysis.cell_hotspots import hotspots_of_cells
from api.analysis.counts import counts_of
from api.analysis.regions import Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.cell_questions import OutlineVersion, Resolution, Rings
from api.routes.nulls import nulled
from api.routes.queries import NarrowerCases
from api.service import TheService
from gis.hotspots import Lack

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])

ChanceOut = Literal["binomial", "negative binomial", "normal", "permutation"]


class CellHotspotsOut(BaseModel):
    """Cells with their counts and what stands out of them; aligned lists.

    `z` is the deviate of Getis and Ord's G*, `p` the two-sided probability that chance does as
    much, `q` the rate of false discoveries, `bin` the confidence in percent (90, 95, 99; below
    zero for a cold spot, 0 for neither). `chance` names what `p` is of. `not_enough_data` says why
    nothing can be told; then `z`, `p` and `q` are null.
    """

    resolution: int
    version: int | str | None
    total: int
    outside: int
    keys: list[str | int]
    counts: list[int]
    shares: list[float]
    z: list[float | None]
    p: list[float | None]
    q: list[float | None]
    bin: list[int]
    chance: ChanceOut
    not_enough_data: Lack | None
    withheld: list[str]


@router.get("/cells", **allowed(Action.ANALYSE))
async def cell_hotspots(
    request: Request,
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    resolution: Resolution,
    k: Rings = 1,
    version: OutlineVersion = None,
) -> CellHotspotsOut:
    """Which cells have more cases of a filter around them than chance would give, or fewer."""
    regions: Regions = request.app.state.regions
    counted = await counts_of(
        service,
        regions,
        tx,
        Viewpoint(account, scope, datetime.now(UTC)),
        wanted,
        Asked("cell", resolution, version or None),
    )
    found = (await asyncio.to_thread(hotspots_of_cells, counted, k)).found
    return CellHotspotsOut(
        resolution=resolution,
        version=counted.version,
        total=counted.total,
        outside=counted.outside,
        keys=list(counted.keys),
        counts=list(counted.counts),
        shares=list(counted.shares or ()),
        z=nulled(found.z, 4),
        p=nulled(found.p),
        q=nulled(found.q),
        bin=found.bin.tolist(),
        chance=found.chance,
        not_enough_data=found.lack,
        withheld=list(counted.withheld),
    )
