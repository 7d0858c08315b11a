"""Signing in at a real OpenID provider, and answers that are not the provider's."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import text

from api.oidc import CALLBACK_PATH, PATH, OidcProvider
from api.passwords import PasswordChecks
from api.settings import Settings
from api.sign_in_desk import SignInDesk
from gis.errors import Misconfigured
from gis.store import accounts
from gis.store.engine import CityEngine, Transaction
from tests.api.conftest import app_in

ROOT = Path(__file__).parents[2]
OURS = "http://127.0.0.1"
CLIENT, SECRET = "wangge", "a-secret-of-thirty-two-letters-it-is"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Address of a provider that runs for this module (node, from web/node_modules)."""
    node = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
    if node is None or not (ROOT / "web" / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("the OpenID provider of web/node_modules is missing: run `make setup`")
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    program = Path(__file__).with_name("oidc_provider.mjs")
    provider = subprocess.Popen(
        [node, program, str(port), CLIENT, SECRET, OURS + CALLBACK_PATH],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert provider.stdout is not None
    with provider, provider.stdout:
        try:
            assert "ready" in provider.stdout.readline()
            yield f"http://127.0.0.1:{port}"
        finally:
            provider.terminate()


@pytest_asyncio.fixture
async def surfer(
    issuer: str, tx: Transaction, engine: CityEngine
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser at our page; what it asks of the provider goes out for real."""
    with app_in(tx, engine) as app:
        given = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        provider = OidcProvider.of(Settings.model_validate(given))
        app.state.sign_in_desk = SignInDesk(PasswordChecks(), provider)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app),
            mounts={issuer: httpx.AsyncHTTPTransport()},
            base_url=OURS,
        ) as client:
            yield client


async def account_of(tx: Transaction, issuer: str, subject: str) -> None:
    account_id = await accounts.add_account(
        tx, name=f"account of {subject}", role="leader", password_hash=None
    )
    await accounts.add_identity(tx, account_id, issuer, subject)


async def at_provider(surfer: httpx.AsyncClient, begun: str, subject: str) -> str:
    """Sign in on the provider's own pages; the address it sends the browser back to."""
    answer = await surfer.get(begun)
    for _ in range(12):
        if answer.is_redirect:
            to = str(answer.url.join(answer.headers["location"]))
            if to.startswith(OURS + CALLBACK_PATH):
                return to
            answer = await surfer.get(to)
            continue
        action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert action, answer.text
        assert prompt, answer.text
        answer = await surfer.post(
            str(answer.url.join(action[1])),
            data={"prompt": prompt[1], "login": subject, "password": "any"},
        )
    pytest.fail("the provider did not send the browser back")


async def begun(surfer: httpx.AsyncClient) -> str:
    answer = await surfer.get(PATH)
    assert answer.status_code == 302
    return str(answer.headers["location"])


def refused(answer: httpx.Response) -> str:
    """The reason a browser was sent back to our page without a session."""
    assert answer.status_code == 303
    assert not any("wangge_session" in c for c in answer.headers.get_list("set-cookie"))
    return parse_qs(urlsplit(answer.headers["location"]).query)["sign_in"][0]


async def test_who_signs_in_at_the_provider_comes_in_as_the_account_of_that_subject(
    surfer: httpx.AsyncClient, issuer: str, tx: Transaction
) -> None:
    await account_of(tx, issuer, "zhou")
    ways = (await surfer.get("/api/sign-in")).json()
    assert ways["oidc"] == {"name": "127.0.0.1", "url": PATH}
    back = await surfer.get(await at_provider(surfer, await begun(surfer), "zhou"))
    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert (await surfer.get("/api/me")).json()["name"] == "account of zhou"
    journalled = await tx.execute(
        text("SELECT actor, after ->> 'via' FROM journal WHERE kind = 'session.opened'")
    )
    assert [tuple(row) for row in journalled] == [("account of zhou", "oidc")]


async def test_a_subject_without_an_account_stays_outside_and_none_is_made(
    surfer: httpx.AsyncClient, tx: Transaction
) -> None:
    back = await surfer.get(await at_provider(surfer, await begun(surfer), "stranger"))
    assert refused(back) == "oidc_account_unknown"
    assert (await tx.execute(text("SELECT count(*) FROM users"))).scalar_one() == 0


async def test_a_disabled_account_stays_outside(
    surfer: httpx.AsyncClient, issuer: str, tx: Transaction
) -> None:
    await account_of(tx, issuer, "zhou")
    await accounts.disable(tx, "account of zhou")
    back = await surfer.get(await at_provider(surfer, await begun(surfer), "zhou"))
    assert refused(back) == "oidc_account_unknown"


async def test_the_same_name_at_another_provider_is_somebody_else(
    surfer: httpx.AsyncClient, tx: Transaction
) -> None:
    await account_of(tx, "https://another.example", "zhou")
    back = await surfer.get(await at_provider(surfer, await begun(surfer), "zhou"))
    assert refused(back) == "oidc_account_unknown"


@pytest.mark.parametrize(
    "change",
    ["another browser", "another state", "another code", "no code", "another issuer", "twice"],
)
async def test_an_answer_that_does_not_belong_to_the_question_opens_nothing(
    surfer: httpx.AsyncClient, issuer: str, tx: Transaction, change: str
) -> None:
    await account_of(tx, issuer, "zhou")
    back = await at_provider(surfer, await begun(surfer), "zhou")
    answer = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    if change == "another browser":
        surfer.cookies.delete("wangge_oidc")
    elif change == "another state":
        answer["state"] = "x" * 43
    elif change == "another code":
        answer["code"] = "x" * 43
    elif change == "no code":
        del answer["code"]
        answer["error"] = "access_denied"
    elif change == "another issuer":
        answer["iss"] = "https://another.example"
    else:
        assert (await surfer.get(back)).headers["location"] == "/"
        surfer.cookies.clear()
    came = await surfer.get(f"{CALLBACK_PATH}?{urlencode(answer)}")
    assert refused(came) == "oidc_failed"
    assert (await surfer.get("/api/me")).status_code == 401


async def test_the_browser_takes_state_nonce_and_proof_key_along_and_no_secret(
    surfer: httpx.AsyncClient, issuer: str
) -> None:
    first, second = [parse_qs(urlsplit(await begun(surfer)).query) for _ in range(2)]
    assert first["code_challenge_method"] == ["S256"]
    assert first["scope"] == ["openid"]
    for word in ("state", "nonce", "code_challenge"):
        assert len(first[word][0]) == 43
        assert first[word] != second[word]
    assert SECRET not in str(first)


async def test_a_provider_that_is_away_is_told_on_the_page(
    tx: Transaction, engine: CityEngine
) -> None:
    with app_in(tx, engine) as app:
        given: dict[str, Any] = {"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": CLIENT}
        given |= {"oidc_client_secret": SECRET}
        provider = OidcProvider.of(Settings.model_validate(given))
        app.state.sign_in_desk = SignInDesk(PasswordChecks(), provider)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url=OURS
        ) as client:
            assert refused(await client.get(PATH)) == "oidc_away"


async def test_a_city_without_a_provider_has_no_such_way_in(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/api/sign-in")).json()["oidc"] is None
    for path in (PATH, CALLBACK_PATH):
        assert (await visitor.get(path)).json()["code"] == "oidc_not_set"


def test_a_provider_named_by_half_is_refused() -> None:
    with pytest.raises(Misconfigured, match="WANGGE_OIDC_CLIENT_SECRET"):
        OidcProvider.of(Settings(oidc_issuer="https://a.example", oidc_client_id=CLIENT))
