"""Drafts of boundaries: begun, worked on by operations, undone, put on another version."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response, status

from api.access import Account, Action, decide
from api.auth import SignedIn, allowed
from api.errors import NotYours
from api.planning import (
    REDRAW_OUTLINE,
    base_version,
    checked,
    moves_outline,
    note,
    refuse_outside,
)
from api.request_transaction import Tx
from api.routes.draft_answers import (
    BegunIn,
    BegunOut,
    ChecksOut,
    DraftDetailOut,
    DraftsOut,
    OperationOut,
    RebasedOut,
    RebaseIn,
    StepOut,
    draft_out,
    finding_out,
    step_out,
    unfit_out,
)
from api.routes.draft_held import DraftId, IfMatch, TheDrafts, found, locked, who_of
from api.routes.draft_operations import OperationIn, kept
from api.routes.queries import Text
from api.service import TheService
from boundaries.drafts import Drafts, Step
from gis.errors import BadInput, Conflict
from gis.store import drafts as store
from gis.store.engine import Transaction
from gis.store.tables.drafts import DRAFT_STATES
from gis.store.versions import version_chain

router = APIRouter(prefix="/api/drafts", tags=["drafts"])


@router.post("", status_code=status.HTTP_201_CREATED, **allowed(Action.PLAN))
async def begin(tx: Tx, account: SignedIn, begun: BegunIn, response: Response) -> BegunOut:
    """Begin a draft."""
    base = await base_version(tx, begun.base_version)
    who = who_of(account)
    draft_id = await store.add_draft(tx, begun.name, base.id, author=who.name, at=who.at)
    await note(tx, draft_id, "created", who, {"base_version": base.number})
    response.headers["ETag"] = '"1"'
    return BegunOut(id=draft_id, base_version=base.number, revision=1)


@router.get("", **allowed(Action.READ_DRAFTS))
async def list_drafts(
    tx: Tx,
    state: Annotated[Text, Query(description="comma list; default all but discarded")] = "",
) -> DraftsOut:
    """The drafts, the last changed first."""
    states = [word for word in state.split(",") if word] or [*DRAFT_STATES[:-1]]
    unknown = [word for word in states if word not in DRAFT_STATES]
    if unknown:
        raise BadInput("state_unknown", f"A draft is never {unknown[0]!r}.", field="state")
    return DraftsOut(drafts=[draft_out(row) for row in await store.list_drafts(tx, states)])


@router.get("/{draft_id}", **allowed(Action.READ_DRAFTS))
async def get_draft(tx: Tx, draft_id: DraftId, response: Response) -> DraftDetailOut:
    """One draft with its operations."""
    draft = await found(tx, draft_id)
    response.headers["ETag"] = f'"{draft.revision}"'
    history = [
        OperationOut(
            place=row.place,
            operation=row.operation,
            codes=list(row.codes),
            note=row.note,
            author=row.author,
            at=row.at,
            undone=row.place >= draft.applied,
        )
        for row in await store.operations_of(tx, draft_id)
    ]
    return DraftDetailOut(**draft_out(draft).model_dump(), history=history)


@router.get("/{draft_id}/grids", response_model=StepOut, **allowed(Action.READ_DRAFTS))
async def draft_grids(
    tx: Tx,
    drafts: TheDrafts,
    draft_id: DraftId,
    changed: Annotated[bool, Query(description="only those that differ from the base")] = False,
) -> Response:
    """The grids of a draft as GeoJSON, and the codes it retires."""
    draft = await found(tx, draft_id)
    coverage = await drafts.coverage(tx, draft)
    base = await drafts.base(tx, draft.base_version_id)
    grids = [
        grid
        for code, grid in sorted(coverage.grids.items())
        if not changed or base.grids.get(code) != grid
    ]
    retired = sorted(base.grids.keys() - coverage.grids.keys())
    return step_out(coverage, Step(draft.revision, tuple(grids), tuple(retired)))


@router.get("/{draft_id}/checks", **allowed(Action.READ_DRAFTS))
async def checks(service: TheService, tx: Tx, drafts: TheDrafts, draft_id: DraftId) -> ChecksOut:
    """Hold a draft against the proofs and the city's rules."""
    draft = await found(tx, draft_id)
    held = await checked(tx, drafts, draft, service.profile)
    return ChecksOut(
        revision=draft.revision,
        publishable=not held.errors,
        checks=[finding_out(finding) for finding in held.findings],
    )


@router.post("/{draft_id}/operations", response_model=StepOut, **allowed(Action.PLAN))
async def operate(
    tx: Tx,
    drafts: TheDrafts,
    account: SignedIn,
    draft_id: DraftId,
    asked: Annotated[OperationIn, Body()],
    if_match: IfMatch = None,
) -> Response:
    """Carry out an operation on a draft."""
    if asked.op == REDRAW_OUTLINE:
        _refuse_outline(account)
    draft = await locked(tx, draft_id, if_match)
    who = who_of(account)
    step = await drafts.operate(
        tx,
        draft,
        kept(asked),
        who=who,
        note=asked.note,
        allowed=lambda before, applied: refuse_outside(account, before, applied),
    )
    await note(tx, draft_id, "operated", who, _journalled(asked.op, step))
    return step_out(await drafts.coverage(tx, await found(tx, draft_id)), step)


@router.post("/{draft_id}/undo", response_model=StepOut, **allowed(Action.PLAN))
async def undo(
    tx: Tx, drafts: TheDrafts, account: SignedIn, draft_id: DraftId, if_match: IfMatch = None
) -> Response:
    """Undo the last operation in force."""
    return await _walk(tx, drafts, account, draft_id, if_match, -1)


@router.post("/{draft_id}/redo", response_model=StepOut, **allowed(Action.PLAN))
async def redo(
    tx: Tx, drafts: TheDrafts, account: SignedIn, draft_id: DraftId, if_match: IfMatch = None
) -> Response:
    """Do again what was undone last."""
    return await _walk(tx, drafts, account, draft_id, if_match, 1)


@router.post("/{draft_id}/rebase", **allowed(Action.PLAN))
async def rebase(
    tx: Tx,
    drafts: TheDrafts,
    account: SignedIn,
    draft_id: DraftId,
    response: Response,
    wanted: RebaseIn = RebaseIn(),  # noqa: B008 - frozen by what reads it
    if_match: IfMatch = None,
) -> RebasedOut:
    """Put a draft on the latest version; 409 with what no longer fits, unless left out."""
    draft = await locked(tx, draft_id, if_match)
    tip = (await version_chain(tx))[-1]
    who = who_of(account)
    revision, unfit = await drafts.rebase(tx, draft, tip.id, who=who, leave_out=wanted.leave_out)
    told = [unfit_out(row, error) for row, error in unfit]
    if unfit and not wanted.leave_out:
        raise Conflict(
            "operations_do_not_fit",
            f"{len(unfit)} operations no longer fit on version {tip.number}; leave them out,"
            " or draw them anew.",
            unfit=[each.model_dump() for each in told],
        )
    await note(tx, draft_id, "rebased", who, {"base_version": tip.number, "left_out": len(unfit)})
    response.headers["ETag"] = f'"{revision}"'
    return RebasedOut(revision=revision, base_version=tip.number, left_out=told)


async def _walk(
    tx: Transaction,
    drafts: Drafts,
    account: Account,
    draft_id: int,
    if_match: str | None,
    by: int,
) -> Response:
    draft = await locked(tx, draft_id, if_match)
    place = draft.applied + min(by, 0)
    if moves_outline((await store.operations_of(tx, draft_id))[max(place, 0) : place + 1]):
        _refuse_outline(account)
    who = who_of(account)
    step = await drafts.step(
        tx,
        draft,
        by,
        who=who,
        allowed=lambda before, applied: refuse_outside(account, before, applied),
    )
    await note(tx, draft_id, "undone" if by < 0 else "redone", who, {"revision": step.revision})
    return step_out(await drafts.coverage(tx, await found(tx, draft_id)), step)


def _refuse_outline(account: Account) -> None:
    decision = decide(account, Action.REDRAW_OUTLINE)
    if not decision.allowed or account.area is not None:
        raise NotYours(
            "not_yours", decision.reason or "The outline is the whole city's, not an area's."
        )


def _journalled(op: str, step: Step) -> dict[str, object]:
    return {
        "op": op,
        "revision": step.revision,
        "changed": [grid.code for grid in step.changed],
        "retired": list(step.retired),
    }
