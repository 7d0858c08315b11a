"""A point's grid, its reason and who answers, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from gis.datum import Datum, from_wgs84
from gis.store.engine import Transaction
from gis.store.staff import Post, add_assignments, add_duties, put_staff
from tests.small_city import NOON, nine_grids, publish_small_city


async def locate(
    client: httpx.AsyncClient, lng: float, lat: float, **more: object
) -> dict[str, object]:
    answer = await client.get("/api/locate", params={"lng": lng, "lat": lat} | more)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_point_in_a_grid_tells_the_grid_and_its_levels(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    found = await locate(client, 121.015, 30.015)
    assert found == {
        "point": {"lng": 121.015, "lat": 30.015},
        "grid": {
            "code": "g11",
            "name": "网格 1-1",
            "kind": "dedicated",
            "community": "社区0",
            "township": "镇0",
        },
        "reason": "inside",
        "candidates": ["g11"],
        "staff": None,
        "staff_rule": None,
        "staff_row": None,
    }


@pytest.mark.parametrize(
    ("lng", "lat", "code", "reason", "candidates"),
    [
        (121.01, 30.005, "g00", "edge", ["g00", "g10"]),
        (121.01, 30.01, "g00", "edge", ["g00", "g01", "g10", "g11"]),
        (121.0, 30.005, "g00", "inside", ["g00"]),
        (120.9999, 30.005, "g00", "nearest", []),
        (120.9, 30.005, None, "outside", []),
    ],
)
async def test_the_four_reasons(
    client: httpx.AsyncClient,
    tx: Transaction,
    lng: float,
    lat: float,
    code: str | None,
    reason: str,
    candidates: list[str],
) -> None:
    await publish_small_city(tx)
    found = await locate(client, lng, lat)
    grid = found["grid"]
    assert (grid["code"] if isinstance(grid, dict) else None) == code
    assert (found["reason"], found["candidates"]) == (reason, candidates)


async def test_a_gcj02_point_is_placed_where_it_really_is(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    # 400 m off: the raw numbers lie in the next grid.
    await publish_small_city(tx)
    lng, lat = map(float, from_wgs84(121.009, 30.005, Datum.GCJ02))
    found = await locate(client, lng, lat, datum="gcj02")
    assert lng > 121.01
    assert found["candidates"] == ["g00"]
    assert found["point"] == pytest.approx({"lng": 121.009, "lat": 30.005}, abs=1e-6)


async def test_a_wide_circle_answers_the_grids_it_meets_nearest_first(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    # 10 m from the edge, once on each side of it.
    await publish_small_city(tx)
    for lng, candidates in ((121.0099, ["g00", "g10"]), (121.0101, ["g10", "g00"])):
        assert (await locate(client, lng, 30.005, accuracy=50))["candidates"] == candidates
        assert (await locate(client, lng, 30.005))["candidates"] == candidates[:1]


async def test_a_city_without_grids_answers_outside(client: httpx.AsyncClient) -> None:
    found = await locate(client, 121.015, 30.015)
    assert (found["grid"], found["reason"]) == (None, "outside")


async def test_as_of_asks_the_version_of_that_day(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    await publish_small_city(tx, at=NOON, frame=nine_grids().assign(name="改名"))
    before = await locate(client, 121.005, 30.005, as_of=(NOON - timedelta(seconds=1)).isoformat())
    after = await locate(client, 121.005, 30.005, as_of=NOON.isoformat())
    assert [found["grid"]["name"] for found in (before, after)] == ["网格 0-0", "改名"]  # type: ignore[index]


async def test_as_of_asks_who_answered_then_and_by_which_row(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    grid = (await tx.execute(text("SELECT id FROM grids WHERE code = 'g00'"))).scalar_one()
    await put_staff(tx, {"old": "甲", "new": "乙"})
    await add_assignments(
        tx,
        [
            Post("old", "worker", "grid", grid, None, NOON),
            Post("new", "worker", "grid", grid, NOON, None),
        ],
    )
    stored = "SELECT code, a.id FROM assignments AS a JOIN staff ON staff.id = staff_id"
    rows = {row.code: row.id for row in await tx.execute(text(stored))}
    for as_of, code in ((NOON - timedelta(seconds=1), "old"), (NOON, "new")):
        found = await locate(client, 121.005, 30.005, as_of=as_of.isoformat())
        assert isinstance(found["staff"], dict)
        assert (found["staff"]["code"], found["staff_row"]) == (code, rows[code])


async def test_the_five_rules_answer_in_their_order(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    ids = {
        level: (
            await tx.execute(text(f"SELECT id FROM {table} WHERE code = '{code}'"))
        ).scalar_one()
        for level, table, code in (
            ("grid", "grids", "g00"),
            ("community", "communities", "c0"),
            ("township", "townships", "t0"),
        )
    }
    now = datetime.now(UTC)
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    people = ("room", "community", "lead", "worker", "duty")
    await put_staff(tx, {code: code for code in people})

    async def answering() -> tuple[object, object]:
        found = await locate(client, 121.005, 30.005)
        staff = found["staff"]
        return found["staff_rule"], staff["code"] if isinstance(staff, dict) else None

    assert await answering() == (None, None)
    await add_assignments(tx, [Post("room", "on_call", "township", ids["township"], None, None)])
    assert await answering() == (5, "room")
    await add_duties(tx, [Post("community", "liaison", "community", ids["community"], start, end)])
    assert await answering() == (4, "community")
    await add_assignments(tx, [Post("lead", "grid_lead", "grid", ids["grid"], None, None)])
    assert await answering() == (3, "lead")
    await add_assignments(tx, [Post("worker", "worker", "grid", ids["grid"], None, None)])
    assert await answering() == (2, "worker")
    await add_duties(tx, [Post("duty", "worker", "grid", ids["grid"], start, end)])
    assert await answering() == (1, "duty")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("lng=abc&lat=30", "lng"),
        ("lat=30", "lng"),
        ("lng=181&lat=30", "lng"),
        ("lng=121&lat=-90.1", "lat"),
        ("lng=nan&lat=30", "lng"),
        ("lng=121&lat=inf", "lat"),
        ("lng=121&lat=30&datum=utm", "datum"),
        ("lng=121&lat=30&accuracy=-1", "accuracy"),
        ("lng=121&lat=30&as_of=2026-01-01T00:00:00", "as_of"),
    ],
)
async def test_a_bad_question_names_its_field(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await client.get(f"/api/locate?{query}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    ("lng", "lat", "code", "field"),
    [
        (30.005, 121.005, "swapped_lat_lng", "lng, lat"),
        (181, 30, "coordinate_out_of_range", "lng"),
        (121, -90.1, "coordinate_out_of_range", "lat"),
        (181, 181, "coordinate_out_of_range", "lng, lat"),
    ],
)
async def test_a_place_that_cannot_be_is_refused_as_in_a_report(
    client: httpx.AsyncClient, tx: Transaction, lng: float, lat: float, code: str, field: str
) -> None:
    await publish_small_city(tx)
    place = {"lng": lng, "lat": lat}
    for answer in (
        await client.get("/api/locate", params=place),
        await client.post("/api/reports", json=place | {"category": "garbage"}),
    ):
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["field"]) == (422, code, field)
