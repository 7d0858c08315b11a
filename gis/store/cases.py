"""Reading cases: one, a page of a filter, how many a filter holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from gis.store.case_filter import CaseFilter
from gis.store.tables.cases import Case, Report
from gis.store.tables.places import (
    CommunityVersion,
    Grid,
    GridVersion,
    TownshipVersion,
)
from gis.store.tables.staff import StaffMember


@dataclass(frozen=True, slots=True)
class GridPlace:
    """A grid by name, with the community and township it lies in."""

    code: str
    name: str
    community: str
    township: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as lists show it; ``lng``/``lat`` in degrees (EPSG:4326)."""

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
    grid: GridPlace | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One submission of a case: as given, and as placed."""

    id: int
    channel: str
    external_id: str
    occurred_at: datetime
    received_at: datetime
    given_x: float
    given_y: float
    given_datum: str
    accuracy_m: float | None
    lng: float
    lat: float
    reason: str


@dataclass(frozen=True, slots=True)
class StaffPost:
    """Who answers, in which role."""

    code: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with who answers for it, why, its grid of today and its reports."""

    case: CaseRow
    revision: int
    staff: StaffPost | None
    staff_rule: int | None
    staff_row: int | None
    grid_today: str | None
    reports: Sequence[ReportRow]


async def list_cases(
    tx: AsyncConnection,
    wanted: CaseFilter,
    *,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[CaseRow]:
    """Newest first (``occurred_at``, then number); ``after`` is the last row already shown."""
    query = (
        _rows()
        .where(*wanted.conditions())
        .order_by(Case.occurred_at.desc(), Case.number.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Case.occurred_at, Case.number) < after)
    return [_case(row) for row in await tx.execute(query)]


async def count_cases(tx: AsyncConnection, wanted: CaseFilter, *, cap: int) -> int:
    """How many cases the filter holds, counting no further than ``cap``."""
    some = select(Case.number).where(*wanted.conditions()).limit(cap).subquery()
    return int((await tx.execute(select(func.count()).select_from(some))).scalar_one())


async def get_case(tx: AsyncConnection, number: int) -> CaseDetail | None:
    """One case; None where there is no such number."""
    today = aliased(Grid)
    row = (
        await tx.execute(
            _rows()
            .add_columns(
                Case.revision,
                Case.staff_role,
                Case.staff_rule,
                Case.staff_row,
                StaffMember.code.label("staff_code"),
                StaffMember.name.label("staff_name"),
                today.code.label("grid_today"),
            )
            .outerjoin(StaffMember, StaffMember.id == Case.staff_id)
            .outerjoin(today, today.id == Case.today_grid_id)
            .where(Case.number == number)
        )
    ).one_or_none()
    if row is None:
        return None
    reports = await tx.execute(
        select(
            Report.id,
            Report.channel,
            Report.external_id,
            Report.occurred_at,
            Report.received_at,
            Report.given_x,
            Report.given_y,
            Report.given_datum,
            Report.accuracy_m,
            func.ST_X(Report.point),
            func.ST_Y(Report.point),
            Report.grid_reason,
        )
        .where(Report.case_number == number)
        .order_by(Report.received_at, Report.id)
    )
    return CaseDetail(
        case=_case(row),
        revision=row.revision,
        staff=None
        if row.staff_code is None
        else StaffPost(row.staff_code, row.staff_name, row.staff_role),
        staff_rule=row.staff_rule,
        staff_row=row.staff_row,
        grid_today=row.grid_today,
        reports=[ReportRow(*report) for report in reports],
    )


def _rows() -> Select[Any]:
    return (
        select(
            Case.number,
            Case.kind,
            Case.state,
            Case.urgency,
            Case.category,
            Case.channel,
            Case.occurred_at,
            Case.received_at,
            func.ST_X(Case.point).label("lng"),
            func.ST_Y(Case.point).label("lat"),
            Case.grid_reason,
            Grid.code.label("grid_code"),
            GridVersion.name.label("grid_name"),
            CommunityVersion.name.label("community"),
            TownshipVersion.name.label("township"),
        )
        .select_from(Case)
        .outerjoin(
            GridVersion,
            (GridVersion.version_id == Case.version_id) & (GridVersion.grid_id == Case.grid_id),
        )
        .outerjoin(Grid, Grid.id == GridVersion.grid_id)
        .outerjoin(
            CommunityVersion,
            (CommunityVersion.version_id == GridVersion.version_id)
            & (CommunityVersion.community_id == GridVersion.community_id),
        )
        .outerjoin(
            TownshipVersion,
            (TownshipVersion.version_id == CommunityVersion.version_id)
            & (TownshipVersion.township_id == CommunityVersion.township_id),
        )
    )


def _case(row: Any) -> CaseRow:
    grid = (
        None
        if row.grid_code is None
        else GridPlace(row.grid_code, row.grid_name, row.community, row.township)
    )
    return CaseRow(*[*row[:11], grid])
