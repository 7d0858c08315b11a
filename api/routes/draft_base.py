"""What a draft stands on: the grids of its base that it changes, and the city's communities."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.access import Action
from api.auth import allowed
from api.request_transaction import Tx
from api.routes.draft_answers import StepOut, step_out
from api.routes.draft_held import DraftId, TheDrafts, found
from boundaries.drafts import Step

router = APIRouter(prefix="/api/drafts", tags=["drafts"])


class CommunityOut(BaseModel):
    """A community that grids may be put into."""

    code: str
    name: str
    township: str
    township_name: str


class CommunitiesOut(BaseModel):
    """The communities of a draft, by code."""

    communities: list[CommunityOut]


@router.get("/{draft_id}/base", response_model=StepOut, **allowed(Action.READ_DRAFTS))
async def base_grids(tx: Tx, drafts: TheDrafts, draft_id: DraftId) -> Response:
    """The grids of the base that the draft changes or retires, as they were."""
    draft = await found(tx, draft_id)
    coverage = await drafts.coverage(tx, draft)
    base = await drafts.base(tx, draft.base_version_id)
    others = [grid for code, grid in base.grids.items() if coverage.grids.get(code) != grid]
    return step_out(base, Step(draft.revision, tuple(others), ()))


@router.get("/{draft_id}/communities", **allowed(Action.READ_DRAFTS))
async def communities(tx: Tx, drafts: TheDrafts, draft_id: DraftId) -> CommunitiesOut:
    """The communities a draft knows; no operation adds or takes away one."""
    coverage = await drafts.coverage(tx, await found(tx, draft_id))
    return CommunitiesOut(
        communities=[
            CommunityOut(
                code=each.code,
                name=each.name,
                township=each.township,
                township_name=coverage.townships[each.township],
            )
            for _, each in sorted(coverage.communities.items())
        ]
    )
