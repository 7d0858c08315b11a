"""Users and sessions: the roles of the design, one user a name, every session somebody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gis.errors import Conflict
from gis.store.engine import Transaction, translated_errors
from gis.store.tables.accounts import Session, User
from tests.small_city import NOON

ROLES = (
    "reporter", "contributor", "worker", "grid_lead", "command_room", "dispatcher", "planner",
    "leader", "department", "admin",
)  # fmt: skip


async def add_user(tx: Transaction, name: str, role: str = "planner", **more: Any) -> int:
    made = insert(User).values(name=name, role=role, password_hash="$argon2id$x", **more)
    return int((await tx.execute(made.returning(User.id))).scalar_one())


async def add_session(tx: Transaction, token_hash: bytes, user_id: int) -> None:
    expires_at = NOON + timedelta(hours=12)
    await tx.execute(
        insert(Session).values(token_hash=token_hash, user_id=user_id, expires_at=expires_at)
    )


async def test_a_user_and_a_session_come_back_as_they_were_stored(tx: Transaction) -> None:
    user_id = await add_user(tx, "周明", area_code="c0")
    await add_session(tx, b"\x00\xffhash", user_id)
    user = (await tx.execute(select(User.__table__))).one()
    assert (user.id, user.name, user.role, user.area_code) == (user_id, "周明", "planner", "c0")
    assert (user.password_hash, user.staff_id, user.disabled_at) == ("$argon2id$x", None, None)
    session = (await tx.execute(select(Session.__table__))).one()
    assert (session.token_hash, session.user_id) == (b"\x00\xffhash", user_id)
    assert session.expires_at == NOON + timedelta(hours=12)
    assert session.created_at == user.created_at  # one transaction, one now()


async def test_an_account_has_a_role_of_the_design(tx: Transaction) -> None:
    for role in ROLES:
        await add_user(tx, f"as_{role}", role)


# The last two are roles of staff, which are another thing.
@pytest.mark.parametrize("role", ["", "root", "Admin", "liaison", "on_call"])
async def test_an_account_has_no_other_role(tx: Transaction, role: str) -> None:
    with pytest.raises(IntegrityError, match="ck_users_role"):
        await add_user(tx, "somebody", role)


async def test_a_second_user_of_one_name_is_refused(tx: Transaction) -> None:
    await add_user(tx, "zhou")
    await add_user(tx, "Zhou")
    with pytest.raises(Conflict) as refusal, translated_errors():
        await add_user(tx, "zhou", "worker")
    assert refusal.value.where["constraint"] == "uq_users_name"


async def test_a_session_of_nobody_is_refused(tx: Transaction) -> None:
    user_id = await add_user(tx, "zhou")
    with pytest.raises(IntegrityError, match="fk_sessions_user_id"):
        await add_session(tx, b"hash", user_id + 1)


async def test_a_person_no_staff_list_knows_has_no_account(tx: Transaction) -> None:
    with pytest.raises(IntegrityError, match="fk_users_staff_id"):
        await add_user(tx, "zhou", staff_id=1)
