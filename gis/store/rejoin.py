"""Cases whose grid of today may be another one since a boundary version took effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from gis.store.case_filter import cases_in
from gis.store.tables.cases import FINAL_STATES, OPEN_STATES, Case
from gis.store.tables.places import Grid
from gis.store.tables.staff import StaffMember

WINDOW_NUMBERS = 50_000
"""Case numbers looked at in one step where all cases are meant."""


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A case, where it is (WGS84 degrees), its grid of today by code, and its person."""

    number: int
    lng: float
    lat: float
    grid: str | None
    staff_id: int | None
    staff_code: str | None
    staff_name: str | None
    staff_role: str | None
    staff_rule: int | None
    staff_row: int | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An open case's new grid of today and the person who has it now, by row and rule."""

    number: int
    grid_id: int | None
    staff_id: int | None
    staff_role: str | None
    staff_rule: int | None
    staff_row: int | None


async def lock_case_writers_out(tx: AsyncConnection) -> None:
    """Let nobody add or alter a case until the transaction ends; reading goes on.

    So no case is stored with the grid of yesterday after all others have got that of today.
    Waits for the writers that are under way.
    """
    await tx.execute(text("LOCK TABLE cases IN SHARE ROW EXCLUSIVE MODE"))


async def enter_as_case_writer(tx: AsyncConnection) -> None:
    """Wait for a version that is just taking effect, and keep the next one waiting.

    For a writer that looks at the versions in force in one statement and adds cases in a
    later one; a single statement does this by itself.
    """
    await tx.execute(text("LOCK TABLE cases IN ROW EXCLUSIVE MODE"))


async def open_cases_near(tx: AsyncConnection, boxes: NDArray[np.float64]) -> list[PlacedCase]:
    """Open cases in any of these boxes (rows of west, south, east, north, degrees), by number."""
    case = cases_in(OPEN_STATES)
    today = aliased(Grid)
    rows = await tx.execute(
        select(
            case.number,
            func.ST_X(case.point),
            func.ST_Y(case.point),
            today.code,
            case.staff_id,
            StaffMember.code,
            StaffMember.name,
            case.staff_role,
            case.staff_rule,
            case.staff_row,
        )
        .outerjoin(today, today.id == case.today_grid_id)
        .outerjoin(StaffMember, StaffMember.id == case.staff_id)
        .where(_in_envelope(case.point, boxes))
        .order_by(case.number)
    )
    found = [PlacedCase(*row) for row in rows]
    near = _near([case.lng for case in found], [case.lat for case in found], boxes)
    return [found[place] for place in near]


@dataclass(frozen=True, slots=True)
class Window:
    """The cases near changed ground among some case numbers: aligned arrays.

    ``last`` is the number to go on after; None when there is no later case.
    """

    number: NDArray[np.int64]
    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    last: int | None


async def cases_near(tx: AsyncConnection, boxes: NDArray[np.float64], after: int) -> Window:
    """All cases in any of these boxes, open or not, of the next ``WINDOW_NUMBERS`` numbers."""
    last = after + WINDOW_NUMBERS
    rows = (
        await tx.execute(
            select(Case.number, func.ST_X(Case.point), func.ST_Y(Case.point))
            .where(Case.number > after, Case.number <= last)
            .where(_in_envelope(Case.point, boxes))
        )
    ).all()
    more = await tx.execute(select(select(Case.number).where(Case.number > last).exists()))
    # Case numbers stay far below 2**53, so the detour through doubles is exact.
    columns = np.array([tuple(row) for row in rows], dtype=np.float64).reshape(-1, 3)
    chosen = columns[_near(columns[:, 1], columns[:, 2], boxes)]
    return Window(
        chosen[:, 0].astype(np.int64),
        chosen[:, 1],
        chosen[:, 2],
        last if more.scalar_one() else None,
    )


async def has_final_cases(tx: AsyncConnection) -> bool:
    """Whether any case is closed, rejected, merged or of history."""
    found = select(Case.number).where(Case.state.in_(FINAL_STATES)).limit(1)
    return bool((await tx.execute(select(found.exists()))).scalar_one())


async def hand_over(tx: AsyncConnection, cases: Sequence[HandedOver]) -> None:
    """Give open cases their grid of today and their person.

    A case that gets another person is another revision; one that only got another grid is not.
    """
    await tx.execute(
        text("""
            UPDATE cases SET
                today_grid_id = given.grid_id,
                revision = revision
                    + CAST(cases.staff_id IS DISTINCT FROM given.staff_id AS int),
                staff_id = given.staff_id, staff_role = given.staff_role,
                staff_rule = given.staff_rule, staff_row = given.staff_row
            FROM unnest(CAST(:number AS bigint[]), CAST(:grid_id AS int[]),
                        CAST(:staff_id AS int[]), CAST(:staff_role AS text[]),
                        CAST(:staff_rule AS int[]), CAST(:staff_row AS bigint[]))
                AS given (number, grid_id, staff_id, staff_role, staff_rule, staff_row)
            WHERE cases.number = given.number
        """),
        {name: [getattr(case, name) for case in cases] for name in HandedOver.__slots__},
    )


def _in_envelope(point: Any, boxes: NDArray[np.float64]) -> Any:
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return point.op("&&")(func.ST_MakeEnvelope(west, south, east, north, 4326))


def _near(lng: Any, lat: Any, boxes: NDArray[np.float64]) -> NDArray[np.intp]:
    """Places of the points in any box, in order."""
    points: Any = shapely.points(np.column_stack([lng, lat]))
    tree = shapely.STRtree(points)
    _, found = tree.query(shapely.box(*boxes.T))
    near: NDArray[np.intp] = np.unique(found)
    return near
