"""Which grids, communities or townships stand out of a filter's counts or rates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access import Action
from api.analysis.area_hotspots import AreasFound, Method, areas_held_against_chance
from api.analysis.areas import Level, Per
from api.analysis.asking import Asked, Viewpoint
from api.analysis.grid_grounds import GridGrounds
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import TheTransaction
from api.routes.cell_hotspots import ChanceOut
from api.routes.nulls import nulled
from api.routes.queries import NarrowerCases, Text
from api.service import TheService
from gis.hotspots import Hotspots
from gis.hotspots import Lack as HotspotLack
from gis.outliers import Lack as OutlierLack
from gis.outliers import Outliers

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class AreaHotspotsOut(BaseModel):
    """Areas with their counts and what stands out of them; aligned lists.

    `exposure` are the people or households of each area, without `per` its ground in km²; `rates`
    cases for one of them, smoothed. By `gi-star` there are `z` and `bin`, by `moran` `i`,
    `quadrants` and `outlier`, with the number of `draws` and the `least_q` that one area alone can
    have. `islands` share an edge with nobody. `left_out` are areas of which nobody counted the
    people, and those without any.
    """

    by: Level
    per: Per | None
    method: Method
    version: int | None
    total: int
    outside: int
    keys: list[str]
    names: list[str]
    counts: list[int]
    exposure: list[float]
    rates: list[float]
    z: list[float | None] | None = None
    p: list[float | None]
    q: list[float | None]
    bin: list[int] | None = None
    i: list[float | None] | None = None
    quadrants: list[str] | None = None
    outlier: list[bool] | None = None
    draws: int | None = None
    least_q: float | None = None
    chance: ChanceOut
    not_enough_data: HotspotLack | OutlierLack | None
    islands: list[str]
    left_out: list[str]
    withheld: list[str]


@router.get("/areas", **allowed(Action.ANALYSE))
async def area_hotspots(
    request: Request,
    service: TheService,
    asked: TheTransaction,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    by: Level,
    method: Annotated[Method, Query(description="hotspots, or outliers")] = "gi-star",
    per: Annotated[Per | None, Query(description="default cases for the ground")] = None,
    version: Annotated[
        Text | None, Query(description="number of the boundary version; default the one in force")
    ] = None,
) -> AreaHotspotsOut:
    """Which areas have more cases around them than chance would give, or are unlike the others."""
    grounds: GridGrounds = request.app.state.grid_grounds
    areas = await areas_held_against_chance(
        service,
        grounds,
        asked,
        request.app.state.drawing_outliers,
        Viewpoint(account, scope, datetime.now(UTC)),
        wanted,
        Asked(by, version=version or None, per=per),
        method,
    )
    return _told(areas, by, per, method)


def _told(areas: AreasFound, by: Level, per: Per | None, method: Method) -> AreaHotspotsOut:
    return AreaHotspotsOut(
        by=by,
        per=per,
        method=method,
        version=areas.version,
        total=areas.total,
        outside=areas.total - int(areas.counts.sum()),
        keys=list(areas.codes),
        names=list(areas.names),
        counts=areas.counts.tolist(),
        exposure=np.round(areas.exposure, 6).tolist(),
        rates=areas.rates.tolist(),
        islands=list(areas.islands),
        left_out=list(areas.left_out),
        withheld=list(areas.withheld),
        not_enough_data=areas.found.lack,
        **_tested(areas.found),
    )


def _tested(found: Hotspots | Outliers) -> dict[str, Any]:
    if isinstance(found, Hotspots):
        return {
            "z": nulled(found.z, 4),
            "p": nulled(found.p),
            "q": nulled(found.q),
            "bin": found.bin.tolist(),
            "chance": found.chance,
        }
    return {
        "i": nulled(found.moran.i, 6),
        "p": nulled(found.moran.p),
        "q": nulled(found.moran.q),
        "quadrants": found.moran.quadrant.tolist(),
        "outlier": found.is_outlier.tolist(),
        "draws": found.draws,
        "least_q": found.least_q,
        "chance": "permutation",
    }
