"""What a service keeps from batch to batch never makes an answer differ."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text

import gis.store.intake_lookup
from api.cases.intake import IncomingReport
from api.intake.batch import Batches, Outcome
from api.intake.submission import Received, Submission
from gis.datum import Datum
from gis.errors import WanggeError
from gis.store.channel_keys import add_key, hash_of_key, revoke_key
from gis.store.cities import add_categories
from gis.store.engine import Transaction, transaction
from gis.store.staff import Post, add_assignments, add_duties, put_staff
from tests.committed_city import committed_city
from tests.small_city import nine_grids, publish_small_city

LEVELS = {"grid": "grids", "community": "communities", "township": "townships"}
STAFF = [f"s{number}" for number in range(6)]


def report(rng: random.Random, keys: list[str], at: datetime, *, is_plain: bool) -> Submission:
    """A report; a plain one is new and right, so that it may be stored without asking first."""
    key = rng.choice([*keys, None] if is_plain else [*keys, "guessed", None, None])
    return Submission(
        IncomingReport(
            rng.uniform(120.99, 121.04),
            rng.uniform(29.99, 30.04),
            Datum.WGS84,
            rng.choice(["other", "noise"] if is_plain else ["other", "drones", "unheard-of"]),
            "通道堵了",
        ),
        "web",
        "web",
        at,
        idempotency_key=None if is_plain else rng.choice([None, f"k{rng.randrange(12)}"]),
        key_hash=None if key is None else hash_of_key(key),
    )


async def change(tx: Transaction, rng: random.Random, keys: list[str], at: datetime) -> None:
    """Something that reports are checked, placed or answered by."""
    turn = rng.randrange(8)
    if turn == 0 and keys:
        await revoke_key(tx, str(keys.index(keys[-1])))
    elif turn == 1:
        keys.append(await add_key(tx, str(len(keys)), rng.choice(["program", "hotline"])))
    elif turn == 2:
        await add_categories(tx, {"drones": ("无人机", "Drones")})
    elif turn == 3:
        word = rng.choice(["DELETE FROM duties", "DELETE FROM assignments"])
        await tx.execute(text(f"{word} WHERE random() < 0.5"))
    elif turn == 4:
        frame = nine_grids()
        frame["code"] = frame["code"].str.replace("g", rng.choice("hijk"))
        await publish_small_city(tx, frame=frame, at=at - timedelta(seconds=rng.randrange(1, 40)))
    else:
        level = rng.choice(list(LEVELS))
        ids = (await tx.execute(text(f"SELECT id FROM {LEVELS[level]} ORDER BY id"))).scalars()
        start, end = at, at + timedelta(minutes=rng.randrange(1, 30))
        post = Post(rng.choice(STAFF), "worker", level, rng.choice(list(ids)), start, end)
        await (add_duties if turn == 5 else add_assignments)(tx, [post])


def told(outcome: Outcome) -> object:
    if isinstance(outcome, WanggeError):
        return outcome.code
    return outcome.is_replay, outcome.grid_code, outcome.reason, outcome.receipt != ""


async def stored(tx: Transaction, outcomes: list[Outcome]) -> list[object]:
    """Who answers for each by which rule, and through which channel it came."""
    rows = await tx.execute(
        text(
            "SELECT reports.id, channel, grid_id, version_id, staff.code, staff_rule, staff_row"
            " FROM reports LEFT JOIN staff ON staff.id = staff_id"
        )
    )
    by_id = {row.id: tuple(row)[1:] for row in rows}
    return [by_id[each.report_id] if isinstance(each, Received) else None for each in outcomes]


@pytest.mark.parametrize("seed", range(12))
async def test_through_any_changes_it_answers_as_one_that_has_kept_nothing(
    app: FastAPI, tx: Transaction, seed: int
) -> None:
    rng = random.Random(seed)
    await publish_small_city(tx)
    await put_staff(tx, dict.fromkeys(STAFF, "一"))
    keeping, keys, at = Batches(app.state.service), list[str](), datetime.now(UTC)
    for _ in range(30):
        at += timedelta(minutes=rng.choice([0, 0, 0, 1, 8, 25]))
        for _ in range(rng.choice([0, 0, 1, 2])):
            try:
                async with tx.begin_nested():
                    await change(tx, rng, keys, at)
            except WanggeError:
                continue  # a version that comes before the last, somebody twice at one post
        is_plain = rng.random() < 0.7
        batch = [report(rng, keys, at, is_plain=is_plain) for _ in range(rng.randrange(1, 5))]
        answers = []
        for batches in (Batches(app.state.service), keeping):
            undone = await tx.begin_nested()
            outcomes = await batches.take(tx, batch)
            answers.append(([told(each) for each in outcomes], await stored(tx, outcomes)))
            if batches is keeping:
                await undone.commit()
            else:
                await undone.rollback()
        assert answers[0] == answers[1]


async def test_a_change_between_looking_and_storing_is_seen_before_anything_is_stored(
    app: FastAPI, cluster_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with committed_city(cluster_url, "changing") as engine:
        async with transaction(engine) as tx:
            await publish_small_city(tx)
            await put_staff(tx, {"s1": "一"})
            grid = (await tx.execute(text("SELECT id FROM grids WHERE code = 'g00'"))).scalar_one()
        asked = 0
        look_up = gis.store.intake_lookup.look_up

        async def look_up_then_change(*args: object) -> object:
            nonlocal asked
            found = await look_up(*args)  # type: ignore[arg-type]
            asked += 1
            if asked == 1:
                async with transaction(engine) as editor:
                    await add_duties(editor, [Post("s1", "worker", "grid", grid, None, None)])
            return found

        monkeypatch.setattr("api.intake.batch.look_up", look_up_then_change)
        submission = Submission(
            IncomingReport(121.005, 30.005, Datum.WGS84, "other", "通道堵了"),
            "web",
            "web",
            datetime.now(UTC),
        )
        async with engine.connect() as connection:
            own = await connection.execution_options(isolation_level="AUTOCOMMIT")
            (outcome,) = await Batches(app.state.service).take(own, [submission])
        assert isinstance(outcome, Received)
        async with transaction(engine) as tx:
            rows = await tx.execute(
                text("SELECT code, staff_rule FROM reports JOIN staff ON staff.id = staff_id")
            )
            assert [tuple(row) for row in rows] == [("s1", 1)]
