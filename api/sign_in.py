"""Coming in and leaving: a password checked with guessing slowed, a session opened, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from api.access import Account, Area, Level
from api.errors import SignInNeeded, SlowDown
from api.guessing import Subjects, wait_s
from api.passwords import PasswordChecks
from api.service import Service
from api.session_token import csrf_of, new_token, token_hash
from gis.store import accounts, journal, sessions, sign_in_failures
from gis.store.accounts import AccountRow
from gis.store.engine import Transaction


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: its secret token, the word against forged requests, its end."""

    account: Account
    token: str
    csrf: str
    until: datetime


def account_of(row: AccountRow) -> Account:
    """A stored account as the policy knows it."""
    area = None
    if row.area_code is not None:
        level: Level = row.area_level  # type: ignore[assignment] # by LEVEL_OF_AREA
        area = Area(level, row.area_code)
    return Account(row.id, row.name, row.role, area, row.department, row.staff_id)


async def sign_in(
    service: Service,
    checks: PasswordChecks,
    *,
    name: str,
    password: str,
    address: str,
    replacing: str | None,
    at: datetime,
) -> Opened:
    """Open a session for who knows the password.

    The count of attempts is a transaction of its own: it stays when this fails.

    Parameters
    ----------
    address
        Of who asks; only a hash of it is kept, and no longer than a day.
    replacing
        The token of the session the browser brings along; it is closed.

    Raises
    ------
    SignInNeeded
        ``sign_in_failed``: the same for a wrong password, an unknown name, a disabled
        account, and in the same time.
    SlowDown
        ``sign_in_slowed``: guessed too often; ``sign_in_busy``.
    """
    subjects = Subjects.of(name, address)
    await _count_attempt(service, subjects, at)
    async with service.transaction() as tx:
        found = await accounts.find_by_name(tx, name)
    is_right = await checks.matches(password, found[1] if found else None)
    if found is None or not is_right:
        raise SignInNeeded("Name or password is wrong.", code="sign_in_failed")
    async with service.transaction() as tx:
        await sign_in_failures.take_back_attempts(
            tx, subjects.pair, (subjects.address, subjects.name)
        )
        return await open_session(
            tx, service, account_of(found[0]), via="password", replacing=replacing, at=at
        )


async def open_session(
    tx: Transaction,
    service: Service,
    account: Account,
    *,
    via: str,
    replacing: str | None,
    at: datetime,
) -> Opened:
    """Open a session under a new token, whatever the browser had before, and journal it."""
    if replacing is not None:
        await sessions.close_session(tx, token_hash(replacing))
    token = new_token()
    until = at + timedelta(hours=service.settings.session_hours)
    await sessions.open_session(tx, token_hash(token), account.id, at=at, until=until)
    await journal.append(
        tx,
        actor=account.name,
        kind="session.opened",
        subject=f"account/{account.name}",
        after={"via": via},
    )
    return Opened(account, token, csrf_of(token), until)


async def close_session(tx: Transaction, account: Account, token: str) -> None:
    """Close one session of the account, and journal it."""
    if await sessions.close_session(tx, token_hash(token)):
        await journal.append(
            tx, actor=account.name, kind="session.closed", subject=f"account/{account.name}"
        )


async def _count_attempt(service: Service, subjects: Subjects, at: datetime) -> None:
    counted = (subjects.pair, subjects.address, subjects.name)
    async with service.transaction() as tx:
        pair, address, name = await sign_in_failures.failures_of(tx, counted, at=at)
        seconds = wait_s(pair, address, name, at=at)
        if seconds == 0:
            await sign_in_failures.count_attempt(tx, counted, at=at)
    if seconds:
        raise SlowDown(
            "sign_in_slowed",
            f"Too many attempts to sign in; try again in {seconds} s.",
            retry_after_s=seconds,
        )
