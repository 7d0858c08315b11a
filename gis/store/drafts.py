"""Drafts in and out: the row, its operations, what they made, the codes they reserve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.tables.drafts import Draft, DraftChange, DraftOperation, ReservedCode
from gis.store.tables.places import BoundaryVersion, Grid


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft. ``base_number`` is the number of its base version, ``operations`` how many it has.

    ``applied`` of them are in force; those behind were undone and may be redone.
    """

    id: int
    name: str
    state: str
    base_version_id: int
    base_number: int
    revision: int
    applied: int
    operations: int
    author: str
    created_at: datetime
    changed_by: str
    changed_at: datetime
    submitted_by: str | None
    decided_by: str | None
    published_version_id: int | None


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation of a draft, as it was asked for."""

    place: int
    operation: dict[str, Any]
    codes: tuple[str, ...]
    note: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class GridChange:
    """What an operation made of a grid; ``shape`` is WKB, None of all where it is retired."""

    code: str
    name: str | None
    kind: str | None
    community: str | None
    shape: bytes | None


_COUNT = (
    select(func.count())
    .where(DraftOperation.draft_id == Draft.id)
    .correlate(Draft)
    .scalar_subquery()
)
_DRAFT = select(
    Draft.id,
    Draft.name,
    Draft.state,
    Draft.base_version_id,
    BoundaryVersion.number,
    Draft.revision,
    Draft.applied,
    _COUNT.label("operations"),
    Draft.author,
    Draft.created_at,
    Draft.changed_by,
    Draft.changed_at,
    Draft.submitted_by,
    Draft.decided_by,
    Draft.published_version_id,
).join(BoundaryVersion, BoundaryVersion.id == Draft.base_version_id)


async def add_draft(
    tx: AsyncConnection, name: str, base_version_id: int, *, author: str, at: datetime
) -> int:
    """Begin a draft on a version; its id."""
    added = await tx.execute(
        insert(Draft)
        .values(
            name=name,
            base_version_id=base_version_id,
            author=author,
            created_at=at,
            changed_by=author,
            changed_at=at,
        )
        .returning(Draft.id)
    )
    return int(added.scalar_one())


async def find_draft(tx: AsyncConnection, draft_id: int, *, lock: bool = False) -> DraftRow | None:
    """One draft; locked, nobody else changes it until the transaction ends."""
    query = _DRAFT.where(Draft.id == draft_id)
    row = (await tx.execute(query.with_for_update(of=Draft) if lock else query)).one_or_none()
    return None if row is None else DraftRow(*row)


async def list_drafts(tx: AsyncConnection, states: Sequence[str]) -> list[DraftRow]:
    """Drafts in some states, the last changed first."""
    query = _DRAFT.where(Draft.state.in_(states)).order_by(Draft.changed_at.desc(), Draft.id.desc())
    return [DraftRow(*row) for row in await tx.execute(query)]


async def change_draft(
    tx: AsyncConnection, draft_id: int, *, by: str, at: datetime, **columns: object
) -> int:
    """Alter a draft, which gets the next revision; that revision."""
    changed = await tx.execute(
        update(Draft)
        .where(Draft.id == draft_id)
        .values(revision=Draft.revision + 1, changed_by=by, changed_at=at, **columns)
        .returning(Draft.revision)
    )
    return int(changed.scalar_one())


async def operations_of(tx: AsyncConnection, draft_id: int) -> list[OperationRow]:
    """The operations of a draft in order, undone ones last."""
    rows = await tx.execute(
        select(
            DraftOperation.place,
            DraftOperation.operation,
            DraftOperation.codes,
            DraftOperation.note,
            DraftOperation.author,
            DraftOperation.at,
        )
        .where(DraftOperation.draft_id == draft_id)
        .order_by(DraftOperation.place)
    )
    return [
        OperationRow(row.place, row.operation, tuple(row.codes), row.note, row.author, row.at)
        for row in rows
    ]


async def append_operation(
    tx: AsyncConnection, draft_id: int, row: OperationRow, changes: Iterable[GridChange]
) -> None:
    """Keep an operation with what it made; those that were undone are gone."""
    await append_operations(tx, draft_id, [(row, changes)])


async def append_operations(
    tx: AsyncConnection, draft_id: int, done: Sequence[tuple[OperationRow, Iterable[GridChange]]]
) -> None:
    """Keep operations, one at least, as :func:`append_operation` does each."""
    await forget_operations(tx, draft_id, done[0][0].place)
    operations = [
        {
            "draft_id": draft_id,
            "place": row.place,
            "operation": row.operation,
            "codes": list(row.codes),
            "note": row.note,
            "author": row.author,
            "at": row.at,
        }
        for row, _ in done
    ]
    made = [
        {
            "draft_id": draft_id,
            "place": row.place,
            "code": change.code,
            "name": change.name,
            "kind": change.kind,
            "community": change.community,
            "shape": change.shape,
        }
        for row, changes in done
        for change in changes
    ]
    await tx.execute(insert(DraftOperation), operations)
    await tx.execute(insert(DraftChange), made)


async def forget_operations(tx: AsyncConnection, draft_id: int, first: int) -> None:
    """Drop the operations from a place on, with what they made; their codes stay reserved."""
    for table in (DraftChange, DraftOperation):
        await tx.execute(delete(table).where(table.draft_id == draft_id, table.place >= first))


async def changes_of(tx: AsyncConnection, draft_id: int, before: int) -> list[GridChange]:
    """What the operations before a place made together: of each grid the last."""
    rows = await tx.execute(
        select(
            DraftChange.code,
            DraftChange.name,
            DraftChange.kind,
            DraftChange.community,
            DraftChange.shape,
        )
        .where(DraftChange.draft_id == draft_id, DraftChange.place < before)
        .ext(distinct_on(DraftChange.code))
        .order_by(DraftChange.code, DraftChange.place.desc())
    )
    return [GridChange(*row) for row in rows]


async def codes_changed_by(tx: AsyncConnection, draft_id: int, place: int) -> list[str]:
    """The codes of the grids that one operation changed, added or retired, sorted."""
    rows = await tx.execute(
        select(DraftChange.code).where(DraftChange.draft_id == draft_id, DraftChange.place == place)
    )
    return sorted(rows.scalars())


async def lock_codes(tx: AsyncConnection) -> None:
    """Let only one transaction at a time reserve codes."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(hashtext(current_schema()), 2)"))


async def codes_ever(tx: AsyncConnection) -> frozenset[str]:
    """Every code a grid of any version has had."""
    return frozenset((await tx.execute(select(Grid.code))).scalars())


async def last_grid_id(tx: AsyncConnection) -> int:
    """The highest id of a grid; 0 where there is none."""
    return int((await tx.execute(select(func.coalesce(func.max(Grid.id), 0)))).scalar_one())


async def reserved_codes(tx: AsyncConnection) -> frozenset[str]:
    """The codes that drafts reserve."""
    return frozenset((await tx.execute(select(ReservedCode.code))).scalars())


async def reserve_codes(tx: AsyncConnection, draft_id: int, codes: Iterable[str]) -> None:
    """Reserve codes for a draft."""
    rows = [{"code": code, "draft_id": draft_id} for code in codes]
    if rows:
        await tx.execute(insert(ReservedCode), rows)


async def release_codes(tx: AsyncConnection, draft_id: int) -> None:
    """Let go of what a draft reserved."""
    await tx.execute(delete(ReservedCode).where(ReservedCode.draft_id == draft_id))
