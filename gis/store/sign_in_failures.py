"""Attempts to sign in that came to nothing, counted per subject (a hash of whom it is about)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, LargeBinary, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

FORGOTTEN_AFTER = timedelta(days=1)

_HASHES = bindparam("subjects", type_=ARRAY(LargeBinary))


@dataclass(frozen=True, slots=True)
class Failures:
    """How many in a row, and when the last one was; none yet is 0 and None."""

    count: int = 0
    last_at: datetime | None = None


async def failures_of(
    tx: AsyncConnection, subjects: Sequence[bytes], *, at: datetime
) -> list[Failures]:
    """What is known of each subject, which until the transaction's end nobody else changes.

    Locks rather than rows, since the first attempt of a subject has no row to lock: of a
    hundred guesses sent at once each is to see those before it.
    """
    await tx.execute(
        text("DELETE FROM sign_in_failures WHERE last_failed_at < :before"),
        {"before": at - FORGOTTEN_AFTER},
    )
    # In one order everywhere, so that no two wait for each other.
    for key in sorted(int.from_bytes(subject[:8], signed=True) for subject in subjects):
        await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})
    rows = await tx.execute(
        text(
            "SELECT subject_hash, failures, last_failed_at FROM sign_in_failures"
            " WHERE subject_hash = ANY(:subjects)"
        ).bindparams(_HASHES),
        {"subjects": list(subjects)},
    )
    known = {row.subject_hash: Failures(row.failures, row.last_failed_at) for row in rows}
    return [known.get(subject, Failures()) for subject in subjects]


async def count_attempt(tx: AsyncConnection, subjects: Collection[bytes], *, at: datetime) -> None:
    """Count one more attempt for each subject."""
    await tx.execute(
        text(
            "INSERT INTO sign_in_failures AS known (subject_hash, failures, last_failed_at)"
            " SELECT unnest(:subjects), 1, :at"
            " ON CONFLICT (subject_hash) DO UPDATE"
            " SET failures = known.failures + 1, last_failed_at = excluded.last_failed_at"
        ).bindparams(_HASHES),
        {"subjects": sorted(subjects), "at": at},
    )


async def take_back_attempts(tx: AsyncConnection, pair: bytes, others: Collection[bytes]) -> None:
    """Forget the attempts of ``pair``, there and in the counts of ``others`` they went into."""
    taken = await tx.execute(
        text("DELETE FROM sign_in_failures WHERE subject_hash = :subject RETURNING failures"),
        {"subject": pair},
    )
    count = taken.scalar_one_or_none() or 0
    for subject in sorted(others):
        await tx.execute(
            text(
                "WITH rest AS (DELETE FROM sign_in_failures"
                "  WHERE subject_hash = :subject AND failures <= :count)"
                " UPDATE sign_in_failures SET failures = failures - :count"
                " WHERE subject_hash = :subject AND failures > :count"
            ),
            {"subject": subject, "count": count},
        )
