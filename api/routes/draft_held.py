"""The draft that a request is about: found, and locked at the revision the caller knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import Field

from api.access import Account
from api.planning import planning_of
from api.routes.queries import Text
from api.service import TheService
from boundaries.drafts import Drafts, Who
from gis.errors import BadInput, Conflict, NotFound
from gis.store import drafts as store
from gis.store.drafts import DraftRow
from gis.store.engine import Transaction

DraftId = Annotated[int, Field(ge=1, lt=2**31)]
IfMatch = Annotated[
    Text | None, Header(alias="If-Match", description="the revision the change is made to")
]


async def _drafts(request: Request, service: TheService) -> Drafts:
    state = request.app.state
    if not hasattr(state, "drafts"):
        state.drafts = Drafts(planning_of(service.profile))
    drafts: Drafts = state.drafts
    return drafts


TheDrafts = Annotated[Drafts, Depends(_drafts)]


async def found(tx: Transaction, draft_id: int, *, lock: bool = False) -> DraftRow:
    """The draft.

    Raises
    ------
    NotFound
        ``draft_not_found``.
    """
    draft = await store.find_draft(tx, draft_id, lock=lock)
    if draft is None:
        raise NotFound("draft_not_found", f"There is no draft {draft_id}.")
    return draft


async def locked(tx: Transaction, draft_id: int, if_match: str | None) -> DraftRow:
    """The draft, locked, at the revision the caller knows.

    Raises
    ------
    BadInput
        ``if_match_missing``.
    Conflict
        ``draft_changed``, with who won.
    """
    if if_match is None:
        raise BadInput(
            "if_match_missing",
            "If-Match has to name the revision of the draft that is changed.",
            field="If-Match",
        )
    draft = await found(tx, draft_id, lock=True)
    known = if_match.strip().removeprefix("W/").strip('"')
    if known != str(draft.revision):
        raise Conflict(
            "draft_changed",
            f"{draft.changed_by} has changed this draft meanwhile; read it again.",
            revision=draft.revision,
            changed_by=draft.changed_by,
            changed_at=draft.changed_at.isoformat(),
        )
    return draft


def who_of(account: Account) -> Who:
    """The account as who changes a draft, now."""
    return Who(account.name, datetime.now(UTC))
