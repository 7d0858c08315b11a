"""Reports come in, find their grid and person, and open a case."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import h3
import httpx
import pytest
from sqlalchemy import text

from gis.datum import Datum, from_wgs84
from gis.store.engine import Transaction
from gis.store.staff import Post, add_assignments, add_duties, put_staff
from tests.small_city import publish_small_city

IN_G00 = {"lng": 121.005, "lat": 30.005}
REPORT: dict[str, Any] = {**IN_G00, "category": "other", "description": "通道堵了"}


async def post(
    visitor: httpx.AsyncClient, key: str | None = None, **changes: Any
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await visitor.post("/api/reports", json=REPORT | changes, headers=headers)


async def counts(tx: Transaction) -> dict[str, int]:
    tables = ("cases", "reports", "report_texts", "report_keys", "journal")
    return {
        table: (await tx.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()
        for table in tables
    }


async def test_a_report_answers_its_case_and_its_grid(
    client: httpx.AsyncClient, visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    answer = await post(visitor)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["grid"], body["reason"], body["candidates"]) == ("g00", "inside", ["g00"])
    case = (await client.get(f"/api/cases/{body['case']}")).json()
    assert (case["state"], case["channel"], case["category"]) == ("received", "web", "other")
    assert case["grid"]["code"] == case["grid_today"] == "g00"
    assert case["reports"][0]["id"] == body["id"]


async def test_a_report_writes_case_report_sealed_text_and_one_journal_row(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    before = await counts(tx)
    await post(visitor)
    after = await counts(tx)
    assert {table: after[table] - before[table] for table in after} == dict.fromkeys(after, 1)


async def test_the_words_of_a_report_are_nowhere_in_the_clear(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    await post(visitor, description="二号楼前 fire lane")
    for table in ("cases", "reports", "report_texts", "journal"):
        rows = (await tx.execute(text(f"SELECT row_to_json(t)::text FROM {table} t"))).scalars()
        assert not [row for row in rows if "fire lane" in row or "二号楼" in row], table


async def test_a_replay_answers_the_same_and_stores_nothing(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    first = await post(visitor, key="k1", occurred_at="2026-11-20T12:00:00Z")
    stored = await counts(tx)
    again = await post(visitor, key="k1", occurred_at="2026-11-20T12:00:00Z")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert await counts(tx) == stored


@pytest.mark.parametrize(
    "change",
    [
        {"description": "another"},
        {"lng": 121.0051},
        {"category": "noise"},
        {"accuracy": 5},
        {"datum": "gcj02"},
    ],
)
async def test_the_same_key_with_another_body_is_a_conflict(
    visitor: httpx.AsyncClient, tx: Transaction, change: dict[str, Any]
) -> None:
    await publish_small_city(tx)
    await post(visitor, key="k1")
    stored = await counts(tx)
    refused = await post(visitor, key="k1", **change)
    assert (refused.status_code, refused.json()["code"]) == (409, "key_reused")
    assert await counts(tx) == stored


async def test_without_a_key_two_equal_reports_are_two_cases(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    first, second = await post(visitor), await post(visitor)
    assert first.json()["case"] != second.json()["case"]
    assert first.json()["receipt"] != second.json()["receipt"]


async def test_a_report_outside_is_taken_and_says_so(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    body = (await post(visitor, lng=121.5, lat=30.5)).json()
    assert (body["grid"], body["reason"], body["candidates"]) == (None, "outside", [])


async def test_a_wide_circle_answers_the_grids_it_meets_nearest_first(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    body = (await post(visitor, lng=121.0099, lat=30.005, accuracy=50)).json()
    assert body["candidates"] == ["g00", "g10"]


async def test_a_case_has_the_cell_of_its_wgs84_point_whatever_the_datum(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    for lng, lat, datum in ((121.005, 30.005, "wgs84"), (121.02, 30.01, "gcj02")):
        await post(visitor, lng=lng, lat=lat, datum=datum)
    rows = (await tx.execute(text("SELECT cell, ST_X(point), ST_Y(point) FROM cases"))).all()
    assert len(rows) == 2
    for cell, lng, lat in rows:
        assert f"{cell:x}" == h3.latlng_to_cell(lat, lng, 11)


async def test_a_gcj02_point_is_placed_where_it_really_is(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    # 400 m off: the raw numbers lie in the next grid.
    await publish_small_city(tx)
    lng, lat = from_wgs84(121.009, 30.005, Datum.GCJ02)
    body = (await post(visitor, lng=float(lng), lat=float(lat), datum="gcj02")).json()
    assert float(lng) > 121.01
    assert body["grid"] == "g00"


async def test_who_answers_goes_by_receipt_and_is_kept_with_its_row(
    client: httpx.AsyncClient, visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    grid = (await tx.execute(text("SELECT id FROM grids WHERE code = 'g00'"))).scalar_one()
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    await put_staff(tx, {"s1": "值班的", "s2": "常任的"})
    await add_assignments(tx, [Post("s2", "worker", "grid", grid, None, None)])
    assigned = (await post(visitor)).json()["case"]
    await add_duties(tx, [Post("s1", "worker", "grid", grid, now - hour, now + hour)])
    on_duty = (await post(visitor, occurred_at=(now - 3 * hour).isoformat())).json()["case"]
    first = (await client.get(f"/api/cases/{assigned}")).json()
    second = (await client.get(f"/api/cases/{on_duty}")).json()
    assert (first["staff"]["code"], first["staff_rule"]) == ("s2", 2)
    assert (second["staff"]["code"], second["staff_rule"]) == ("s1", 1)
    row = (await tx.execute(text("SELECT id FROM duties"))).scalar_one()
    assert second["staff_row"] == row


async def test_a_clock_a_year_off_is_not_believed(
    client: httpx.AsyncClient, visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    case = (await post(visitor, occurred_at="2025-11-20T12:00:00Z")).json()["case"]
    body = (await client.get(f"/api/cases/{case}")).json()
    assert body["occurred_at"] == body["received_at"]
    flag = (await tx.execute(text("SELECT time_flag, client_time FROM reports"))).one()
    assert flag.time_flag == "client_time_refused"
    assert flag.client_time == datetime(2025, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"lng": 30.005, "lat": 121.005}, "swapped_lat_lng", "lng, lat"),
        ({"lng": 500}, "coordinate_out_of_range", "lng"),
        ({"category": "no_such"}, "category_unknown", "category"),
        ({"category": ""}, "malformed", "category"),
        ({"datum": "utm"}, "malformed", "datum"),
        ({"description": "x" * 4001}, "description_too_long", "description"),
        ({"accuracy": -1}, "accuracy_out_of_range", "accuracy"),
        ({"occurred_at": "yesterday"}, "malformed", "occurred_at"),
        ({"phone": "1380000"}, "malformed", "phone"),
        ({"lng": None}, "malformed", "lng"),
    ],
)
async def test_a_bad_report_names_its_field_and_stores_nothing(
    visitor: httpx.AsyncClient,
    tx: Transaction,
    change: dict[str, Any],
    code: str,
    field: str,
) -> None:
    await publish_small_city(tx)
    before = await counts(tx)
    refused = await post(visitor, **change)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["code"], refused.json()["field"]) == (code, field)
    assert await counts(tx) == before


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_numbers_that_json_does_not_know_are_refused(
    visitor: httpx.AsyncClient, tx: Transaction, number: str
) -> None:
    await publish_small_city(tx)
    body = json.dumps(REPORT).replace("121.005", number)
    refused = await visitor.post(
        "/api/reports", content=body, headers={"content-type": "application/json"}
    )
    assert refused.status_code == 422, refused.text
    assert refused.json()["code"] in {"malformed", "coordinate_not_finite"}
