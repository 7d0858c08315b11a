"""The boundary versions of the city, and the grids of any of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.access import Action
from api.auth import allowed
from api.request_transaction import Tx
from api.routes.draft_answers import StepOut, step_out
from api.routes.draft_held import TheDrafts
from boundaries.drafts import Step
from gis.errors import NotFound
from gis.store.versions import version_at, version_chain

router = APIRouter(prefix="/api/versions", tags=["drafts"])

Number = Annotated[int, Field(ge=1, lt=2**31)]


class LinkOut(BaseModel):
    """A version, in force from `effective_at` until the next is."""

    number: int
    effective_at: datetime
    in_force: bool


class VersionsOut(BaseModel):
    """All versions, the latest first."""

    versions: list[LinkOut]


@router.get("", **allowed(Action.READ_DRAFTS))
async def versions(tx: Tx) -> VersionsOut:
    """Every boundary version the city has had, has, and is to have."""
    chain = await version_chain(tx)
    now = version_at(chain, datetime.now(UTC))
    return VersionsOut(
        versions=[
            LinkOut(number=each.number, effective_at=each.effective_at, in_force=each == now)
            for each in reversed(chain)
        ]
    )


@router.get("/{number}/grids", response_model=StepOut, **allowed(Action.READ_DRAFTS))
async def version_grids(tx: Tx, drafts: TheDrafts, number: Number) -> Response:
    """The grids of a version as those of a draft are told, its number as the revision."""
    found = [each for each in await version_chain(tx) if each.number == number]
    if not found:
        raise NotFound("version_not_found", f"There is no version {number}.", number=number)
    base = await drafts.base(tx, found[0].id)
    return step_out(base, Step(number, tuple(base.grids.values()), ()))
