"""Cases of a period against those of another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from api.access import Action
from api.analysis.asking import Viewpoint
from api.analysis.case_change import CaseChange, ChangeBy, change_of
from api.analysis.periods import Period
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.cell_series import ToldOut
from api.routes.queries import Moment, NarrowerCases, instant_of
from api.service import TheService

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class PeriodOut(BaseModel):
    """A period from a day (or instant) to another, and how many days have passed of it."""

    from_: str = Field(serialization_alias="from")
    to: str
    days: float


class ChangeOut(BaseModel):
    """Cases of two periods by key; aligned lists.

    `ratio` is the rate after over the rate before, `low` to `high` its interval of 95 %; null
    where there was nothing before, or nothing at all. `p` is two-sided, `q` the rate of false
    discoveries over the keys, `phi` how much counts vary from week to week, 1 as chance alone.
    `not_enough_data` is `no_cases`, or `too_few_cases` where not even all of them in one of the
    periods would be a change. `told` says it for all cases together, else it is null.
    """

    by: ChangeBy
    before: PeriodOut
    after: PeriodOut
    keys: list[str]
    before_counts: list[int]
    after_counts: list[int]
    ratio: list[float | None]
    low: list[float | None]
    high: list[float | None]
    p: list[float | None]
    q: list[float | None]
    phi: list[float]
    not_enough_data: list[Literal["no_cases", "too_few_cases"] | None]
    told: ToldOut | None
    withheld: list[str]


@router.get("/change", **allowed(Action.ANALYSE))
async def case_change(
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    by: ChangeBy = "all",
    before_from: Annotated[Moment | None, Query()] = None,
    before_to: Annotated[Moment | None, Query()] = None,
) -> ChangeOut:
    """Cases of a period against as many days just before, or another period, by one key."""
    zone = service.profile.zone
    before = instant_of("before_from", before_from, zone), instant_of("before_to", before_to, zone)
    viewpoint = Viewpoint(account, scope, datetime.now(UTC))
    return _told(await change_of(service, tx, viewpoint, wanted, by, before), by)


def _told(found: CaseChange, by: ChangeBy) -> ChangeOut:
    periods, changed = found.periods, found.changed
    return ChangeOut(
        by=by,
        before=_period(periods.before, periods.before_days),
        after=_period(periods.after, periods.after_days),
        keys=list(found.keys),
        before_counts=found.before.tolist(),
        after_counts=found.after.tolist(),
        ratio=_numbers(changed.ratio),
        low=_numbers(changed.low),
        high=_numbers(changed.high),
        p=_numbers(changed.p),
        q=_numbers(found.q),
        phi=np.round(found.phi, 4).tolist(),
        not_enough_data=list(found.lacks),
        told=None if found.told is None else ToldOut(zh=found.told.zh, en=found.told.en),
        withheld=list(found.withheld),
    )


def _period(period: Period, days: float) -> PeriodOut:
    first, after = period.told()
    return PeriodOut(from_=first, to=after, days=round(days, 4))


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """Numbers as JSON has them: what is none, or has no end, is null."""
    return [value if np.isfinite(value) else None for value in values.tolist()]
