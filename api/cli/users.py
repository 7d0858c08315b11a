"""``wangge users``: accounts, and the keys with which programs report."""

from __future__ import annotations

import asyncio
import sys
from getpass import getpass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli.open_city import OpenCity, open_city
from api.cli.output import AsJson, counted, result
from api.passwords import check_password, hash_password
from gis.errors import BadInput, Misconfigured
from gis.store import accounts, channel_keys, journal
from gis.store.engine import transaction

ACTOR = "command"
LONGEST_NAME = 200

users_app = typer.Typer(
    help="Accounts, and the keys of programs.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="Name of the account.")]


@users_app.command("add")
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="reporter, worker, dispatcher, planner …")],
    password: Annotated[str | None, typer.Option(help="- reads it from standard input.")] = None,
    area: Annotated[
        str | None, typer.Option(help="Code of the township, community or grid it is bound to.")
    ] = None,
    staff: Annotated[str | None, typer.Option(help="Code of its staff member.")] = None,
    department: Annotated[
        str | None, typer.Option(help="Code of a department of the profile.")
    ] = None,
    oidc_subject: Annotated[
        str | None, typer.Option(help="Its subject at the identity provider of WANGGE_OIDC_ISSUER.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make an account, with a password, a subject at the identity provider, or both."""
    asyncio.run(_add(name, role, password, area, staff, department, oidc_subject))
    result({"name": name, "role": role}, as_json=as_json, words=f"Account {name} is made.")


@users_app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every account of the city."""
    there = asyncio.run(_list())
    facts: list[dict[str, object]] = [
        {
            "name": account.name,
            "role": account.role,
            "area": account.area,
            "department": account.department,
            "staff": account.staff,
            "disabled": account.disabled_at is not None,
        }
        for account in there
    ]
    if not as_json:
        _show(facts)
    result({"accounts": facts}, as_json=as_json, words=counted(len(facts), "account"))


@users_app.command("password")
def password(
    name: Name,
    password: Annotated[str, typer.Option(help="- reads it from standard input.")],
    as_json: AsJson = False,
) -> None:
    """Give an account another password and end its sessions."""
    asyncio.run(_set_password(name, password))
    result({"name": name}, as_json=as_json, words=f"Account {name} has a new password.")


@users_app.command("disable")
def disable(name: Name, as_json: AsJson = False) -> None:
    """Let an account in no more and end its sessions; its name stays taken."""
    asyncio.run(_disable(name))
    result({"name": name}, as_json=as_json, words=f"Account {name} is disabled.")


@users_app.command("add-key")
def add_key(
    name: Annotated[str, typer.Argument(help="Name of the program.")],
    channel: Annotated[str, typer.Option(help="hotline, program, open311, contributor …")],
    as_json: AsJson = False,
) -> None:
    """Make a key for a program and print it, once; it is sent as X-API-Key."""
    key = asyncio.run(_add_key(name, channel))
    result({"name": name, "channel": channel, "key": key}, as_json=as_json, words=key)


@users_app.command("revoke-key")
def revoke_key(
    name: Annotated[str, typer.Argument(help="Name of the program.")], as_json: AsJson = False
) -> None:
    """Take a key back."""
    asyncio.run(_revoke_key(name))
    result({"name": name}, as_json=as_json, words=f"The key of {name} is revoked.")


async def _add(
    name: str,
    role: str,
    password: str | None,
    area: str | None,
    staff: str | None,
    department: str | None,
    oidc_subject: str | None,
) -> None:
    _check_name(name)
    password_hash = None if password is None else _hashed(password)
    if password_hash is None and oidc_subject is None:
        raise BadInput(
            "account_closed",
            f"Nobody could sign in as {name!r}: give --password or --oidc-subject.",
        )
    async with open_city() as city:
        _check_department(city, role, department)
        issuer = city.settings.oidc_issuer
        if oidc_subject is not None and issuer is None:
            raise Misconfigured(
                "oidc_not_set",
                "--oidc-subject is a name at the provider of WANGGE_OIDC_ISSUER, which is not set.",
                variable="WANGGE_OIDC_ISSUER",
            )
        async with transaction(city.engine) as tx:
            account_id = await accounts.add_account(
                tx,
                name=name,
                role=role,
                password_hash=password_hash,
                area_code=area,
                department=department,
                staff_code=staff,
            )
            if oidc_subject is not None and issuer is not None:
                await accounts.add_identity(tx, account_id, issuer, oidc_subject)
            await journal.append(
                tx,
                actor=ACTOR,
                kind="user.added",
                subject=f"account/{name}",
                after={"role": role, "area": area, "department": department, "staff": staff},
            )


async def _list() -> list[accounts.ListedAccount]:
    async with open_city() as city, transaction(city.engine) as tx:
        return list(await accounts.list_accounts(tx))


async def _set_password(name: str, password: str) -> None:
    password_hash = _hashed(password)
    async with open_city() as city, transaction(city.engine) as tx:
        await accounts.set_password(tx, name, password_hash)
        await journal.append(
            tx,
            actor=ACTOR,
            kind="user.changed",
            subject=f"account/{name}",
            after={"changed": "password"},
        )


async def _disable(name: str) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        await accounts.disable(tx, name)
        await journal.append(tx, actor=ACTOR, kind="user.disabled", subject=f"account/{name}")


async def _add_key(name: str, channel: str) -> str:
    _check_name(name)
    async with open_city() as city, transaction(city.engine) as tx:
        key = await channel_keys.add_key(tx, name, channel)
        await journal.append(
            tx,
            actor=ACTOR,
            kind="channel_key.added",
            subject=f"channel_key/{name}",
            after={"channel": channel},
        )
        return key


async def _revoke_key(name: str) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        await channel_keys.revoke_key(tx, name)
        await journal.append(
            tx, actor=ACTOR, kind="channel_key.revoked", subject=f"channel_key/{name}"
        )


def _hashed(password: str) -> str:
    if password == "-":  # noqa: S105 - stands for standard input
        password = getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline()
        password = password.rstrip("\n")
    check_password(password)
    return hash_password(password)


def _check_name(name: str) -> None:
    if not (0 < len(name) <= LONGEST_NAME and name == name.strip() and name.isprintable()):
        raise BadInput(
            "name_unfit",
            f"A name has 1 to {LONGEST_NAME} printable letters and no spaces around it.",
        )


def _check_department(city: OpenCity, role: str, department: str | None) -> None:
    known = city.profile.departments
    if department is not None and department not in known:
        raise BadInput(
            "department_unknown",
            f"Department {department!r} is not one of the profile's: {', '.join(sorted(known))}.",
            department=department,
        )
    if role == "department" and department is None:
        raise BadInput(
            "department_missing", "An account of the role department needs --department."
        )


def _show(facts: list[dict[str, object]]) -> None:
    table = Table(*("name", "role", "area", "department", "staff", "disabled"), box=None)
    for fact in facts:
        table.add_row(*("" if value in (None, False) else str(value) for value in fact.values()))
    Console().print(table, markup=False)
