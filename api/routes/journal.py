"""The audit trail: the journal in its order."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import Action
from api.auth import allowed
from api.request_transaction import Tx
from api.routes.queries import PAGE_ROWS, Limit, Text
from gis.store.stamped_journal import JournalPageRow, journal_page

router = APIRouter(prefix="/api/journal", tags=["journal"])


class JournalRowOut(BaseModel):
    """One change; ``hash`` covers it and every row before it."""

    position: int
    at: datetime
    actor: str
    kind: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


class JournalOut(BaseModel):
    """A page in the order of positions; ``next`` is the ``after`` of the page that follows."""

    rows: list[JournalRowOut]
    next: int | None


@router.get("", **allowed(Action.READ_JOURNAL))
async def read_journal(
    tx: Tx,
    after: Annotated[int, Query(ge=0, lt=2**63, description="position to go on from")] = 0,
    limit: Limit = PAGE_ROWS,
    kind: Annotated[Text | None, Query(description="beginning of the kind")] = None,
    subject: Annotated[Text | None, Query(description="the whole subject, e.g. case/7")] = None,
) -> JournalOut:
    """Who changed what, oldest first."""
    rows = await journal_page(
        tx, after=after, limit=limit + 1, kind=kind or None, subject=subject or None
    )
    page = rows[:limit]
    return JournalOut(
        rows=[_row(row) for row in page],
        next=page[-1].position if len(rows) > limit else None,
    )


def _row(row: JournalPageRow) -> JournalRowOut:
    return JournalRowOut(
        position=row.position,
        at=row.at,
        actor=row.actor,
        kind=row.kind,
        subject=row.subject,
        before=row.before,
        after=row.after,
        hash=row.hash.hex(),
    )
