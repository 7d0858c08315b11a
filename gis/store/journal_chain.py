"""The chain of hashes over the journal: each row's covers the one before it, so a change shows.

``hash(n) = SHA-256(hash(n - 1) ‖ row n)``, and 32 zero bytes stand before the first. What a
row says is a JSON list of its values, so that no two rows read alike; the transaction that
wrote it is left out, for it means nothing after a restore. Cutting off the end of the journal
leaves a valid chain: against that somebody keeps a later hash elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

NO_HASH = bytes(32)
"""What stands before the first row."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """A journal row as it was written; ``before`` and ``after`` are PostgreSQL's JSON text."""

    id: int
    at: datetime
    actor: str
    kind: str
    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Stamped:
    """A journal row with its place in the order, and its hash in the chain."""

    position: int
    hash: bytes
    entry: JournalEntry


def chained(previous: bytes, entry: JournalEntry) -> bytes:
    """The hash of ``entry`` after a row with the hash ``previous``."""
    said = json.dumps(
        [
            entry.id,
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor,
            entry.kind,
            entry.subject,
            entry.before,
            entry.after,
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(previous + said.encode()).digest()


def verify_chain(rows: Iterable[Stamped], *, position: int = 0, previous: bytes = NO_HASH) -> int:
    """The first position at which the chain does not hold, else 0.

    Parameters
    ----------
    rows
        In the order of their positions, the first being the one after ``position``.
    position, previous
        Place and hash of the row before; the defaults stand before the first row.
    """
    for row in rows:
        position += 1
        previous = chained(previous, row.entry)
        if row.position != position or row.hash != previous:
            return position
    return 0
