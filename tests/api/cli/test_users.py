"""``wangge users``: accounts and keys made at the prompt, and whether one can sign in with them."""

from __future__ import annotations

import io
import json
import sys

import pytest

from api.passwords import matches
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity, with_nine_grids

PASSWORD = "打开城市 1234"


@pytest.fixture(scope="module")
def city(new_city: NewCity) -> CommandLine:
    city = with_nine_grids(new_city())
    city.asked("insert into staff (code, name) values ('W0', '甲')")
    return city


def journalled(city: CommandLine, subject: str) -> list[str]:
    return city.asked(
        f"select actor || ' ' || kind from journal where subject = '{subject}' order by id"
    ).splitlines()


def test_an_account_is_made_with_its_area_and_person(city: CommandLine) -> None:
    city.does(
        "users", "add", "甲 W0", "--role", "worker", "--password", PASSWORD,
        "--area", "c0", "--staff", "W0",
    )  # fmt: skip
    kept = city.asked(
        "select password_hash from users join staff on staff.id = staff_id"
        " where users.name = '甲 W0' and area_code = 'c0' and staff.code = 'W0'"
    )
    assert kept.startswith("$argon2id$")
    assert matches(PASSWORD, kept)
    assert not matches(PASSWORD + " ", kept)
    assert journalled(city, "account/甲 W0") == ["command user.added"]
    assert PASSWORD not in city.asked("select string_agg(j::text, '') from journal as j")


def test_a_password_may_come_from_standard_input(
    city: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(PASSWORD + "\n"))
    city.does("users", "add", "piped", "--role", "leader", "--password", "-")
    kept = city.asked("select password_hash from users where name = 'piped'")
    assert matches(PASSWORD, kept)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--role", "root", "--password", PASSWORD], "root"),
        (["--role", "worker", "--password", "short"], "8 to 1000"),
        (["--role", "worker"], "--password"),
        (["--role", "worker", "--password", PASSWORD, "--area", "g99"], "g99"),
        (["--role", "worker", "--password", PASSWORD, "--staff", "W9"], "W9"),
        (["--role", "department", "--password", PASSWORD], "--department"),
        (["--role", "department", "--password", PASSWORD, "--department", "magic"], "magic"),
        (["--role", "leader", "--oidc-subject", "s"], "WANGGE_OIDC_ISSUER"),
    ],
)
def test_an_account_that_could_not_be_is_refused(
    city: CommandLine, options: list[str], told: str
) -> None:
    before = city.contents()
    assert told in city.refuses("users", "add", "nobody", *options)
    assert city.contents() == before


@pytest.mark.parametrize("name", ["", " ", " zhou", "zhou\n", "a\tb", "n" * 201])
def test_a_name_that_cannot_be_read_is_refused(city: CommandLine, name: str) -> None:
    assert "name" in city.refuses("users", "add", name, "--role", "leader", "--password", PASSWORD)


def test_a_name_is_used_once_also_by_a_disabled_account(city: CommandLine) -> None:
    city.does("users", "add", "once", "--role", "leader", "--password", PASSWORD)
    city.does("users", "disable", "once")
    assert "once" in city.refuses("users", "add", "once", "--role", "admin", "--password", PASSWORD)
    assert journalled(city, "account/once") == ["command user.added", "command user.disabled"]


def test_a_new_password_and_disabling_end_the_sessions(city: CommandLine) -> None:
    city.does("users", "add", "leaving", "--role", "leader", "--password", PASSWORD)
    for words in (("password", "leaving", "--password", PASSWORD + "5"), ("disable", "leaving")):
        city.asked(
            "insert into sessions (token_hash, user_id, expires_at)"
            " select 'x', id, now() + interval '1 h' from users where name = 'leaving'"
        )
        city.does("users", *words)
        assert city.asked("select count(*) from sessions") == "0"
    assert "gone" in city.refuses("users", "disable", "gone")


def test_a_subject_of_the_provider_is_one_accounts(city: CommandLine) -> None:
    at = city.given(oidc_issuer="https://id.example")
    at.does("users", "add", "by subject", "--role", "leader", "--oidc-subject", "s-1")
    assert city.asked("select issuer, subject from identities") == "https://id.example|s-1"
    before = city.contents()
    assert "s-1" in at.refuses("users", "add", "other", "--role", "leader", "--oidc-subject", "s-1")
    assert city.contents() == before


def test_the_list_tells_every_account_and_no_password(city: CommandLine) -> None:
    city.does("users", "add", "listed", "--role", "planner", "--password", PASSWORD, "--area", "t1")
    told = city.does("users", "list")["accounts"]
    assert {
        "name": "listed", "role": "planner", "area": "t1", "department": None, "staff": None,
        "disabled": False,
    } in told  # fmt: skip
    assert "argon2" not in json.dumps(told)
    shown = city.run("users", "list").out
    assert "listed" in shown
    assert "argon2" not in shown


def test_a_key_is_printed_once_and_kept_as_its_hash(city: CommandLine) -> None:
    key = city.does("users", "add-key", "hotline 1", "--channel", "hotline")["key"]
    kept = city.asked("select channel, encode(key_hash, 'hex') from channel_keys")
    assert kept.startswith("hotline|")
    assert key not in kept
    assert key not in city.asked("select string_agg(j::text, '') from journal as j")
    assert city.run("users", "add-key", "hotline 2", "--channel", "program").out.count("\n") == 1
    city.does("users", "revoke-key", "hotline 1")
    assert journalled(city, "channel_key/hotline 1") == [
        "command channel_key.added", "command channel_key.revoked",
    ]  # fmt: skip
    assert "carrier pigeon" in city.refuses(
        "users", "add-key", "hotline 3", "--channel", "carrier pigeon"
    )
