"""Who may do what, asked of the real application with real sessions.

``tests/golden/access.txt`` holds the answer of every route to every role in three areas;
``BLESS=1`` writes it anew.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.access import PUBLIC, Account, Action, Area, decide, finest_resolution, scope_of
from api.app import create_app
from api.auth import viewer_scope
from api.profile import read_profile
from api.request_transaction import RequestTransaction
from api.settings import SHIPPED_PROFILE, Settings
from api.sign_in import account_of
from gis.store import accounts
from gis.store.engine import Transaction
from gis.store.tables.accounts import ACCOUNT_ROLES
from tests.api.city_of_cases import CASES, JUSTICE, SENSITIVE, URBAN, WATER, make_city_of_cases
from tests.api.conftest import SignedIn
from tests.api.signing_in import asking, open_session_of
from tests.tiles.decoding import decoded, tile_of

GOLDEN = Path(__file__).parents[1] / "golden" / "access.txt"
DOCUMENT = create_app(Settings()).openapi()
ROUTES = sorted(
    (path, method.upper(), operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
)
AREAS = (None, "t0", "g22")
BOUND = {"worker": {"staff_code": "W0"}, "department": {"department": URBAN}}
ONE_BY_ONE = 14


@pytest_asyncio.fixture
async def city(tx: Transaction) -> None:
    await make_city_of_cases(tx)


# ---- every route has a rule ----------------------------------------------------------------------


@pytest.mark.parametrize(("path", "method", "operation"), ROUTES)
def test_every_route_declares_its_rule(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation.get("x-access") in set(Action), f"{method} {path} has no rule"


def test_no_route_is_hidden_from_the_document() -> None:
    """So that the walk over the document misses none."""

    def routes(of: Any) -> Iterator[APIRoute]:
        for route in of.routes:
            if isinstance(route, APIRoute):
                yield route
            elif hasattr(route, "original_router"):
                yield from routes(route.original_router)

    hidden = [route.path for route in routes(create_app(Settings())) if not route.include_in_schema]
    assert hidden == []


@pytest.mark.parametrize(("path", "method", "operation"), ROUTES)
async def test_a_visitor_gets_in_where_it_is_public_and_nowhere_else(
    visitor: httpx.AsyncClient, city: None, path: str, method: str, operation: dict[str, Any]
) -> None:
    answer = await visitor.request(method, filled(path, 1))
    if operation["x-access"] in PUBLIC:
        assert answer.status_code != 401
    else:
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_needed")


@pytest.mark.parametrize("role", ACCOUNT_ROLES)
def test_cells_finer_than_nine_are_for_who_may_open_cases(role: str) -> None:
    account = Account(1, "x", role)
    may_open = decide(account, Action.READ_CASES).allowed
    assert finest_resolution(account) == (11 if may_open else 9)
    assert finest_resolution(None) == 9


# ---- role x route x area -------------------------------------------------------------------------


async def test_the_matrix_of_role_route_and_area_is_the_one_agreed(
    app: FastAPI, tx: Transaction, city: None
) -> None:
    found = await matrix(app, tx)
    if os.environ.get("BLESS"):
        GOLDEN.write_text(found, "utf-8")
    assert found == GOLDEN.read_text("utf-8")


async def matrix(app: FastAPI, tx: Transaction) -> str:
    """Every route with what each viewer gets: ``-``, or ``yes``, or the cases it is shown."""
    lines = [
        "What each role gets of each route: without an area, in township t0, in grid g22.",
        "401 sign in, 403 not yours, numbers: the cases it is shown, of those in",
        "tests/api/city_of_cases.py. Written by tests/api/test_access.py with BLESS=1.",
    ]
    for path, method, operation in ROUTES:
        of_visitor = await gets(app, None, method, path)
        rows, differ = [], False
        for role in ACCOUNT_ROLES:
            cells = []
            for area in AREAS:
                token = await open_session_of(tx, role, area, **BOUND.get(role, {}))
                # What one viewer changes is not there for the next.
                before = await tx.begin_nested()
                cells.append(await gets(app, token, method, path))
                await before.rollback()
            rows.append(f"  {role:13}" + "".join(f"{cell:17}" for cell in cells).rstrip())
            differ |= {*cells} != {of_visitor}
        lines += ["", f"{method} {path}  ({operation['x-access']})"]
        lines.append(f"  {'visitor' if differ else 'everybody':13}{of_visitor}")
        lines += rows if differ else []
    return "\n".join(lines) + "\n"


async def gets(app: FastAPI, token: str | None, method: str, path: str) -> str:
    async with asking(app, token) as client:
        if "{number}" in path:
            statuses = {
                case.number: (await client.request(method, filled(path, case.number))).status_code
                for case in CASES
            }
            if {401, 403} & {*statuses.values()}:
                return " ".join(str(status) for status in {*statuses.values()})
            return " ".join(str(n) for n, status in statuses.items() if status != 404) or "-"
        answer = await client.request(method, filled(path, 1))
    # A fault is no answer of the policy. (503: what does not run in process, as the stream.)
    assert answer.status_code != 500, (method, path, answer.text)
    if answer.status_code in (401, 403):
        return str(answer.status_code)
    if method == "GET" and answer.status_code == 200 and path == "/api/cases":
        return " ".join(sorted(str(case["number"]) for case in answer.json()["cases"])) or "-"
    if path == "/api/locate" and answer.status_code == 200:
        return "with staff" if "staff" in answer.json() else "without staff"
    # What comes after the rule (a body that is missing, say) is no matter of access.
    return "yes"


def filled(path: str, number: int) -> str:
    """An address in the middle of g00 that a route takes."""
    _, x, y = tile_of(121.005, 30.005, 12)
    address = path.format(
        number=number, layer="grids", z=12, x=x, y=y, code="g00", draft_id=1, form="csv"
    )
    return f"{address}?lng=121.005&lat=30.005" if path == "/api/locate" else address


# ---- the same cases wherever one looks -----------------------------------------------------------


STAFF = (None, "W0", "L0", "E0")
DEPARTMENTS = (None, URBAN, WATER, JUSTICE, "gone")
VIEWERS = [
    (role, area, person, department)
    for role, area, person, department in product(
        ACCOUNT_ROLES, (None, "t0", "c0", "g22"), STAFF, DEPARTMENTS
    )
    # What does not matter to a role is tried with one value.
    if (person is None or role in {"worker", "grid_lead"})
    and (department is None or role == "department")
]


def sees(role: str, area: str | None, person: str | None, department: str | None) -> set[int]:
    """An oracle: the policy said once more, in the words of the table in api/access.py."""
    t0 = {"g00", "g11"}
    areas: dict[str | None, set[str | None]] = {
        None: {*t0, "g22", "g21", None}, "t0": {*t0}, "c0": {*t0}, "g22": {"g22"}
    }  # fmt: skip
    in_area = areas[area]
    if role in {"worker", "grid_lead"} and area is None:
        in_area = {*{"W0": {"g22"}, "L0": t0}.get(person or "", set())}
    of_department = {
        URBAN: {"garbage"}, WATER: {"flooding"}, JUSTICE: {"neighbour_dispute"},
    }.get(department or "", set())  # fmt: skip
    return {
        case.number
        for case in CASES
        if role not in {"reporter", "contributor"}
        and case.grid in in_area
        and (role != "department" or case.category in of_department)
        and (role == "command_room" or not case.held)
    }


async def test_any_account_finds_the_same_cases_in_list_count_detail_and_tiles(
    app: FastAPI, tx: Transaction, city: None
) -> None:
    for role, area, person, department in VIEWERS:
        token = await open_session_of(tx, role, area, staff_code=person, department=department)
        expected = sees(role, area, person, department)
        async with asking(app, token) as client:
            seen = await looked_at(client)
        if role in {"reporter", "contributor"}:
            assert seen is None
            continue
        assert seen is not None
        who = (role, area, person, department)
        assert seen["list"] == expected, who
        assert seen["detail"] == expected, who
        assert seen["counted"] == len(expected), who
        assert seen["tiles"] == expected - SENSITIVE, who


async def looked_at(client: httpx.AsyncClient) -> dict[str, Any] | None:
    listed = await client.get("/api/cases?limit=500")
    if listed.status_code == 403:
        return None
    details = [
        case.number
        for case in CASES
        if (await client.get(f"/api/cases/{case.number}")).status_code == 200
    ]
    in_tiles = set()
    for _, x, y in {tile_of(*case.place, ONE_BY_ONE) for case in CASES}:
        answer = await client.get(f"/tiles/cases/{ONE_BY_ONE}/{x}/{y}.mvt")
        spots = decoded(answer.content).get("cases", []) if answer.status_code == 200 else []
        in_tiles |= {spot.properties["number"] for spot in spots}
    return {
        "list": {case["number"] for case in listed.json()["cases"]},
        "counted": listed.json()["total"],
        "detail": set(details),
        "tiles": in_tiles,
    }


async def test_a_scope_judges_one_case_as_its_query_does(
    app: FastAPI, tx: Transaction, city: None
) -> None:
    """The stream looks at one case at a time, in memory."""
    rows = await tx.exec_driver_sql("SELECT code, id FROM grids")
    grid_ids = {row.code: row.id for row in rows}
    for number, (role, area, person, department) in enumerate(VIEWERS):
        name = f"viewer {number}"
        await accounts.add_account(
            tx,
            name=name,
            role=role,
            password_hash=None,
            area_code=area,
            staff_code=person,
            department=department,
        )
        found = await accounts.find_by_name(tx, name)
        assert found is not None
        async with RequestTransaction(app.state.service) as asked:
            scope = await viewer_scope(app.state.service, asked, account_of(found[0]))
        held = {
            case.number
            for case in CASES
            if scope.holds(
                today_grid_id=None if case.grid is None else grid_ids[case.grid],
                category=case.category,
                is_held=case.held,
            )
        }
        assert held == sees(role, area, person, department), (role, area, person, department)


async def test_an_area_that_is_no_more_holds_nothing(
    signed_in: SignedIn, tx: Transaction, city: None
) -> None:
    client = await signed_in("dispatcher", "t0")
    await tx.exec_driver_sql("UPDATE users SET area_code = 'gone'")
    assert (await client.get("/api/cases")).json()["total"] == 0
    assert (await client.get("/api/me")).json()["area"] == {
        "level": "grid",
        "code": "gone",
        "name": None,
    }


async def test_one_address_of_a_tile_is_another_tile_to_another_scope(
    signed_in: SignedIn, city: None
) -> None:
    _, x, y = tile_of(*CASES[0].place, 12)
    address = f"/tiles/cases/12/{x}/{y}.mvt"
    city_wide, town, elsewhere = [
        await client.get(address)
        for client in (
            await signed_in("dispatcher"),
            await signed_in("dispatcher", "t0"),
            await signed_in("dispatcher", "t1"),
        )
    ]
    assert len({answer.headers["ETag"] for answer in (city_wide, town, elsewhere)}) == 3
    assert len({answer.content for answer in (city_wide, town, elsewhere)}) == 3
    again = await (await signed_in("dispatcher", "t1")).get(
        address, headers={"If-None-Match": town.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (200, elsewhere.content)
    assert "private" in town.headers["Cache-Control"]


# ---- sensitive cases -----------------------------------------------------------------------------


PLACED = {"worker", "grid_lead", "command_room", "dispatcher"}


@pytest.mark.parametrize(
    "role", sorted(set(ACCOUNT_ROLES) - {"reporter", "contributor", "department"})
)
async def test_the_place_of_a_sensitive_case_is_told_to_whom_it_concerns(
    signed_in: SignedIn, city: None, role: str
) -> None:
    client = await signed_in(role, "t0")
    listed = {case["number"]: case for case in (await client.get("/api/cases")).json()["cases"]}
    assert (listed[6]["lng"], listed[6]["lat"]) == (None, None)
    assert listed[1]["lng"] is not None
    detail = (await client.get("/api/cases/6")).json()
    (report,) = detail["reports"]
    if role in PLACED:
        assert (detail["lng"], detail["lat"]) == pytest.approx(CASES[5].place)
        assert report["given"]["lng"] == pytest.approx(CASES[5].place[0])
    else:
        assert (detail["lng"], detail["lat"]) == (None, None)
        assert (report["given"], report["lng"], report["lat"]) == (None, None, None)


@pytest.mark.parametrize("role", ["planner", "dispatcher"])
async def test_a_small_box_does_not_find_out_where_a_sensitive_case_is(
    signed_in: SignedIn, city: None, role: str
) -> None:
    lng, lat = CASES[5].place
    box = f"{lng - 1e-5},{lat - 1e-5},{lng + 1e-5},{lat + 1e-5}"
    client = await signed_in(role)
    found = (await client.get("/api/cases", params={"bbox": box})).json()
    assert found["total"] == (1 if role in PLACED else 0)


# ---- who answers for a place ---------------------------------------------------------------------


STAFF_KEYS = {"staff", "staff_rule", "staff_row"}


async def test_who_answers_is_told_to_staff_of_the_place_only(
    signed_in: SignedIn, visitor: httpx.AsyncClient, city: None
) -> None:
    address = "/api/locate?lng=121.025&lat=30.025"  # g22, whose worker is W0
    told = {
        "visitor": visitor,
        "reporter": await signed_in("reporter"),
        "elsewhere": await signed_in("worker", "t0"),
        "there": await signed_in("worker", "t1"),
        "city": await signed_in("dispatcher"),
    }
    answers = {name: (await client.get(address)).json() for name, client in told.items()}
    assert {name for name, answer in answers.items() if answer.keys() & STAFF_KEYS} == {
        "there",
        "city",
    }
    assert answers["city"]["staff"]["code"] == "W0"
    assert {answer["grid"]["code"] for answer in answers.values()} == {"g22"}


# ---- the policy itself ---------------------------------------------------------------------------


def test_a_decision_says_why_not() -> None:
    for role, action in product((None, *ACCOUNT_ROLES), Action):
        account = None if role is None else Account(1, "somebody", role)
        decision = decide(account, action)
        assert decision.allowed == (decision.reason == "")
        assert decision.allowed or not decide(None, action).allowed


def test_a_role_that_nobody_knows_may_do_nothing_of_its_own() -> None:
    stranger = Account(1, "somebody", "root", area=Area("township", "t0"))
    assert {action for action in Action if decide(stranger, action).allowed} == PUBLIC
    scope = scope_of(stranger, read_profile(SHIPPED_PROFILE), None)
    assert not scope.holds(today_grid_id=1, category="other", is_held=False)
