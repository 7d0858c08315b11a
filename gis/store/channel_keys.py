"""Keys with which programs report through a channel: only their hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import any_, cast, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import BadInput, Conflict, NotFound
from gis.store.tables.accounts import ChannelKey
from gis.store.tables.cases import CHANNELS

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key it is and through which channel it reports."""

    name: str
    channel: str


def hash_of_key(secret: str) -> bytes:
    """What is kept of a key: SHA-256, enough for 256 random bits that nobody can guess."""
    return hashlib.sha256(secret.encode()).digest()


async def add_key(tx: AsyncConnection, name: str, channel: str) -> str:
    """Make a key for a program; the answer is the only time its secret is seen.

    Raises
    ------
    BadInput
        ``channel_unknown``.
    Conflict
        ``key_name_taken``: names are used once, also those of revoked keys.
    """
    if channel not in CHANNELS:
        raise BadInput(
            "channel_unknown",
            f"Channel {channel!r} is not one of {', '.join(CHANNELS)}.",
            channel=channel,
        )
    known = await tx.execute(select(ChannelKey.id).where(ChannelKey.name == name))
    if known.first() is not None:
        raise Conflict("key_name_taken", f"There is a key named {name!r} already.", name=name)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    await tx.execute(
        insert(ChannelKey).values(name=name, channel=channel, key_hash=hash_of_key(secret))
    )
    return secret


async def revoke_key(tx: AsyncConnection, name: str) -> None:
    """Take a key back; from the next batch of reports on it opens nothing.

    Raises
    ------
    NotFound
        ``key_not_found``: no such name, or revoked before.
    """
    revoked = await tx.execute(
        update(ChannelKey)
        .where(ChannelKey.name == name, ChannelKey.revoked_at.is_(None))
        .values(revoked_at=func.now())
    )
    if revoked.rowcount == 0:
        raise NotFound("key_not_found", f"There is no key named {name!r}.", name=name)


async def channel_of_key(tx: AsyncConnection, secret: str) -> str | None:
    """The channel a key reports through; None for a wrong or revoked one."""
    key_hash = hash_of_key(secret)
    holder = (await holders_of_keys(tx, [key_hash])).get(key_hash)
    return None if holder is None else holder.channel


async def holders_of_keys(
    tx: AsyncConnection, key_hashes: Collection[bytes]
) -> dict[bytes, KeyHolder]:
    """Hash of each key in force among these → its holder."""
    rows = await tx.execute(
        select(ChannelKey.key_hash, ChannelKey.name, ChannelKey.channel).where(
            ChannelKey.key_hash == any_(cast(list(key_hashes), ARRAY(BYTEA))),
            ChannelKey.revoked_at.is_(None),
        )
    )
    return {row.key_hash: KeyHolder(row.name, row.channel) for row in rows}
