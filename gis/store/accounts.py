"""Accounts: making, finding, listing and disabling them, and their names elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, literal_column, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import BadInput, Conflict, NotFound
from gis.store.account_areas import LEVEL_OF_AREA
from gis.store.tables.accounts import ACCOUNT_ROLES, Identity, Session, User
from gis.store.tables.staff import StaffMember


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account that may sign in; ``area_level`` is the finest level that knows its code."""

    id: int
    name: str
    role: str
    department: str | None
    staff_id: int | None
    area_code: str | None
    area_level: str | None


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account as a list shows it; ``staff`` is the code of its person."""

    name: str
    role: str
    area: str | None
    department: str | None
    staff: str | None
    created_at: datetime
    disabled_at: datetime | None


ACCOUNT_COLUMNS: tuple[Any, ...] = (
    User.id,
    User.name,
    User.role,
    User.department,
    User.staff_id,
    User.area_code,
    literal_column(f"({LEVEL_OF_AREA})").label("area_level"),
)


async def add_account(
    tx: AsyncConnection,
    *,
    name: str,
    role: str,
    password_hash: str | None,
    area_code: str | None = None,
    department: str | None = None,
    staff_code: str | None = None,
) -> int:
    """Make an account; answers its id.

    Raises
    ------
    BadInput
        ``role_unknown``, ``area_unknown``, ``staff_unknown``.
    Conflict
        ``account_name_taken``: a name is used once, also that of a disabled account.
    """
    if role not in ACCOUNT_ROLES:
        raise BadInput(
            "role_unknown", f"Role {role!r} is not one of {', '.join(ACCOUNT_ROLES)}.", role=role
        )
    if (await tx.execute(select(User.id).where(User.name == name))).first() is not None:
        raise Conflict("account_name_taken", f"There is an account named {name!r}.", name=name)
    if area_code is not None:
        await _refuse_unknown_area(tx, area_code)
    staff_id = None
    if staff_code is not None:
        staff_id = (
            await tx.execute(select(StaffMember.id).where(StaffMember.code == staff_code))
        ).scalar_one_or_none()
        if staff_id is None:
            raise BadInput(
                "staff_unknown", f"There is no staff member {staff_code!r}.", staff=staff_code
            )
    made = await tx.execute(
        insert(User)
        .values(
            name=name,
            role=role,
            password_hash=password_hash,
            area_code=area_code,
            department=department,
            staff_id=staff_id,
        )
        .returning(User.id)
    )
    return int(made.scalar_one())


async def add_identity(tx: AsyncConnection, account_id: int, issuer: str, subject: str) -> None:
    """Let an account come in as ``subject`` of an identity provider.

    Raises
    ------
    Conflict
        ``identity_taken``: it is another account's.
    """
    known = await tx.execute(
        select(Identity.user_id).where(Identity.issuer == issuer, Identity.subject == subject)
    )
    if known.first() is not None:
        raise Conflict(
            "identity_taken", f"Subject {subject!r} of {issuer} is an account's.", subject=subject
        )
    await tx.execute(insert(Identity).values(issuer=issuer, subject=subject, user_id=account_id))


async def find_by_identity(tx: AsyncConnection, issuer: str, subject: str) -> AccountRow | None:
    """The account of a subject of an identity provider; None also when it is disabled."""
    row = (
        await tx.execute(
            select(*ACCOUNT_COLUMNS)
            .join(Identity, Identity.user_id == User.id)
            .where(
                Identity.issuer == issuer,
                Identity.subject == subject,
                User.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return None if row is None else AccountRow(*row)


async def find_by_name(tx: AsyncConnection, name: str) -> tuple[AccountRow, str | None] | None:
    """An account that is not disabled, with the hash of its password."""
    row = (
        await tx.execute(
            select(*ACCOUNT_COLUMNS, User.password_hash).where(
                User.name == name, User.disabled_at.is_(None)
            )
        )
    ).one_or_none()
    return None if row is None else (AccountRow(*row[:-1]), row.password_hash)


async def staff_of(tx: AsyncConnection, staff_id: int) -> tuple[str, str]:
    """Code and name of an account's person."""
    row = (
        await tx.execute(
            select(StaffMember.code, StaffMember.name).where(StaffMember.id == staff_id)
        )
    ).one()
    return row.code, row.name


async def set_password(tx: AsyncConnection, name: str, password_hash: str) -> None:
    """Give an account another password, which ends its sessions; NotFound ``account_unknown``."""
    await _end_sessions(
        tx,
        name,
        await tx.scalar(
            update(User)
            .where(User.name == name)
            .values(password_hash=password_hash)
            .returning(User.id)
        ),
    )


async def disable(tx: AsyncConnection, name: str) -> None:
    """Let an account in no more, and end its sessions; NotFound ``account_unknown``."""
    await _end_sessions(
        tx,
        name,
        await tx.scalar(
            update(User)
            .where(User.name == name)
            .values(disabled_at=func.coalesce(User.disabled_at, func.now()))
            .returning(User.id)
        ),
    )


async def list_accounts(tx: AsyncConnection) -> Sequence[ListedAccount]:
    """Every account, by name."""
    rows = await tx.execute(
        select(
            User.name,
            User.role,
            User.area_code,
            User.department,
            StaffMember.code,
            User.created_at,
            User.disabled_at,
        )
        .outerjoin(StaffMember, StaffMember.id == User.staff_id)
        .order_by(User.name)
    )
    return [ListedAccount(*row) for row in rows]


async def _end_sessions(tx: AsyncConnection, name: str, account_id: int | None) -> None:
    if account_id is None:
        raise NotFound("account_unknown", f"There is no account named {name!r}.", name=name)
    await tx.execute(delete(Session).where(Session.user_id == account_id))


async def _refuse_unknown_area(tx: AsyncConnection, code: str) -> None:
    known = await tx.scalar(
        text(
            "SELECT EXISTS (SELECT FROM grids WHERE code = :code)"
            " OR EXISTS (SELECT FROM communities WHERE code = :code)"
            " OR EXISTS (SELECT FROM townships WHERE code = :code)"
        ),
        {"code": code},
    )
    if not known:
        raise BadInput(
            "area_unknown",
            f"No grid, community or township has the code {code!r}.",
            area=code,
        )
