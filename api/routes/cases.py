"""Cases: the list behind the map, and one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, TypeAdapter

from api.routes.queries import (
    PAGE_ROWS,
    CaseNumber,
    Instant,
    Limit,
    Text,
    WantedCases,
    decode_cursor,
    encode_cursor,
)
from api.service import Tx
from gis.errors import NotFound
from gis.store import cases as store
from gis.store.cases import CaseDetail, CaseRow

COUNT_CAP = 10_000

_POSITION = TypeAdapter(tuple[Instant, CaseNumber])

router = APIRouter(prefix="/api/cases", tags=["cases"])


class GridPlaceOut(BaseModel):
    """A grid with the names of its community and township."""

    code: str
    name: str
    community: str
    township: str


class CaseOut(BaseModel):
    """A case as lists show it; WGS84 degrees, UTC instants."""

    number: int
    kind: str
    state: str
    urgency: str
    category: str
    channel: str
    occurred_at: datetime
    received_at: datetime
    lng: float
    lat: float
    reason: str
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
    given: GivenOut
    lng: float
    lat: float
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


@router.get("")
async def list_cases(
    tx: Tx,
    wanted: WantedCases,
    urgency: Annotated[Text | None, Query(description="normal or urgent")] = None,
    limit: Limit = PAGE_ROWS,
    cursor: Text | None = None,
) -> CasesOut:
    """Cases of a filter, newest first."""
    wanted = replace(wanted, urgency=urgency or None)
    after = None if cursor is None else decode_cursor(cursor, _POSITION)
    rows = await store.list_cases(tx, wanted, after=after, limit=limit + 1)
    page = rows[:limit]
    total = await store.count_cases(tx, wanted, cap=COUNT_CAP + 1)
    return CasesOut(
        cases=[_case(row) for row in page],
        next=encode_cursor(page[-1].occurred_at.isoformat(), page[-1].number)
        if len(rows) > limit
        else None,
        total=min(total, COUNT_CAP),
        total_capped=total > COUNT_CAP,
    )


@router.get("/{number}")
async def get_case(tx: Tx, number: CaseNumber) -> CaseDetailOut:
    """One case."""
    detail = await store.get_case(tx, number)
    if detail is None:
        raise NotFound("case_not_found", f"There is no case {number}.", number=number)
    return _detail(detail)


def _case(row: CaseRow) -> CaseOut:
    return CaseOut.model_validate(row, from_attributes=True)


def _detail(detail: CaseDetail) -> CaseDetailOut:
    return CaseDetailOut(
        **_case(detail.case).model_dump(),
        revision=detail.revision,
        reports=[
            ReportOut(
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
            for report in detail.reports
        ],
        staff=None
        if detail.staff is None
        else StaffOut.model_validate(detail.staff, from_attributes=True),
        staff_rule=detail.staff_rule,
        staff_row=detail.staff_row,
        grid_today=detail.grid_today,
    )
