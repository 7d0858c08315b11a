"""Giving committed journal rows their place in the one order: finding them, writing stamps.

Ids do not do: a row with a lower id may be committed after one with a higher, and a reader
that goes on from the last id it saw loses it (5–21 % of rows, measured). Waiting until no
older transaction is open loses none, but then one open transaction, of any database of the
server, delays every other row. So rows are found by comparing two snapshots: what was
committed between them was written by a transaction that began after the first, or was
under way in it. What is still open stays under way in the second, and is found later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.driver import fetch
from gis.store.journal_chain import NO_HASH, JournalEntry, Stamped, chained
from gis.store.tile_shapes import bump

CHUNK_ROWS = 1_000
"""Rows stamped in one transaction: hashing them takes 5 ms."""

CASE_NOUNS = frozenset({"report", "reports", "case", "cases", "city"})
"""First words of the kinds after which the map's cases look different."""

_ENTRY = "id, at, actor, kind, subject, before::text, after::text"


@dataclass(frozen=True, slots=True)
class Head:
    """The last stamp given: its position and hash."""

    position: int = 0
    hash: bytes = NO_HASH


@dataclass(frozen=True, slots=True)
class Search:
    """One pass over the rows committed between two snapshots, in chunks by id.

    Parameters
    ----------
    since
        Snapshot of the pass before; None looks at the whole journal.
    until
        Snapshot taken before the first chunk. Rows that come into sight later belong to
        the next pass, which starts from this one; a chunk may hold some of them already.
    after_id
        Highest id of the chunk before.
    """

    since: str | None
    until: str
    after_id: int = 0


async def try_lead(connection: AsyncConnection) -> bool:
    """Become the city's stamper; holds until the connection ends, False while another is.

    Asking again and again is meant: a session that waits for the lock would keep a
    snapshot open, and VACUUM from its work.
    """
    return bool(
        (
            await connection.execute(
                text(
                    "SELECT pg_try_advisory_lock("
                    "hashtextextended('wangge stamper ' || current_schema(), 0))"
                )
            )
        ).scalar_one()
    )


async def current_snapshot(connection: AsyncConnection) -> str:
    """The transactions this statement sees, in PostgreSQL's text form.

    Asked ten times a second, so without a transaction around it: one round trip, not three.
    """
    [row] = await fetch(connection, "SELECT pg_current_snapshot()::text AS snapshot")
    return str(row["snapshot"])


async def head(tx: AsyncConnection) -> Head:
    """The last stamp there is."""
    row = (
        await tx.execute(
            text("SELECT position, hash FROM journal_stamps ORDER BY position DESC LIMIT 1")
        )
    ).one_or_none()
    return Head() if row is None else Head(row.position, row.hash)


async def unstamped(tx: AsyncConnection, search: Search) -> list[JournalEntry]:
    """The next chunk of rows without a stamp, by id; fewer than ``CHUNK_ROWS`` is the last."""
    if search.since is None:
        return await _all_unstamped(tx, search.after_id)
    found = await tx.execute(
        text(f"""
            SELECT {_ENTRY} FROM (
                SELECT * FROM journal
                WHERE xid >= pg_snapshot_xmax(CAST(CAST(:since AS text) AS pg_snapshot))
                  AND xid < pg_snapshot_xmax(CAST(CAST(:until AS text) AS pg_snapshot))
                UNION ALL
                SELECT * FROM journal
                WHERE xid = ANY (
                    ARRAY(SELECT pg_snapshot_xip(CAST(CAST(:since AS text) AS pg_snapshot))))
            ) AS committed
            WHERE id > :after_id
            ORDER BY id LIMIT :chunk
        """),  # noqa: S608 - the columns are ours
        {
            "since": search.since,
            "until": search.until,
            "after_id": search.after_id,
            "chunk": CHUNK_ROWS,
        },
    )
    return [JournalEntry(*row) for row in found]


async def without_stamp(tx: AsyncConnection, entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Those of ``entries`` that have no stamp yet.

    A pass may see rows of the next one; and rows restored from a dump bear numbers of
    transactions that this server gives out again.
    """
    if not entries:
        return []
    have = await tx.execute(
        text("SELECT journal_id FROM journal_stamps WHERE journal_id = ANY (:ids)"),
        {"ids": [entry.id for entry in entries]},
    )
    stamped = set(have.scalars())
    return [entry for entry in entries if entry.id not in stamped]


async def add_stamps(
    tx: AsyncConnection, last: Head, entries: Sequence[JournalEntry], *, channel: str
) -> Head:
    """Stamp rows in their order, tell the listeners once, and make new case tiles if need be.

    Raises
    ------
    Conflict
        ``already_there``: somebody else stamps this city; nothing is written.
    """
    stamps = []
    for entry in entries:
        last = Head(last.position + 1, chained(last.hash, entry))
        stamps.append(Stamped(last.position, last.hash, entry))
    await tx.execute(
        text("""
            INSERT INTO journal_stamps (position, journal_id, hash)
            SELECT * FROM unnest(
                CAST(:positions AS bigint[]), CAST(:ids AS bigint[]), CAST(:hashes AS bytea[]))
        """),
        {
            "positions": [stamp.position for stamp in stamps],
            "ids": [stamp.entry.id for stamp in stamps],
            "hashes": [stamp.hash for stamp in stamps],
        },
    )
    if any(entry.kind.partition(".")[0] in CASE_NOUNS for entry in entries):
        # Here and not where cases are written: there the row's lock made writers wait.
        await bump(tx, ["cases"])
    await tx.execute(
        text("SELECT pg_notify(:channel, :position)"),
        {"channel": channel, "position": str(last.position)},
    )
    return last


async def _all_unstamped(tx: AsyncConnection, after_id: int) -> list[JournalEntry]:
    parameters: dict[str, Any] = {"after_id": after_id, "chunk": CHUNK_ROWS}
    found = await tx.execute(
        text(f"""
            SELECT {_ENTRY} FROM journal
            WHERE id > :after_id
              AND NOT EXISTS (SELECT FROM journal_stamps WHERE journal_id = journal.id)
            ORDER BY id LIMIT :chunk
        """),  # noqa: S608 - the columns are ours
        parameters,
    )
    return [JournalEntry(*row) for row in found]
