"""Cases: the list behind the map, and one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, TypeAdapter

from api.access import Action
from api.auth import Scope, allowed
from api.request_transaction import Tx
from api.routes.queries import (
    PAGE_ROWS,
    CaseNumber,
    Instant,
    Limit,
    NarrowerCases,
    Text,
    decode_cursor,
    encode_cursor,
)
from api.service import TheService
from gis.errors import NotFound
from gis.store import cases as store
from gis.store.cases import CaseDetail, CaseRow, ReportRow

COUNT_CAP = 10_000

_NO_PLACE = {"lng": None, "lat": None}
_POSITION = TypeAdapter(tuple[Instant, CaseNumber])

router = APIRouter(prefix="/api/cases", tags=["cases"])


class GridPlaceOut(BaseModel):
    """A grid with the names of its community and township."""

    code: str
    name: str
    community: str
    township: str


class CaseOut(BaseModel):
    """A case as lists show it; WGS84 degrees, UTC instants.

    A list does not tell the place of a case of a sensitive category.
    """

    number: int
    kind: str
    state: str
    urgency: str
    category: str
    channel: str
    occurred_at: datetime
    received_at: datetime
    lng: float | None
    lat: float | None
    reason: str
    held: bool
    grid: GridPlaceOut | None


class CasesOut(BaseModel):
    """A page; ``total`` counts the whole filter, no further than 10,000."""

    cases: list[CaseOut]
    next: str | None
    total: int
    total_capped: bool


class GivenOut(BaseModel):
    """Where a report said it was: coordinates and datum as given."""

    lng: float
    lat: float
    datum: str
    accuracy: float | None


class ReportOut(BaseModel):
    """One submission of a case."""

    id: int
    channel: str
    external_id: str
    occurred_at: datetime
    received_at: datetime
    given: GivenOut | None
    lng: float | None
    lat: float | None
    reason: str


class StaffOut(BaseModel):
    """Who answers."""

    code: str
    name: str
    role: str


class CaseDetailOut(CaseOut):
    """A case with its reports, who answers for it and why, and its grid of today."""

    revision: int
    reports: list[ReportOut]
    staff: StaffOut | None
    staff_rule: int | None
    staff_row: int | None
    grid_today: str | None


@router.get("", **allowed(Action.READ_CASES))
async def list_cases(
    service: TheService,
    tx: Tx,
    scope: Scope,
    wanted: NarrowerCases,
    urgency: Annotated[Text | None, Query(description="normal or urgent")] = None,
    limit: Limit = PAGE_ROWS,
    cursor: Text | None = None,
) -> CasesOut:
    """Cases of a filter, newest first."""
    wanted = scope.narrowed(replace(wanted, urgency=urgency or None))
    after = None if cursor is None else decode_cursor(cursor, _POSITION)
    rows = await store.list_cases(tx, wanted, after=after, limit=limit + 1)
    page = rows[:limit]
    total = await store.count_cases(tx, wanted, cap=COUNT_CAP + 1)
    return CasesOut(
        cases=[case_out(row, placeless=service.profile.sensitive) for row in page],
        next=encode_cursor(page[-1].occurred_at.isoformat(), page[-1].number)
        if len(rows) > limit
        else None,
        total=min(total, COUNT_CAP),
        total_capped=total > COUNT_CAP,
    )


@router.get("/{number}", **allowed(Action.READ_CASES))
async def get_case(tx: Tx, scope: Scope, number: CaseNumber) -> CaseDetailOut:
    """One case; one that is not the viewer's to see is not there."""
    detail = await store.get_case(tx, number, scope.narrowed())
    if detail is None:
        raise NotFound("case_not_found", f"There is no case {number}.", number=number)
    return _detail(detail, tells_place=detail.case.category not in scope.placeless)


def case_out(row: CaseRow, *, placeless: Collection[str]) -> CaseOut:
    """A case for a list or the stream; those of the ``placeless`` categories without a place."""
    told = CaseOut.model_validate(row, from_attributes=True)
    return told.model_copy(update=_NO_PLACE) if row.category in placeless else told


def _detail(detail: CaseDetail, *, tells_place: bool) -> CaseDetailOut:
    return CaseDetailOut(
        **case_out(
            detail.case, placeless=() if tells_place else (detail.case.category,)
        ).model_dump(),
        revision=detail.revision,
        reports=[_report(report, tells_place=tells_place) for report in detail.reports],
        staff=None
        if detail.staff is None
        else StaffOut.model_validate(detail.staff, from_attributes=True),
        staff_rule=detail.staff_rule,
        staff_row=detail.staff_row,
        grid_today=detail.grid_today,
    )


def _report(report: ReportRow, *, tells_place: bool) -> ReportOut:
    told = ReportOut(
        id=report.id,
        channel=report.channel,
        external_id=report.external_id,
        occurred_at=report.occurred_at,
        received_at=report.received_at,
        given=GivenOut(
            lng=report.given_x,
            lat=report.given_y,
            datum=report.given_datum,
            accuracy=report.accuracy_m,
        ),
        lng=report.lng,
        lat=report.lat,
        reason=report.reason,
    )
    return told if tells_place else told.model_copy(update={**_NO_PLACE, "given": None})
