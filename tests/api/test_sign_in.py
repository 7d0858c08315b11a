"""Signing in and out: passwords, tokens, cookies, forged requests, guessing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import text

from api import passwords
from api.app import create_app
from api.locators import Locators
from api.profile import read_profile
from api.service import Service
from api.session_token import CSRF_HEADER, csrf_of, token_hash
from api.settings import SHIPPED_PROFILE, Settings
from gis.store import accounts
from gis.store.engine import Transaction, transaction
from tests.api.signing_in import asking, open_session_of
from tests.committed_city import committed_city
from tests.small_city import publish_small_city

PASSWORD = "打开城市 correct horse"
WRONG = "打开城市 wrong horse"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = CHEAP.hash(PASSWORD)
HASH_OF_NOBODY = CHEAP.hash("of nobody")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rounds in little memory: what is looked at here is who gets in, not how slowly."""
    monkeypatch.setattr(passwords, "_hasher", CHEAP)
    monkeypatch.setattr(passwords, "_nobodys", lambda: HASH_OF_NOBODY)


@pytest_asyncio.fixture
async def zhou(tx: Transaction) -> int:
    """The account ``zhou`` with its password."""
    return await accounts.add_account(tx, name="zhou", role="planner", password_hash=HASH)


def from_address(app: FastAPI, address: str) -> httpx.AsyncClient:
    """A visitor who comes from an address."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, client=(address, 40_000)),
        base_url="http://127.0.0.1",
    )


async def sign_in(
    client: httpx.AsyncClient, name: str = "zhou", password: str = PASSWORD
) -> httpx.Response:
    return await client.post("/api/session", json={"username": name, "password": password})


async def journalled(tx: Transaction) -> list[tuple[str, str, str]]:
    rows = await tx.execute(
        text("SELECT actor, kind, subject FROM journal WHERE kind LIKE 'session.%' ORDER BY id")
    )
    return [tuple(row) for row in rows]


async def go_on(tx: Transaction) -> None:
    """As if the guessing had gone on: the pauses become minutes, however slow the machine."""
    await tx.execute(text("UPDATE sign_in_failures SET failures = failures + 7"))


# ---- in and out ----------------------------------------------------------------------------------


async def test_a_password_opens_a_session_for_programs_and_for_browsers(
    visitor: httpx.AsyncClient, app: FastAPI, zhou: int
) -> None:
    opened = await sign_in(visitor)
    assert opened.status_code == 200
    told = opened.json()
    assert told["account"] == {
        "name": "zhou", "role": "planner", "area": None, "department": None, "staff": None,
    }  # fmt: skip
    async with asking(app, told["token"]) as program:
        assert (await program.get("/api/me")).json()["name"] == "zhou"
    # The visitor kept the cookies, as a browser does.
    assert (await visitor.get("/api/me")).json()["name"] == "zhou"


async def test_scripts_cannot_read_the_session_and_other_sites_cannot_send_it(
    visitor: httpx.AsyncClient, zhou: int
) -> None:
    session, csrf = sorted((await sign_in(visitor)).headers.get_list("set-cookie"), reverse=True)
    assert session.startswith("wangge_session=")
    assert "HttpOnly" in session
    assert csrf.startswith("wangge_csrf=")
    assert "HttpOnly" not in csrf
    for cookie in (session, csrf):
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie


async def test_over_https_the_cookies_go_back_over_https_only(app: FastAPI, zhou: int) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="https://127.0.0.1"
    ) as client:
        cookies = (await sign_in(client)).headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("Secure" in cookie for cookie in cookies)


async def test_signing_out_ends_the_token_and_takes_the_cookies(
    visitor: httpx.AsyncClient, app: FastAPI, tx: Transaction, zhou: int
) -> None:
    told = (await sign_in(visitor)).json()
    left = await visitor.delete("/api/session", headers={CSRF_HEADER: told["csrf"]})
    assert (left.status_code, left.content) == (204, b"")
    assert not visitor.cookies
    async with asking(app, told["token"]) as program:
        assert (await program.get("/api/me")).status_code == 401
    assert await journalled(tx) == [
        ("zhou", "session.opened", "account/zhou"),
        ("zhou", "session.closed", "account/zhou"),
    ]


async def test_me_tells_area_and_person(app: FastAPI, tx: Transaction) -> None:
    await publish_small_city(tx)
    await tx.execute(text("INSERT INTO staff (code, name) VALUES ('W0', '甲')"))
    token = await open_session_of(tx, "worker", "c0", staff_code="W0")
    async with asking(app, token) as client:
        told = (await client.get("/api/me")).json()
    assert told["area"] == {"level": "community", "code": "c0", "name": "社区0"}
    assert told["staff"] == {"code": "W0", "name": "甲"}
    assert {"self", "read_cases"} < set(told["may"])
    assert "read_journal" not in told["may"]


async def test_what_is_said_of_an_account_is_kept_by_no_cache(
    visitor: httpx.AsyncClient, zhou: int
) -> None:
    assert "no-store" in (await sign_in(visitor)).headers["cache-control"]
    assert "no-store" in (await visitor.get("/api/me")).headers["cache-control"]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "'; DROP TABLE users; --", "王\u202e"]
)
async def test_a_name_is_a_name_whatever_it_looks_like(
    visitor: httpx.AsyncClient, tx: Transaction, name: str
) -> None:
    await accounts.add_account(tx, name=name, role="leader", password_hash=HASH)
    opened = await sign_in(visitor, name)
    assert opened.json()["account"]["name"] == name
    assert opened.headers["content-type"] == "application/json"
    assert opened.headers["x-content-type-options"] == "nosniff"
    assert (await visitor.get("/api/me")).json()["name"] == name


# ---- who does not get in -------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["wrong", "unknown", "disabled", "without a password"])
async def test_nothing_tells_which_accounts_there_are(
    visitor: httpx.AsyncClient,
    tx: Transaction,
    zhou: int,
    case: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same answer, after the same work: one comparison of a password with a hash."""
    name, password = "zhou", PASSWORD
    if case == "wrong":
        password = WRONG
    elif case == "unknown":
        name = "nobody"
    elif case == "disabled":
        await accounts.disable(tx, "zhou")
    else:
        await tx.execute(text("UPDATE users SET password_hash = NULL"))
    compared = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, password_hash: str, given: str) -> bool:
        compared.append(password_hash.rsplit("$", 2)[0])
        return bool(verify(self, password_hash, given))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    answer = await sign_in(visitor, name, password)
    assert answer.status_code == 401
    assert answer.json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Name or password is wrong.",
        "code": "sign_in_failed",
    }
    assert not answer.headers.get_list("set-cookie")
    assert compared == [HASH.rsplit("$", 2)[0]]
    assert await journalled(tx) == []


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", '{"username": "zhou"}', '{"username": "", "password": ""}',
     '{"username": "\\u0000", "password": "x"}', '{"username": "zhou", "password": 1}'],
)  # fmt: skip
async def test_what_is_no_name_and_password_is_malformed(
    visitor: httpx.AsyncClient, zhou: int, body: str
) -> None:
    answer = await visitor.post(
        "/api/session", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")


async def test_a_password_is_not_told_back_by_an_error(
    visitor: httpx.AsyncClient, zhou: int
) -> None:
    answer = await visitor.post(
        "/api/session", json={"username": "zhou", "password": PASSWORD * 100}
    )
    assert answer.status_code == 422
    assert PASSWORD not in answer.text


async def test_the_store_keeps_no_token(
    visitor: httpx.AsyncClient, tx: Transaction, zhou: int
) -> None:
    token = (await sign_in(visitor)).json()["token"]
    kept = (await tx.execute(text("SELECT token_hash FROM sessions"))).scalars().all()
    assert kept == [token_hash(token)]
    everything = (
        await tx.execute(text("SELECT string_agg(t::text, '') FROM (SELECT * FROM journal) AS t"))
    ).scalar_one()
    assert token not in everything
    assert "127.0.0.1" not in everything


# ---- requests forged by other pages --------------------------------------------------------------


@pytest.mark.parametrize("word", [None, "", "0" * 64, "another session's"])
async def test_a_change_by_cookie_needs_the_word_of_its_session(
    visitor: httpx.AsyncClient, tx: Transaction, zhou: int, word: str | None
) -> None:
    csrf = (await sign_in(visitor)).json()["csrf"]
    if word == "another session's":
        word = csrf_of(await open_session_of(tx, "planner"))
    forged = await visitor.delete(
        "/api/session", headers={} if word is None else {CSRF_HEADER: word}
    )
    assert (forged.status_code, forged.json()["code"]) == (403, "csrf_wrong")
    assert (await visitor.get("/api/me")).status_code == 200
    assert (await visitor.delete("/api/session", headers={CSRF_HEADER: csrf})).status_code == 204


async def test_a_form_of_another_page_signs_nobody_in(
    visitor: httpx.AsyncClient, zhou: int
) -> None:
    """A page elsewhere can send text or a form without being asked, but no JSON."""
    body = f'{{"username": "zhou", "password": "{PASSWORD}"}}'.encode()
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = await visitor.post(
            "/api/session", content=body, headers={"content-type": media_type}
        )
        assert answer.status_code == 422
    assert not visitor.cookies


async def test_a_session_put_into_the_browser_before_is_not_the_one_that_opens(
    visitor: httpx.AsyncClient, app: FastAPI, tx: Transaction, zhou: int
) -> None:
    """Session fixation: neither a made-up word nor the intruder's own session survives."""
    planted = await open_session_of(tx, "reporter")
    for cookie in ("made up", planted):
        visitor.cookies.clear()
        visitor.cookies.set("wangge_session", cookie)
        token = (await sign_in(visitor)).json()["token"]
        assert token != cookie
        async with asking(app, cookie) as intruder:
            assert (await intruder.get("/api/me")).status_code == 401


# ---- guessing ------------------------------------------------------------------------------------


async def test_guessing_a_password_is_slowed_but_not_for_its_owner_elsewhere(
    app: FastAPI, tx: Transaction, zhou: int
) -> None:
    async with from_address(app, "192.0.2.7") as guesser, from_address(app, "192.0.2.8") as owner:
        for _ in range(5):
            assert (await sign_in(guesser, password=WRONG)).status_code == 401
        await go_on(tx)
        slowed = await sign_in(guesser, password=PASSWORD)
        assert (slowed.status_code, slowed.json()["code"]) == (429, "sign_in_slowed")
        assert int(slowed.headers["retry-after"]) == slowed.json()["retry_after_s"] >= 1
        assert (await sign_in(owner)).status_code == 200


async def test_an_unknown_name_is_slowed_like_any_other(
    app: FastAPI, tx: Transaction, zhou: int
) -> None:
    async with from_address(app, "192.0.2.7") as guesser:
        for _ in range(5):
            assert (await sign_in(guesser, "nobody", WRONG)).status_code == 401
        await go_on(tx)
        assert (await sign_in(guesser, "nobody", WRONG)).status_code == 429


async def test_one_password_tried_on_everybody_is_slowed(
    app: FastAPI, tx: Transaction, zhou: int
) -> None:
    async with from_address(app, "2001:db8::1") as guesser:
        for number in range(20):
            assert (await sign_in(guesser, f"n{number}", WRONG)).status_code == 401
    await go_on(tx)
    # Another address of the same network is the same guesser.
    async with from_address(app, "2001:db8::ffff") as guesser:
        assert (await sign_in(guesser, "n20", WRONG)).status_code == 429
    async with from_address(app, "2001:db8:1::1") as neighbour:
        assert (await sign_in(neighbour)).status_code == 200


async def test_a_crowd_that_guesses_gets_one_attempt_each_and_never_keeps_out_the_owner(
    app: FastAPI, tx: Transaction, zhou: int
) -> None:
    for number in range(12):
        async with from_address(app, f"198.51.100.{number}") as guesser:
            first = await sign_in(guesser, password=WRONG)
            assert first.status_code == 401
            if number == 5:
                await go_on(tx)
            again = await sign_in(guesser, password=WRONG)
            assert again.status_code == (401 if number < 5 else 429)
    async with from_address(app, "203.0.113.5") as owner:
        assert (await sign_in(owner)).status_code == 200


async def test_a_success_clears_the_slips_before_it(app: FastAPI, zhou: int) -> None:
    async with from_address(app, "192.0.2.9") as owner:
        for _ in range(3):
            for _ in range(4):
                assert (await sign_in(owner, password=WRONG)).status_code == 401
            assert (await sign_in(owner)).status_code == 200


async def test_the_count_ends_with_the_day(app: FastAPI, tx: Transaction, zhou: int) -> None:
    async with from_address(app, "192.0.2.7") as guesser:
        for _ in range(6):
            await sign_in(guesser, password=WRONG)
        await tx.execute(
            text("UPDATE sign_in_failures SET last_failed_at = last_failed_at - interval '25 h'")
        )
        assert (await sign_in(guesser)).status_code == 200


async def test_guesses_sent_all_at_once_are_counted_one_by_one(cluster_url: str) -> None:
    async with committed_city(cluster_url, "guessed") as engine:
        settings = Settings(city="guessed", home=Path("unused"), database_url=cluster_url)
        app = create_app(settings)
        app.state.service = Service(
            settings, read_profile(SHIPPED_PROFILE), engine, Locators(nearest_m=0, metric=None)
        )
        async with transaction(engine) as tx:
            await accounts.add_account(tx, name="zhou", role="planner", password_hash=HASH)
        async with from_address(app, "192.0.2.7") as guesser:
            answers = await asyncio.gather(*(sign_in(guesser, password=WRONG) for _ in range(25)))
        statuses = [answer.status_code for answer in answers]
        assert statuses.count(401) == 5
        assert statuses.count(429) == 20
