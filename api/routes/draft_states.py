"""What becomes of a draft: handed in, taken back, approved, published, discarded."""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from api.access import Account, Action
from api.auth import SignedIn, allowed
from api.planning import note, publish_draft, refuse_draft_outside, refuse_own
from api.request_transaction import Tx
from api.routes.draft_answers import PublishedOut, PublishIn, RevisionOut
from api.routes.draft_held import DraftId, IfMatch, TheDrafts, locked, who_of
from api.service import TheService
from gis.errors import Conflict
from gis.store import drafts as store
from gis.store.drafts import DraftRow
from gis.store.engine import Transaction

router = APIRouter(prefix="/api/drafts", tags=["drafts"])


@router.post("/{draft_id}/submit", **allowed(Action.PLAN))
async def submit(
    tx: Tx, account: SignedIn, draft_id: DraftId, response: Response, if_match: IfMatch = None
) -> RevisionOut:
    """Hand an open draft in for approval; nobody changes it then."""
    draft = await locked(tx, draft_id, if_match)
    _refuse_unless(draft, "open")
    if draft.applied == 0:
        raise Conflict("draft_empty", "This draft changes nothing yet.")
    return await _turned(tx, draft, account, response, "submitted", submitted_by=account.name)


@router.post("/{draft_id}/reopen", **allowed(Action.PLAN))
async def reopen(
    tx: Tx, account: SignedIn, draft_id: DraftId, response: Response, if_match: IfMatch = None
) -> RevisionOut:
    """Take a draft back that was handed in or approved, to work on it again."""
    draft = await locked(tx, draft_id, if_match)
    _refuse_unless(draft, "submitted", "approved")
    return await _turned(
        tx, draft, account, response, "open", done="reopened", submitted_by=None, decided_by=None
    )


@router.post("/{draft_id}/approve", **allowed(Action.APPROVE_DRAFT))
async def approve(
    tx: Tx,
    drafts: TheDrafts,
    account: SignedIn,
    draft_id: DraftId,
    response: Response,
    if_match: IfMatch = None,
) -> RevisionOut:
    """Approve a draft that was handed in: a leader, or a planner who did not work on it."""
    draft = await locked(tx, draft_id, if_match)
    _refuse_unless(draft, "submitted")
    refuse_own(account, draft, await store.operations_of(tx, draft_id))
    await refuse_draft_outside(tx, account, drafts, draft)
    return await _turned(tx, draft, account, response, "approved", decided_by=account.name)


@router.post("/{draft_id}/publish", **allowed(Action.PUBLISH))
async def publish(
    service: TheService,
    tx: Tx,
    drafts: TheDrafts,
    account: SignedIn,
    draft_id: DraftId,
    wanted: PublishIn = PublishIn(),  # noqa: B008 - frozen by what reads it
    if_match: IfMatch = None,
) -> PublishedOut:
    """Publish an approved draft: the next boundary version."""
    draft = await locked(tx, draft_id, if_match)
    await refuse_draft_outside(tx, account, drafts, draft)
    published = await publish_draft(
        tx,
        drafts,
        draft,
        service.profile,
        who=who_of(account),
        effective_at=wanted.effective_at,
    )
    version = published.version
    return PublishedOut(version=version.number, effective_at=version.effective_at)


@router.delete("/{draft_id}", status_code=status.HTTP_204_NO_CONTENT, **allowed(Action.PLAN))
async def discard(
    tx: Tx, drafts: TheDrafts, account: SignedIn, draft_id: DraftId, if_match: IfMatch = None
) -> None:
    """Discard a draft; its codes may be given to others."""
    draft = await locked(tx, draft_id, if_match)
    _refuse_unless(draft, "open", "submitted", "approved")
    await refuse_draft_outside(tx, account, drafts, draft)
    who = who_of(account)
    await store.change_draft(tx, draft_id, by=who.name, at=who.at, state="discarded")
    await store.release_codes(tx, draft_id)
    await note(tx, draft_id, "discarded", who, {})


async def _turned(
    tx: Transaction,
    draft: DraftRow,
    account: Account,
    response: Response,
    state: str,
    *,
    done: str | None = None,
    **columns: object,
) -> RevisionOut:
    who = who_of(account)
    revision = await store.change_draft(
        tx, draft.id, by=who.name, at=who.at, state=state, **columns
    )
    await note(tx, draft.id, done or state, who, {"revision": revision})
    response.headers["ETag"] = f'"{revision}"'
    return RevisionOut(revision=revision, state=state)


def _refuse_unless(draft: DraftRow, *states: str) -> None:
    if draft.state not in states:
        raise Conflict(
            "draft_state",
            f"This draft is {draft.state}, not {' or '.join(states)}.",
            state=draft.state,
        )
