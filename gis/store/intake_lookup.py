"""What must be known before the reports of a moment can be stored, in one statement.

All of it but the repeats is the basis of the intake. It hardly ever changes, and every
change leaves a mark: their sum, its ``revision``, tells whether what was read still holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.channel_keys import KeyHolder
from gis.store.driver import fetch
from gis.store.on_duty import HeldPost, posts_in
from gis.store.versions import Version


@dataclass(frozen=True, slots=True)
class CityNow:
    """What reports are checked and placed by: the chain of versions, the added categories."""

    versions: tuple[Version, ...]
    added_categories: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Repeat:
    """May this have come before? The ``channel`` is the key's where there is a key."""

    place: int
    external_id: str
    channel: str
    key_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Question:
    """What a batch asks: whose keys these are, what came before, who is on duty.

    Posts are asked for that are held at some instant of ``first`` to ``last``; the ids are
    those of the areas.
    """

    first: datetime
    last: datetime
    key_hashes: Collection[bytes] = ()
    repeats: Sequence[Repeat] = ()
    grid_ids: Collection[int] = ()
    community_ids: Collection[int] = ()
    township_ids: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A report stored before; ``key`` is None when its words were forgotten."""

    report_id: int
    case_number: int
    content_hash: bytes
    key: bytes | None


@dataclass(frozen=True, slots=True)
class Found:
    """The answers: holders by hash, known reports by the place asked for, posts.

    ``revision`` is that of the basis; ``revision_rows`` how many rows it is the sum of.
    """

    revision: int
    revision_rows: int
    city: CityNow
    holders: dict[bytes, KeyHolder]
    known: dict[int, KnownReport]
    posts: list[HeldPost]


REVISION = "(SELECT coalesce(sum(mark), 0)::bigint FROM city.intake_basis_changes)"

_LOOK_UP = f"""
    SELECT
        {REVISION},
        (SELECT count(*) FROM city.intake_basis_changes),
        ARRAY(SELECT ROW(id, number, effective_at,
                         lead(effective_at) OVER (ORDER BY effective_at), content_hash)
              FROM city.boundary_versions ORDER BY effective_at),
        ARRAY(SELECT ROW(code, name_zh, name_en) FROM city.categories ORDER BY code),
        ARRAY(SELECT ROW(key_hash, name, channel) FROM city.channel_keys
              WHERE key_hash = ANY($1::bytea[]) AND revoked_at IS NULL),
        ARRAY(SELECT ROW(asked.place, reports.id, case_number, content_hash, report_keys.key)
              FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bytea[])
                  AS asked(place, external_id, channel, key_hash)
              LEFT JOIN city.channel_keys
                  ON channel_keys.key_hash = asked.key_hash AND revoked_at IS NULL
              JOIN city.reports ON reports.external_id = asked.external_id
                  AND reports.channel = coalesce(channel_keys.channel, asked.channel)
              LEFT JOIN city.report_keys ON report_id = reports.id),
        ARRAY(SELECT post FROM ({posts_in(6)}) AS post)
"""  # noqa: S608 - every name is a constant of this module


async def look_up(tx: AsyncConnection, question: Question) -> Found:
    """Answer what must be known before reports can be stored, in one round trip."""
    ((revision, rows, versions, categories, holders, known, posts),) = await fetch(
        tx,
        _LOOK_UP,
        list(question.key_hashes),
        [asked.place for asked in question.repeats],
        [asked.external_id for asked in question.repeats],
        [asked.channel for asked in question.repeats],
        [asked.key_hash for asked in question.repeats],
        question.first,
        question.last,
        list(question.grid_ids),
        list(question.community_ids),
        list(question.township_ids),
    )
    return Found(
        revision,
        rows,
        CityNow(
            tuple(Version(*row) for row in versions),
            {code: (zh, en) for code, zh, en in categories},
        ),
        {key_hash: KeyHolder(name, channel) for key_hash, name, channel in holders},
        {place: KnownReport(*row) for place, *row in known},
        [HeldPost(*row) for row in posts],
    )


async def mark_basis_changed(tx: AsyncConnection) -> None:
    """Have batches that are under way look anew, where no trigger says so: an instant came."""
    await fetch(tx, "INSERT INTO city.intake_basis_changes DEFAULT VALUES")


async def sum_up_revision(tx: AsyncConnection) -> None:
    """Make one row of those the revision is the sum of; another may do so at the same time."""
    await fetch(
        tx,
        """
        WITH gone AS (
            DELETE FROM city.intake_basis_changes WHERE id IN (
                SELECT id FROM city.intake_basis_changes FOR UPDATE SKIP LOCKED)
            RETURNING mark
        )
        INSERT INTO city.intake_basis_changes (mark)
        SELECT sum(mark) FROM gone HAVING count(*) > 0
        """,
    )
