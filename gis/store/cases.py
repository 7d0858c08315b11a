"""Reading cases: one, a page of a filter, how many a filter holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, any_, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from gis.store.case_filter import CaseFilter, cases_in
from gis.store.planning import plan_for_values
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
    """A case as lists show it; ``lng``/``lat`` in degrees (EPSG:4326).

    ``held`` is one that the command room has not let go yet.
    """

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
    held: bool
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


@dataclass(frozen=True, slots=True)
class CaseInView:
    """A case as lists show it, with what decides whose lists those are."""

    case: CaseRow
    today_grid_id: int | None
    staff_role: str | None
    is_held: bool


async def list_cases(
    tx: AsyncConnection,
    wanted: CaseFilter,
    *,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[CaseRow]:
    """Newest first (``occurred_at``, then number); ``after`` is the last row already shown."""
    await plan_for_values(tx)
    case = cases_in(wanted.states)
    query = (
        _rows(case)
        .where(*wanted.conditions(case))
        .order_by(case.occurred_at.desc(), case.number.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(case.occurred_at, case.number) < after)
    return [_case(row) for row in await tx.execute(query)]


async def count_cases(tx: AsyncConnection, wanted: CaseFilter, *, cap: int) -> int:
    """How many cases the filter holds, counting no further than ``cap``."""
    await plan_for_values(tx)
    case = cases_in(wanted.states)
    some = select(case.number).where(*wanted.conditions(case)).limit(cap).subquery()
    return int((await tx.execute(select(func.count()).select_from(some))).scalar_one())


async def cases_in_view(tx: AsyncConnection, numbers: Sequence[int]) -> dict[int, CaseInView]:
    """Cases by their numbers; one that is not there is left out."""
    if not numbers:
        return {}
    rows = await tx.execute(
        _rows()
        .add_columns(
            Case.today_grid_id, Case.staff_role, Case.held_at.is_not(None).label("is_held")
        )
        .where(Case.number == func.any(cast(list(numbers), ARRAY(BigInteger))))
    )
    return {
        row.number: CaseInView(_case(row), row.today_grid_id, row.staff_role, row.is_held)
        for row in rows
    }


async def get_case(tx: AsyncConnection, number: int, wanted: CaseFilter) -> CaseDetail | None:
    """One case; None where the filter holds none of that number."""
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
            .where(Case.number == number, *wanted.conditions())
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


def _rows(case: Any = Case) -> Select[Any]:
    return (
        select(
            case.number,
            case.kind,
            case.state,
            case.urgency,
            case.category,
            case.channel,
            case.occurred_at,
            case.received_at,
            func.ST_X(case.point).label("lng"),
            func.ST_Y(case.point).label("lat"),
            case.grid_reason,
            case.held_at.is_not(None).label("held"),
            Grid.code.label("grid_code"),
            GridVersion.name.label("grid_name"),
            CommunityVersion.name.label("community"),
            TownshipVersion.name.label("township"),
        )
        .select_from(case)
        .outerjoin(
            GridVersion,
            (GridVersion.version_id == case.version_id) & (GridVersion.grid_id == case.grid_id),
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
    return CaseRow(*[*row[:12], grid])


async def numbers_of_categories(
    tx: AsyncConnection, numbers: Sequence[int], categories: Collection[str]
) -> frozenset[int]:
    """Which of these cases are of one of these categories."""
    rows = await tx.execute(
        select(Case.number).where(
            Case.number == any_(cast(list(numbers), ARRAY(BigInteger))),
            Case.category.in_(categories),
        )
    )
    return frozenset(rows.scalars())
