"""The clock of cases: hours of the week that stand out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from pydantic import BaseModel

from api.access import Action
from api.analysis.asking import Viewpoint
from api.analysis.case_rhythm import rhythm_of
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.queries import NarrowerCases
from api.service import TheService

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class RhythmOut(BaseModel):
    """Tables of 7 weekdays, Monday first, by 24 hours of the clock of `zone`.

    `hours` is how often the window had each hour, `expected` how many cases it had if all were
    alike, `stands_out` 1 for more than that, -1 for fewer, 0 where it is open (5 % false
    discoveries over the week). `phi` is how much each hour varies from week to week, 1 as chance
    alone. `not_enough_data` says that there are no cases.
    """

    zone: str
    counts: list[list[int]]
    hours: list[list[float]]
    expected: list[list[float]]
    stands_out: list[list[int]]
    phi: list[list[float]]
    total: int
    not_enough_data: Literal["no_cases"] | None
    withheld: list[str]


@router.get("/rhythm", **allowed(Action.ANALYSE))
async def case_rhythm(
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
) -> RhythmOut:
    """At which hours of which weekdays the cases of a period come more often, or less."""
    told = await rhythm_of(service, tx, Viewpoint(account, scope, datetime.now(UTC)), wanted)
    found = told.found
    return RhythmOut(
        zone=told.zone,
        counts=found.counts.tolist(),
        hours=_rounded(found.hours),
        expected=_rounded(found.expected),
        stands_out=found.stands_out().tolist(),
        phi=_rounded(found.phi),
        total=int(found.counts.sum()),
        not_enough_data="no_cases" if found.lack else None,
        withheld=list(told.withheld),
    )


def _rounded(table: NDArray[np.float64]) -> Any:
    return np.round(table, 4).tolist()
