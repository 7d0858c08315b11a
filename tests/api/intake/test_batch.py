"""One batch on a real database: replays within it, one bad row, who is on duty, which key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from api.cases.intake import IncomingReport
from api.intake.batch import Batches, Outcome
from api.intake.queue import IntakeQueue
from api.intake.submission import Received, Submission
from gis.datum import Datum
from gis.errors import WanggeError
from gis.store.channel_keys import add_key, hash_of_key, revoke_key
from gis.store.cities import add_categories
from gis.store.engine import Transaction
from gis.store.staff import Post, add_duties, put_staff
from tests.small_city import NOON, nine_grids, publish_small_city

TABLES = ("cases", "reports", "report_texts", "report_keys")
REPORT = IncomingReport(121.005, 30.005, Datum.WGS84, "other", "通道堵了")


def sent(key: str | None = None, *, at: datetime | None = None, **changes: Any) -> Submission:
    report = replace(REPORT, **changes)
    return Submission(report, "web", "web", at or datetime.now(UTC), idempotency_key=key)


async def take(app: FastAPI, tx: Transaction, *submissions: Submission) -> list[Outcome]:
    return await Batches(app.state.service).take(tx, submissions)


def codes(outcomes: Sequence[object]) -> list[str]:
    return [
        ("replay" if each.is_replay else "new")
        if isinstance(each, Received)
        else (each.code if isinstance(each, WanggeError) else type(each).__name__)
        for each in outcomes
    ]


async def count(tx: Transaction, table: str) -> int:
    found = await tx.execute(text(f"SELECT count(*) FROM {table}"))
    return int(found.scalar_one())


async def test_a_report_that_waited_while_a_version_took_effect_gets_todays_grid_of_that_one(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    now = datetime.now(UTC)
    renamed = nine_grids().replace({"code": {"g00": "h00"}}).sort_values("code", ignore_index=True)
    await publish_small_city(tx, at=now - timedelta(milliseconds=1), frame=renamed)
    assert codes(await take(app, tx, sent(at=now - timedelta(milliseconds=2)))) == ["new"]
    rows = await tx.execute(
        text(
            "SELECT own.code, today.code FROM cases JOIN grids AS own ON own.id = grid_id"
            " JOIN grids AS today ON today.id = today_grid_id"
        )
    )
    assert tuple(rows.one()) == ("g00", "h00")


async def test_a_replay_within_the_batch_is_the_first_one_again(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    outcomes = await take(app, tx, sent("k"), sent(), sent("k"), sent("l"), sent("k"))
    assert codes(outcomes) == ["new", "new", "replay", "new", "replay"]
    first, _, again, _, once_more = outcomes
    assert isinstance(first, Received)
    for each in (again, once_more):
        assert isinstance(each, Received)
        assert (each.case_number, each.receipt) == (first.case_number, first.receipt)
    assert {table: await count(tx, table) for table in TABLES} == dict.fromkeys(TABLES, 3)


async def test_the_same_key_with_another_body_within_the_batch_is_a_conflict(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    outcomes = await take(app, tx, sent("k"), sent("k", description="other"), sent("k"))
    assert codes(outcomes) == ["new", "key_reused", "replay"]
    assert await count(tx, "cases") == 1


async def test_a_key_that_came_with_a_refused_report_is_still_free(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    outcomes = await take(app, tx, sent("k", category="none"), sent("k"), sent("k"))
    assert codes(outcomes) == ["category_unknown", "new", "replay"]


async def test_what_is_wrong_with_one_report_does_not_touch_the_others(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    outcomes = await take(
        app,
        tx,
        sent(),
        sent(lng=30.005, lat=121.005),
        sent(accuracy_m=-1),
        sent(description="x" * 4001),
        replace(sent(), key_hash=hash_of_key("guessed")),
        sent(),
    )
    assert codes(outcomes) == [
        "new", "swapped_lat_lng", "accuracy_out_of_range", "description_too_long", "key_unknown",
        "new",
    ]  # fmt: skip
    assert await count(tx, "cases") == await count(tx, "reports") == 2


async def test_a_row_that_the_database_refuses_fails_alone(app: FastAPI, tx: Transaction) -> None:
    await publish_small_city(tx)
    await tx.execute(
        text(
            """
            CREATE FUNCTION refuse_noise() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.category = 'noise' THEN RAISE EXCEPTION 'no noise'; END IF;
                RETURN NEW;
            END $$
            """
        )
    )
    await tx.execute(
        text(
            "CREATE TRIGGER quiet BEFORE INSERT ON cases"
            " FOR EACH ROW EXECUTE FUNCTION refuse_noise()"
        )
    )
    queue = IntakeQueue(app.state.service.transaction, Batches(app.state.service).take, writers=1)
    outcomes = await asyncio.gather(
        *(queue.submit(sent(category=word)) for word in ("other", "noise", "garbage", "noise")),
        return_exceptions=True,
    )
    assert [isinstance(each, Received) for each in outcomes] == [True, False, True, False]
    assert {table: await count(tx, table) for table in TABLES} == dict.fromkeys(TABLES, 2)
    journalled = "SELECT count(*) FROM journal WHERE kind = 'report.received'"
    assert (await tx.execute(text(journalled))).scalar_one() == 2


async def test_the_channel_is_that_of_the_key_and_ids_are_its_own(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    first, second = await add_key(tx, "热线", "hotline"), await add_key(tx, "app", "program")
    by_key = [replace(sent("k"), key_hash=hash_of_key(key)) for key in (first, second, first)]
    outcomes = await take(app, tx, *by_key, sent("k"))
    assert codes(outcomes) == ["new", "new", "replay", "new"]
    rows = await tx.execute(text("SELECT channel FROM reports ORDER BY id"))
    assert sorted(rows.scalars()) == ["hotline", "program", "web"]
    actors = await tx.execute(text("SELECT actor FROM journal WHERE kind = 'report.received'"))
    assert sorted(actors.scalars()) == sorted(["app", "web", "热线"])


async def test_a_revoked_key_opens_nothing_from_the_next_batch_on(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    by_key = replace(sent(), key_hash=hash_of_key(await add_key(tx, "app", "program")))
    batches = Batches(app.state.service)
    assert codes(await batches.take(tx, [by_key])) == ["new"]
    await revoke_key(tx, "app")
    assert codes(await batches.take(tx, [by_key])) == ["key_unknown"]


async def test_a_duty_row_counts_from_the_batch_after_it_was_written(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    grid = (await tx.execute(text("SELECT id FROM grids WHERE code = 'g00'"))).scalar_one()
    now = datetime.now(UTC)
    await put_staff(tx, {"s1": "一", "s2": "二"})
    batches = Batches(app.state.service)
    await batches.take(tx, [sent(at=now)])
    await add_duties(tx, [Post("s1", "worker", "grid", grid, None, now)])
    await add_duties(tx, [Post("s2", "worker", "grid", grid, now, None)])
    before, after = now - timedelta(microseconds=1), now
    await batches.take(tx, [sent(at=before), sent(at=after), sent(at=now, lng=121.025)])
    rows = await tx.execute(
        text(
            "SELECT staff.code, staff_rule FROM reports LEFT JOIN staff ON staff.id = staff_id"
            " ORDER BY case_number"
        )
    )
    nobody = (None, None)
    assert [tuple(row) for row in rows] == [nobody, ("s1", 1), ("s2", 1), nobody]


async def test_a_version_and_a_category_of_a_moment_ago_are_known(
    app: FastAPI, tx: Transaction
) -> None:
    await publish_small_city(tx)
    batches = Batches(app.state.service)
    assert codes(await batches.take(tx, [sent(category="drones")])) == ["category_unknown"]
    await add_categories(tx, {"drones": ("无人机", "Drones")})
    frame = nine_grids()
    frame["code"] = frame["code"].str.replace("g", "h")
    await publish_small_city(tx, frame=frame, at=NOON + timedelta(hours=1))
    (outcome,) = await batches.take(tx, [sent(category="drones")])
    assert isinstance(outcome, Received)
    assert outcome.grid_code == "h00"


@pytest.mark.parametrize(
    ("lng", "lat", "reason", "grid"),
    [
        (121.005, 30.005, "inside", "g00"),
        (121.01, 30.005, "edge", "g00"),
        (120.9999, 30.005, "nearest", "g00"),
        (120.9, 30.005, "outside", None),
    ],
)
async def test_each_reason_is_stored_with_its_grid_and_its_candidates(
    app: FastAPI, tx: Transaction, lng: float, lat: float, reason: str, grid: str | None
) -> None:
    await publish_small_city(tx)
    (outcome,) = await take(app, tx, sent(lng=lng, lat=lat))
    assert isinstance(outcome, Received)
    assert (outcome.reason.word, outcome.grid_code) == (reason, grid)
    locator = outcome.locator
    assert locator is not None
    index = locator.index
    assert outcome.candidates() == [index.codes[at] for at in index.candidates(lng, lat, 0.0)]
