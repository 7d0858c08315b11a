"""Appending to the journal. Nothing here updates or deletes: a trigger would refuse it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.tables.journal import JournalRow


async def append(
    tx: AsyncConnection,
    *,
    actor: str,
    kind: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one row in the caller's transaction.

    Parameters
    ----------
    actor
        An account's name, or ``command`` for the command line.
    kind
        ``noun.past_participle``, e.g. ``version.published``.
    subject
        What it is about, e.g. ``version/3`` or ``case/1204``.
    before, after
        JSON values; never contact data, photo content or free text.
    """
    await tx.execute(
        insert(JournalRow).values(
            actor=actor, kind=kind, subject=subject, before=before, after=after
        )
    )
