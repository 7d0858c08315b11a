"""Near repeats among cases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access import Action
from api.analysis.asking import Viewpoint
from api.analysis.case_repeats import bands_asked, repeats_of
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import TheTransaction
from api.routes.nulls import nulled
from api.routes.queries import NarrowerCases, Text
from api.service import TheService
from gis.patterns.near_repeat import Lack

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class NearRepeatsOut(BaseModel):
    """Tables of distance bands by bands of days, each told by its far end, which belongs to it.

    `observed` is how many pairs of cases there are, `expected` their mean number if the times
    were dealt out anew among the places, `ratio` the one over the other. `p` is how often chance
    has as many pairs, `q` the rate of false discoveries over all bands, null where no pair can
    be. `not_enough_data` says why nothing can be told; then they are null.
    """

    distances: list[float]
    days: list[float]
    cases: int
    observed: list[list[int]]
    expected: list[list[float]]
    ratio: list[list[float | None]]
    p: list[list[float | None]]
    q: list[list[float | None]]
    not_enough_data: Lack | None
    withheld: list[str]


@router.get("/near-repeats", **allowed(Action.ANALYSE))
async def case_near_repeats(
    request: Request,
    service: TheService,
    asked: TheTransaction,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    distances: Annotated[Text | None, Query(description="ends of bands in metres")] = None,
    days: Annotated[Text | None, Query(description="ends of bands in whole days")] = None,
) -> NearRepeatsOut:
    """Whether cases of a filter draw others, close by and soon after."""
    one_at_a_time: asyncio.Lock = request.app.state.searching_repeats
    viewpoint = Viewpoint(account, scope, datetime.now(UTC))
    bands = bands_asked(distances, days)
    told = await repeats_of(service, asked, one_at_a_time, viewpoint, wanted, bands)
    found = told.found
    return NearRepeatsOut(
        distances=list(bands.distances_m),
        days=list(bands.days),
        cases=told.cases,
        observed=found.observed.tolist(),
        expected=np.round(found.expected, 4).tolist(),
        ratio=[nulled(row) for row in found.ratio],
        p=[nulled(row) for row in found.p],
        q=[nulled(row) for row in found.q],
        not_enough_data=found.lack,
        withheld=list(told.withheld),
    )
