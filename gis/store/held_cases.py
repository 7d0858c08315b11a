"""Cases held back because their reporter was over the limit: letting one go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import Conflict, NotFound
from gis.store.case_filter import CaseFilter
from gis.store.tables.cases import Case


async def release_case(tx: AsyncConnection, number: int, within: CaseFilter) -> datetime:
    """Let a held case go, so that all who see its grid see it; answers since when it was held.

    Raises
    ------
    NotFound
        ``case_not_found``: no such case within the filter.
    Conflict
        ``not_held``: it is not held, or somebody else let it go first.
    """
    wanted = select(Case.held_at).where(Case.number == number, *within.conditions())
    row = (await tx.execute(wanted.with_for_update())).one_or_none()
    if row is None:
        raise NotFound("case_not_found", f"There is no case {number}.", number=number)
    if row.held_at is None:
        raise Conflict("not_held", f"Case {number} is not held.", number=number)
    await tx.execute(
        update(Case).where(Case.number == number).values(held_at=None, revision=Case.revision + 1)
    )
    held_at: datetime = row.held_at
    return held_at
