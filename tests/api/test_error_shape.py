"""Every kind of failure answers with one body: RFC 9457 problem details with a stable code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from api.app import create_app
from api.locators import Locators
from api.profile import read_profile
from api.routes.queries import encode_cursor
from api.service import Service
from api.settings import SHIPPED_PROFILE, Settings
from gis.cells import cells_of, names
from gis.errors import (
    BadInput,
    Conflict,
    Misconfigured,
    NotFound,
    TooLarge,
    Unavailable,
    WanggeError,
)
from gis.store.engine import Transaction, open_engine
from tests.api.conftest import SignedIn
from tests.small_city import publish_small_city

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"].endswith(".")
    assert "Traceback" not in answer.text
    assert (answer.headers.get("retry-after") is not None) == (status == 503)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/nothing", 404, "not_found"),
        ("/api/cases/1", 404, "case_not_found"),
        ("/api/cases/x", 422, "malformed"),
        ("/api/cases/99999999999999999999", 422, "malformed"),
        ("/api/grids/none", 404, "grid_not_found"),
        ("/api/grids?cursor=x", 422, "cursor_invalid"),
        ("/api/cases?cursor=WyJ4Il0", 422, "cursor_invalid"),
        ("/api/cases?cursor=WyJ4IiwgMV0", 422, "cursor_invalid"),
        ("/api/cases?bbox=1,2,3", 422, "bbox_invalid"),
        ("/api/cases?bbox=1,2,x,4", 422, "bbox_invalid"),
        ("/api/cases?bbox=nan,2,3,4", 422, "bbox_invalid"),
        ("/api/cases?state=open", 422, "state_unknown"),
        ("/api/cases?kind=crime", 422, "kind_unknown"),
        ("/api/cases?from=2026-01-01T00:00:00", 422, "malformed"),
        ("/api/cases?grid=%00", 422, "malformed"),
        ("/api/cases?to=9999-12-31T23:59:59-23:00", 422, "malformed"),
        ("/api/grids/%00", 422, "malformed"),
        ("/api/cases?limit=0", 422, "malformed"),
        ("/api/cases?limit=501", 422, "malformed"),
        ("/readyz", 503, "city_empty"),
        ("/tiles/nothing/1/1/1.mvt", 404, "tile_layer_unknown"),
        ("/tiles/nothing.json", 404, "tile_layer_unknown"),
    ],
)
async def test_reading(client: httpx.AsyncClient, path: str, status: int, code: str) -> None:
    assert_problem(await client.get(path), status, code)


PARAMETERS = [
    (path, parameter["in"], parameter["name"])
    for path, operations in create_app(Settings()).openapi()["paths"].items()
    for parameter in operations.get("get", {}).get("parameters", [])
]
ORDINARY = {"layer": "cases", "z": 3, "x": 0, "y": 0, "code": "g00", "number": 1, "draft_id": 1}
ORDINARY |= {"lng": 121.005, "lat": 30.005, "by": "kind", "resolution": 8, "form": "csv"}
WINDOW = {"from": "2026-11-01", "to": "2026-11-08"}
CELL = names(cells_of([121.015], [30.015], 8))[0]
# What a route asks for before it looks at anything else.
ORDINARY_OF: dict[str, dict[str, object]] = {
    "/api/hotspots/answering": {"cells": CELL},
    "/api/hotspots/areas": {"by": "grid"},
    "/api/hotspots/cells.{form}": {"form": "gpkg"},
    "/api/hotspots/change": {"by": "all", **WINDOW},
    "/api/hotspots/places": {**WINDOW},
    "/api/hotspots/rhythm": {**WINDOW},
    "/api/hotspots/series": {"of": CELL},
}
BEYOND_UTC = ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-23:00"]
VALUES = [
    "\x00",
    "g\x00",
    *BEYOND_UTC,
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
    encode_cursor("\x00"),
    encode_cursor("\ud800"),
    encode_cursor("2026-01-01T00:00:00", 1),
    encode_cursor("2026-01-01T00:00:00Z", 2**63),
    *(encode_cursor(instant, 1) for instant in BEYOND_UTC),
]


@pytest.mark.parametrize("path", sorted({path for path, _, _ in PARAMETERS}))
async def test_no_value_of_a_parameter_is_a_bug(
    signed_in: SignedIn, tx: Transaction, path: str
) -> None:
    await publish_small_city(tx)
    client = await signed_in("planner" if path.startswith("/api/drafts") else "dispatcher")
    ordinary = {n: ORDINARY[n] for at, _, n in PARAMETERS if at == path and n in ORDINARY}
    ordinary |= ORDINARY_OF.get(path, {})
    for name in [name for at, _, name in PARAMETERS if at == path]:
        for value in VALUES:
            given = {n: quote(str(v), safe="") for n, v in (ordinary | {name: value}).items()}
            query = "&".join(f"{n}={v}" for n, v in given.items() if f"{{{n}}}" not in path)
            answer = await client.get(f"{path.format(**given)}?{query}")
            # No stream runs in a test's own transaction; its parameters are tried in stream/.
            is_bug = answer.status_code >= 500 and answer.json()["code"] != "stream_not_ready"
            assert not is_bug, (name, value, answer.text)
            if value in ("\x00", *BEYOND_UTC) and answer.status_code == 422:
                # Of a parameter that may be repeated the field says which one.
                assert answer.json()["field"].partition(".")[0] == name, value


async def test_a_method_an_address_does_not_take(client: httpx.AsyncClient) -> None:
    assert_problem(await client.delete("/api/cases"), 405, "method_not_allowed")


@pytest.mark.parametrize("body", ["", "{", "[]", '{"lng": 1}', "null", "\x00"])
async def test_a_body_that_is_no_report(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post(
        "/api/reports", content=body, headers={"content-type": "application/json"}
    )
    assert_problem(answer, 422, "malformed")


@pytest_asyncio.fixture
async def broken() -> AsyncIterator[httpx.AsyncClient]:
    """An application whose database is away, with a route for each kind of error."""
    settings = Settings(city="tested", home=Path("unused"), database_url=NOWHERE)
    app = create_app(settings)
    engine = open_engine(NOWHERE, "tested")
    app.state.service = Service(
        settings, read_profile(SHIPPED_PROFILE), engine, Locators(nearest_m=0, metric=None)
    )

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        kinds = (BadInput, NotFound, Conflict, TooLarge, Unavailable, Misconfigured)
        by_name: dict[str, type[WanggeError]] = {kind.__name__: kind for kind in kinds}
        raise by_name[name]("a_code", "A sentence.") if name in by_name else ZeroDivisionError

    app.router.routes.insert(0, app.router.routes.pop())  # before the pages at /
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    # A token makes the database be asked whose it is.
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://127.0.0.1",
        headers={"Authorization": "Bearer some"},
    ) as asking:
        yield asking
    await engine.dispose()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("BadInput", 422),
        ("NotFound", 404),
        ("Conflict", 409),
        ("TooLarge", 413),
        ("Unavailable", 503),
        ("Misconfigured", 500),
    ],
)
async def test_each_kind_of_domain_error_has_its_status(
    broken: httpx.AsyncClient, kind: str, status: int
) -> None:
    assert_problem(await broken.get(f"/raise/{kind}"), status, "a_code")


async def test_a_bug_is_a_500_that_shows_nothing_of_the_code(broken: httpx.AsyncClient) -> None:
    answer = await broken.get("/raise/bug")
    assert_problem(answer, 500, "bug")
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize("path", ["/readyz", "/api/cases", "/api/city", "/tiles/grids.json"])
async def test_a_database_that_is_away_is_a_503(broken: httpx.AsyncClient, path: str) -> None:
    assert_problem(await broken.get(path), 503, "database_away")


async def test_the_process_is_alive_while_its_database_is_away(broken: httpx.AsyncClient) -> None:
    assert (await broken.get("/healthz")).status_code == 200


async def test_another_host_name_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz", headers={"host": "evil.example"})
    assert_problem(answer, 400, "host_unknown")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000", "LOCALHOST:1"])
async def test_names_of_this_machine_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/healthz", headers={"host": host})).status_code == 200
