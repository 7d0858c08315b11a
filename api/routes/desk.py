"""The figures of the desk and the wall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from api.access import Action, CaseScope
from api.auth import Scope, allowed
from api.request_transaction import Tx
from api.routes.cases import CaseOut, case_out
from api.routes.queries import Text
from api.service import TheService
from gis.errors import NotFound
from gis.store.account_areas import grids_of_area
from gis.store.cases import list_cases
from gis.store.desk import DeskFigures, OpenCount, desk_figures
from gis.store.received import PastDays, Today
from gis.store.tables.cases import CASE_URGENCIES, OPEN_STATES

NEWEST = 8
# The finest first: should a code stand at two levels, the finer is meant.
LEVELS = ("grid", "community", "township")

router = APIRouter(prefix="/api/desk", tags=["cases"])


class UrgencyCounts(BaseModel):
    """How many, by urgency."""

    normal: int
    urgent: int


class PlaceCounts(BaseModel):
    """Open cases of a part of the city."""

    by_state: dict[str, int]
    urgent: int


class TownshipCounts(PlaceCounts):
    """Open cases of a township, by the grids of today."""

    code: str
    name: str


class TodayOut(BaseModel):
    """Reports received since midnight of the city's clock.

    `usual` is the least and the most of each hour on the same weekday of the eight weeks
    before, `usual_so_far` of the whole day up to this time of day; null with fewer than four.
    """

    reports: int
    by_hour: list[int]
    usual: list[tuple[int, int]] | None
    usual_so_far: tuple[int, int] | None


class OnDutyOut(BaseModel):
    """Grids with somebody on duty in them now, of all."""

    grids: int
    of: int


class DeskOut(BaseModel):
    """What the viewer sees at a glance; `outside` are open cases in no township of today."""

    now: datetime
    open: dict[str, UrgencyCounts]
    townships: list[TownshipCounts]
    outside: PlaceCounts
    today: TodayOut
    on_duty: OnDutyOut
    newest: list[CaseOut]


@router.get("", **allowed(Action.READ_CASES))
async def desk(
    request: Request,
    service: TheService,
    tx: Tx,
    scope: Scope,
    area: Annotated[Text | None, Query(description="code of a township, community or grid")] = None,
) -> DeskOut:
    """Open cases by state and township, today's reports beside the usual, who is on duty."""
    now = datetime.now(UTC)
    past: PastDays = request.app.state.past_days
    wanted = (scope if area is None else await _within(tx, scope, area, now)).narrowed()
    figures = await desk_figures(tx, wanted, past, now=now, zone=service.profile.zone)
    newest = await list_cases(tx, wanted, after=None, limit=NEWEST)
    return DeskOut(
        now=now,
        open=_by_state_and_urgency(figures.open),
        townships=_townships(figures),
        outside=_place([count for count in figures.open if count.township_id is None]),
        today=_today(figures.today),
        on_duty=OnDutyOut(grids=figures.on_duty.grids, of=figures.on_duty.of),
        newest=[case_out(row, placeless=service.profile.sensitive) for row in newest],
    )


async def _within(tx: Tx, scope: CaseScope, area: str, now: datetime) -> CaseScope:
    """The part of a scope that lies in an area."""
    for level in LEVELS:
        if grids := await grids_of_area(tx, level, area, at=now):
            return replace(scope, grids=grids if scope.grids is None else grids & scope.grids)
    raise NotFound("area_not_found", f"There is no area {area!r}.", area=area)


def _by_state_and_urgency(counts: Iterable[OpenCount]) -> dict[str, UrgencyCounts]:
    found = {(state, urgency): 0 for state in OPEN_STATES for urgency in CASE_URGENCIES}
    for count in counts:
        found[count.state, count.urgency] += count.n
    return {
        state: UrgencyCounts(normal=found[state, "normal"], urgent=found[state, "urgent"])
        for state in OPEN_STATES
    }


def _townships(figures: DeskFigures) -> list[TownshipCounts]:
    of: dict[int | None, list[OpenCount]] = {}
    for count in figures.open:
        of.setdefault(count.township_id, []).append(count)
    return [
        TownshipCounts(
            code=township.code,
            name=township.name,
            **_place(of.get(township.id, ())).model_dump(),
        )
        for township in figures.townships
    ]


def _place(counts: Iterable[OpenCount]) -> PlaceCounts:
    by_state: dict[str, int] = {}
    urgent = 0
    for count in counts:
        by_state[count.state] = by_state.get(count.state, 0) + count.n
        urgent += count.n if count.urgency == "urgent" else 0
    return PlaceCounts(by_state=by_state, urgent=urgent)


def _today(today: Today) -> TodayOut:
    return TodayOut(
        reports=sum(today.by_hour),
        by_hour=list(today.by_hour),
        usual=None if today.usual is None else list(today.usual),
        usual_so_far=today.usual_so_far,
    )
