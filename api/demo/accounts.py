"""The accounts of the demo city, whose password everybody knows."""

from __future__ import annotations

import asyncio

from api.passwords import hash_password
from gis.store import accounts, journal
from gis.store.account_areas import largest_township, worker_posted_in
from gis.store.cities import get_city
from gis.store.engine import Transaction

DEMO_PASSWORD = "wangge-demo"  # noqa: S105 - it is in the documentation
DEMO_ROLES = ("planner", "dispatcher", "leader", "worker", "admin", "command_room")
"""Each is the name of an account too."""


async def add_demo_accounts(tx: Transaction) -> None:
    """Make them where the city has no account yet.

    The command room is that of the township with the most grids, and the worker is one of
    its people, so that the two meet.
    """
    if await accounts.list_accounts(tx):
        return
    township = await largest_township(tx)
    bound: dict[str, dict[str, str | None]] = {}
    if township is not None:
        bound = {
            "command_room": {"area_code": township},
            "worker": {"staff_code": await worker_posted_in(tx, township)},
        }
    for role in DEMO_ROLES:
        await accounts.add_account(
            tx,
            name=role,
            role=role,
            password_hash=await asyncio.to_thread(hash_password, DEMO_PASSWORD),
            **bound.get(role, {}),
        )
        await journal.append(
            tx, actor="demo", kind="user.added", subject=f"account/{role}", after={"role": role}
        )


async def demo_accounts(tx: Transaction) -> list[tuple[str, str]]:
    """Name and role of those that may sign in; none in a city that is not made up."""
    city = await get_city(tx)
    if city is None or not city.generated:
        return []
    there = {
        account.name: account.role
        for account in await accounts.list_accounts(tx)
        if account.disabled_at is None
    }
    return [(role, there[role]) for role in DEMO_ROLES if there.get(role) == role]
