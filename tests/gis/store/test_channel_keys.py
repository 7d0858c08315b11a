"""Channel keys: shown once, kept as a hash, gone when revoked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gis.errors import BadInput, Conflict, NotFound
from gis.store.channel_keys import (
    KeyHolder,
    add_key,
    channel_of_key,
    hash_of_key,
    holders_of_keys,
    revoke_key,
)
from gis.store.engine import Transaction


async def test_a_key_opens_its_channel_and_no_other_word_does(tx: Transaction) -> None:
    secret = await add_key(tx, "热线平台", "hotline")
    assert await channel_of_key(tx, secret) == "hotline"
    for wrong in ("", secret[:-1], secret + "x", secret.swapcase(), "热线平台"):
        assert await channel_of_key(tx, wrong) is None


async def test_the_secret_of_a_key_is_nowhere_in_the_database(tx: Transaction) -> None:
    secret = await add_key(tx, "hotline", "hotline")
    row = (await tx.execute(text("SELECT row_to_json(k)::text FROM channel_keys k"))).scalar_one()
    assert secret not in row
    assert secret.encode().hex() not in row


async def test_two_keys_are_never_alike(tx: Transaction) -> None:
    secrets = {await add_key(tx, f"k{number}", "program") for number in range(20)}
    assert len(secrets) == 20
    assert min(map(len, secrets)) >= 43  # 256 bits in base 64


async def test_a_revoked_key_opens_nothing_and_the_others_stay(tx: Transaction) -> None:
    first, second = await add_key(tx, "one", "program"), await add_key(tx, "two", "open311")
    await revoke_key(tx, "one")
    assert await channel_of_key(tx, first) is None
    hashes = [hash_of_key(first), hash_of_key(second)]
    assert await holders_of_keys(tx, hashes) == {hashes[1]: KeyHolder("two", "open311")}
    with pytest.raises(NotFound, match="one"):
        await revoke_key(tx, "one")


async def test_a_name_is_given_once_also_after_its_key_was_revoked(tx: Transaction) -> None:
    await add_key(tx, "one", "program")
    await revoke_key(tx, "one")
    with pytest.raises(Conflict, match="one"):
        await add_key(tx, "one", "program")


async def test_a_channel_of_the_design_is_needed(tx: Transaction) -> None:
    with pytest.raises(BadInput, match="telepathy"):
        await add_key(tx, "one", "telepathy")
