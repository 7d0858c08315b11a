"""Which grid a point belongs to, why, and who answers for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import Action, decide
from api.auth import Scope, Viewer, allowed
from api.cases.intake import MAX_ACCURACY_M, check_place
from api.locating import Located, locate_point
from api.locators import city_bounds
from api.request_transaction import Tx
from api.routes.cases import StaffOut
from api.routes.queries import AsOf
from api.service import TheService
from gis.datum import Datum

router = APIRouter(prefix="/api", tags=["locate"])


class PointOut(BaseModel):
    """WGS84 degrees."""

    lng: float
    lat: float


class LocatedGridOut(BaseModel):
    """A grid with the names of its community and township."""

    code: str
    name: str
    kind: str
    community: str
    township: str


class LocatedOut(BaseModel):
    """The grid and its reason; ``staff_rule`` is one of the five rules of who answers.

    The three keys of the staff are there for those who may read them of this grid.
    """

    point: PointOut
    grid: LocatedGridOut | None
    reason: str
    candidates: list[str]
    staff: StaffOut | None = None
    staff_rule: int | None = None
    staff_row: int | None = None


@router.get("/locate", response_model_exclude_unset=True, **allowed(Action.READ_CITY))
async def locate(
    service: TheService,
    tx: Tx,
    viewer: Viewer,
    scope: Scope,
    lng: Annotated[float, Query(allow_inf_nan=False)],
    lat: Annotated[float, Query(allow_inf_nan=False)],
    datum: Datum = Datum.WGS84,
    accuracy: Annotated[
        float | None, Query(ge=0, le=MAX_ACCURACY_M, description="radius in metres")
    ] = None,
    as_of: AsOf = None,
) -> LocatedOut:
    """Place a point given in ``datum``; ``point`` comes back in WGS84."""
    now = datetime.now(UTC)
    check_place(lng, lat, city_bounds(await service.locators.at(tx, now)))
    located = await locate_point(
        tx,
        service,
        lng,
        lat,
        datum,
        accuracy_m=accuracy,
        occurred_at=as_of or now,
        received_at=as_of or now,
        now=now,
    )
    told = LocatedOut(
        point=PointOut(lng=located.lng, lat=located.lat),
        grid=_grid(located),
        reason=located.reason.word,
        candidates=located.candidates,
    )
    if decide(viewer, Action.READ_STAFF).allowed and scope.covers(located.today_grid_id):
        answer = located.answer
        told.staff = (
            None if answer is None else StaffOut.model_validate(answer, from_attributes=True)
        )
        told.staff_rule = None if answer is None else answer.rule
        told.staff_row = None if answer is None else answer.row_id
    return told


def _grid(located: Located) -> LocatedGridOut | None:
    if located.locator is None or located.grid is None:
        return None
    row = located.locator.grids.iloc[located.grid]
    return LocatedGridOut(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        community=row["community_name"],
        township=row["township_name"],
    )
