"""Held cases: what came over the limit of the open channel, until the command room looks."""

from __future__ import annotations

from fastapi import APIRouter, status

from api.access import Action
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.queries import CaseNumber
from gis.store import journal
from gis.store.held_cases import release_case

router = APIRouter(prefix="/api/cases", tags=["cases"])


@router.post(
    "/{number}/release", status_code=status.HTTP_204_NO_CONTENT, **allowed(Action.RELEASE_HELD)
)
async def release(tx: Tx, scope: Scope, account: SignedIn, number: CaseNumber) -> None:
    """Let a held case go to those who handle it; 409 when it is not held."""
    held_at = await release_case(tx, number, scope.narrowed())
    await journal.append(
        tx,
        actor=account.name,
        kind="case.released",
        subject=f"case/{number}",
        before={"held_at": held_at.isoformat()},
        after={"held_at": None},
    )
