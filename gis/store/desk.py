"""The figures above the desk and on the wall, of what one viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, any_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.case_filter import CaseFilter, cases_in, ids
from gis.store.planning import plan_for_values
from gis.store.received import PastDays, Today, reports_today
from gis.store.tables.cases import OPEN_STATES
from gis.store.tables.places import (
    BoundaryVersion,
    CommunityVersion,
    GridVersion,
    Township,
    TownshipVersion,
)
from gis.store.tables.staff import Duty


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many open cases of a township (None: outside) are in a state, and how urgent."""

    township_id: int | None
    state: str
    urgency: str
    n: int


@dataclass(frozen=True, slots=True)
class TownshipName:
    """A township of the version in force."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Of how many grids, and in how many of them somebody is on duty now."""

    grids: int
    of: int


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """What is open where, what came today, who is there."""

    open: Sequence[OpenCount]
    townships: Sequence[TownshipName]
    today: Today
    on_duty: OnDuty


async def desk_figures(
    tx: AsyncConnection, wanted: CaseFilter, past: PastDays, *, now: datetime, zone: ZoneInfo
) -> DeskFigures:
    """The figures of the cases a filter holds; ``wanted.states`` is not looked at.

    Grids and townships are those of the version in force ``now``, within
    ``wanted.within_grids`` where that is given.
    """
    await plan_for_values(tx)
    return DeskFigures(
        open=await _open(tx, wanted, now),
        townships=await _townships(tx, wanted, now),
        today=await reports_today(tx, wanted, past, now=now, zone=zone),
        on_duty=await _on_duty(tx, wanted, now),
    )


async def _open(tx: AsyncConnection, wanted: CaseFilter, now: datetime) -> list[OpenCount]:
    case = cases_in(OPEN_STATES)
    rows = await tx.execute(
        select(CommunityVersion.township_id, case.state, case.urgency, func.count())
        .select_from(case)
        .outerjoin(
            GridVersion,
            (GridVersion.grid_id == case.today_grid_id)
            & (GridVersion.version_id == _version_at(now)),
        )
        .outerjoin(
            CommunityVersion,
            (CommunityVersion.version_id == GridVersion.version_id)
            & (CommunityVersion.community_id == GridVersion.community_id),
        )
        .where(*wanted.conditions(case))
        .group_by(CommunityVersion.township_id, case.state, case.urgency)
    )
    return [OpenCount(*row) for row in rows]


async def _townships(tx: AsyncConnection, wanted: CaseFilter, now: datetime) -> list[TownshipName]:
    query = (
        select(Township.id, Township.code, TownshipVersion.name)
        .join(TownshipVersion, TownshipVersion.township_id == Township.id)
        .where(TownshipVersion.version_id == _version_at(now))
        .order_by(Township.code.collate("C"))
    )
    if wanted.within_grids is not None:
        query = query.where(
            Township.id.in_(
                select(CommunityVersion.township_id)
                .join(
                    GridVersion,
                    (GridVersion.version_id == CommunityVersion.version_id)
                    & (GridVersion.community_id == CommunityVersion.community_id),
                )
                .where(GridVersion.version_id == _version_at(now))
                .where(GridVersion.grid_id == any_(ids(wanted.within_grids)))
            )
        )
    return [TownshipName(*row) for row in await tx.execute(query)]


async def _on_duty(tx: AsyncConnection, wanted: CaseFilter, now: datetime) -> OnDuty:
    on_duty = (
        select(Duty.grid_id)
        .where(Duty.grid_id.is_not(None), Duty.during.op("@>")(cast(now, DateTime(timezone=True))))
        .distinct()
        .subquery()
    )
    query = (
        select(func.count(on_duty.c.grid_id), func.count())
        .select_from(GridVersion)
        .outerjoin(on_duty, on_duty.c.grid_id == GridVersion.grid_id)
        .where(GridVersion.version_id == _version_at(now))
    )
    if wanted.within_grids is not None:
        query = query.where(GridVersion.grid_id == any_(ids(wanted.within_grids)))
    return OnDuty(*(await tx.execute(query)).one())


def _version_at(now: datetime) -> Any:
    return (
        select(BoundaryVersion.id)
        .where(BoundaryVersion.effective_at <= now)
        .order_by(BoundaryVersion.effective_at.desc())
        .limit(1)
        .scalar_subquery()
    )
