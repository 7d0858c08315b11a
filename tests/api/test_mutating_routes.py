"""Every route that changes something leaves a row in the journal: all of them are walked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import geopandas as gpd
import httpx
import pytest
import shapely
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.settings import Settings
from gis.store import accounts
from gis.store.building_counts import replace_counts
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.small_city import nine_grids, publish_small_city

SAFE = {"get", "head", "options", "trace"}
REPORT = {"lng": 121.005, "lat": 30.005, "category": "other", "description": "通道堵了"}
PASSWORD = "a long word for a test"


def mutating_routes() -> list[str]:
    return sorted(
        f"{method.upper()} {path}"
        for path, operations in create_app(Settings()).openapi()["paths"].items()
        for method in operations
        if method not in SAFE
    )


class World:
    """What a valid call needs: clients, and a way past them to the database."""

    def __init__(self, tx: Transaction, visitor: httpx.AsyncClient, signed_in: SignedIn) -> None:
        self.tx = tx
        self.visitor = visitor
        self.signed_in = signed_in


Call = Callable[[World], Awaitable[httpx.Response]]


async def report(world: World) -> httpx.Response:
    return await world.visitor.post("/api/reports", json=REPORT)


async def sign_in(world: World) -> httpx.Response:
    await accounts.add_account(
        world.tx, name="somebody", role="planner", password_hash=PasswordHasher().hash(PASSWORD)
    )
    return await world.visitor.post(
        "/api/session", json={"username": "somebody", "password": PASSWORD}
    )


async def sign_out(world: World) -> httpx.Response:
    return await (await world.signed_in("worker")).delete("/api/session")


async def release(world: World) -> httpx.Response:
    number = (await report(world)).json()["case"]
    await world.tx.execute(
        text("UPDATE cases SET held_at = now() WHERE number = :number"), {"number": number}
    )
    return await (await world.signed_in("command_room")).post(f"/api/cases/{number}/release")


RENAME = {"op": "rename", "grid": "g01", "name": "市场"}


def drafted(*steps: str) -> Call:
    """A call on a draft that has come as far as ``steps``; the last of them is the call."""

    async def call(world: World) -> httpx.Response:
        planner, leader = await world.signed_in("planner"), await world.signed_in("leader")
        answer = await planner.post("/api/drafts", json={"name": "方案"})
        if not steps:
            return answer
        path, revision = f"/api/drafts/{answer.json()['id']}", 1
        for step in steps:
            given = {"If-Match": f'"{revision}"'}
            if step == "discard":
                return await planner.delete(path, headers=given)
            body = RENAME if step == "operations" else None
            who = leader if step == "approve" else planner
            answer = await who.post(f"{path}/{step}", json=body, headers=given)
            revision += 1
        return answer

    return call


async def count_households(tx: Transaction) -> None:
    """Three buildings in g20 and one in g21, so that moving one makes them even."""
    places = [(121.0225, 30.0025), (121.0275, 30.0025), (121.0225, 30.0085), (121.025, 30.015)]
    counts = gpd.GeoDataFrame(
        {"households": [10] * 4, "population": [30] * 4},
        geometry=[shapely.Point(place) for place in places],
        crs=4326,
    )
    await replace_counts(tx, counts)


async def make_even(world: World) -> httpx.Response:
    await count_households(world.tx)
    body = {"grids": ["g20", "g21"], "by": "households"}
    return await (await world.signed_in("planner")).post("/api/proposals", json=body)


async def divide(world: World) -> httpx.Response:
    await count_households(world.tx)
    planner = await world.signed_in("planner")
    draft = (await planner.post("/api/drafts", json={"name": "方案"})).json()["id"]
    return await planner.post(
        f"/api/drafts/{draft}/divide",
        json={"grid": "g20", "parts": 3, "by": "households"},
        headers={"If-Match": '"1"'},
    )


async def from_file(world: World) -> httpx.Response:
    grids = nine_grids()
    grids.loc[0, "name"] = "市场"
    planner = await world.signed_in("planner")
    return await planner.post(
        "/api/drafts/from-file", params={"name": "外业"}, content=grids.to_json().encode()
    )


async def refuse_rows_of(tx: Transaction, kind: str) -> None:
    """Let the journal refuse rows of a kind, as a full disk would."""
    await tx.execute(
        text(
            "CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'no room'; END $$"
        )
    )
    await tx.execute(
        text(
            "CREATE TRIGGER refuses BEFORE INSERT ON journal FOR EACH ROW"
            f" WHEN (NEW.kind = '{kind}') EXECUTE FUNCTION refuse_row()"
        )
    )


async def changed(tx: Transaction, kind: str) -> int:
    """How much of what a kind of row tells of has happened."""
    statement = {
        "report.received": "SELECT (SELECT count(*) FROM reports) + (SELECT count(*) FROM cases)"
        " + (SELECT count(*) FROM report_texts)",
        "session.opened": "SELECT count(*) FROM sessions",
        # The one session there was, and the one held case, are as before.
        "session.closed": "SELECT 1 - count(*) FROM sessions",
        "case.released": "SELECT 1 - count(*) FROM cases WHERE held_at IS NOT NULL",
        "draft.created": "SELECT count(*) FROM drafts",
        "draft.operated": "SELECT count(*) FROM draft_operations",
        "draft.imported": "SELECT count(*) FROM drafts",
        "draft.proposed": "SELECT count(*) FROM drafts",
        "draft.divided": "SELECT count(*) FROM draft_operations",
        # The draft is in the state that the call before left it in.
        "draft.undone": "SELECT count(*) FROM drafts WHERE applied = 0",
        "draft.redone": "SELECT count(*) FROM drafts WHERE applied = 1",
        "draft.rebased": "SELECT count(*) FROM drafts WHERE revision > 2",
        "draft.submitted": "SELECT count(*) FROM drafts WHERE state <> 'open'",
        "draft.reopened": "SELECT count(*) FROM drafts WHERE state <> 'submitted'",
        "draft.approved": "SELECT count(*) FROM drafts WHERE state <> 'submitted'",
        "draft.published": "SELECT count(*) - 1 FROM boundary_versions",
        "draft.discarded": "SELECT count(*) FROM drafts WHERE state <> 'open'",
    }[kind]
    return int((await tx.execute(text(statement))).scalar_one())


VALID_CALLS: Mapping[str, tuple[Call, str]] = {
    "POST /api/reports": (report, "report.received"),
    "POST /api/session": (sign_in, "session.opened"),
    "DELETE /api/session": (sign_out, "session.closed"),
    "POST /api/cases/{number}/release": (release, "case.released"),
    "POST /api/drafts": (drafted(), "draft.created"),
    "POST /api/drafts/from-file": (from_file, "draft.imported"),
    "POST /api/drafts/{draft_id}/operations": (drafted("operations"), "draft.operated"),
    "POST /api/drafts/{draft_id}/divide": (divide, "draft.divided"),
    "POST /api/proposals": (make_even, "draft.proposed"),
    "POST /api/drafts/{draft_id}/undo": (drafted("operations", "undo"), "draft.undone"),
    "POST /api/drafts/{draft_id}/redo": (drafted("operations", "undo", "redo"), "draft.redone"),
    "POST /api/drafts/{draft_id}/rebase": (drafted("operations", "rebase"), "draft.rebased"),
    "POST /api/drafts/{draft_id}/submit": (drafted("operations", "submit"), "draft.submitted"),
    "POST /api/drafts/{draft_id}/reopen": (
        drafted("operations", "submit", "reopen"),
        "draft.reopened",
    ),
    "POST /api/drafts/{draft_id}/approve": (
        drafted("operations", "submit", "approve"),
        "draft.approved",
    ),
    "POST /api/drafts/{draft_id}/publish": (
        drafted("operations", "submit", "approve", "publish"),
        "draft.published",
    ),
    "DELETE /api/drafts/{draft_id}": (drafted("discard"), "draft.discarded"),
}
"""A call that each mutating route takes, and the kind of the row it writes."""


def test_every_mutating_route_has_a_valid_call_here() -> None:
    assert mutating_routes() == sorted(VALID_CALLS)


@pytest.mark.parametrize("route", VALID_CALLS)
async def test_a_mutating_route_writes_its_journal_row(
    route: str, app: FastAPI, tx: Transaction, visitor: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    await publish_small_city(tx)

    async def journalled() -> list[str]:
        rows = await tx.execute(text("SELECT kind FROM journal ORDER BY id"))
        return [str(kind) for kind in rows.scalars()]

    before = await journalled()
    call, kind = VALID_CALLS[route]
    answer = await call(World(tx, visitor, signed_in))
    assert answer.is_success, answer.text
    new = (await journalled())[len(before) :]
    assert new[-1:] == [kind]
    assert new.count(kind) == 1
    row = (
        await tx.execute(text("SELECT at, actor, subject FROM journal ORDER BY id DESC LIMIT 1"))
    ).one()
    assert row.actor
    # The thing itself: a case or an account there is.
    noun, _, word = row.subject.partition("/")
    there = {
        "case": "SELECT count(*) FROM cases WHERE number::text = :word",
        "account": "SELECT count(*) FROM users WHERE name = :word",
        "draft": "SELECT count(*) FROM drafts WHERE id::text = :word",
    }
    assert (await tx.execute(text(there[noun]), {"word": word})).scalar_one() == 1


@pytest.mark.parametrize("route", VALID_CALLS)
async def test_what_the_journal_cannot_take_down_does_not_happen(
    route: str, app: FastAPI, tx: Transaction, visitor: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    """The row and the change are one transaction: without the one there is not the other."""
    await publish_small_city(tx)
    call, kind = VALID_CALLS[route]
    await refuse_rows_of(tx, kind)
    answer = await call(World(tx, visitor, signed_in))
    assert answer.status_code >= 500
    assert await changed(tx, kind) == 0
