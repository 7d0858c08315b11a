"""Assignments and duties: one area each, no one twice, ready to be asked by instant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gis.errors import Conflict
from gis.store.engine import Transaction, translated_errors
from gis.store.staff import (
    Post,
    add_assignments,
    add_duties,
    area_ids,
    posts_during,
    put_staff,
    staff_codes,
)
from tests.small_city import NOON, publish_small_city

HOUR = timedelta(hours=1)


async def peopled(tx: Transaction) -> dict[str, tuple[str, int]]:
    """The small city with staff s1 and s2; gives its areas by code."""
    await publish_small_city(tx)
    await put_staff(tx, {"s1": "甲", "s2": "乙"})
    return await area_ids(tx)


def shift(staff: str, area: tuple[str, int], start: int, end: int, role: str = "worker") -> Post:
    return Post(staff, role, *area, NOON + start * HOUR, NOON + end * HOUR)


async def test_every_area_is_known_by_its_code_and_level(tx: Transaction) -> None:
    areas = await peopled(tx)
    assert {code: level for code, (level, _) in areas.items()} == {
        **{f"g{column}{row}": "grid" for column in range(3) for row in range(3)},
        "c0": "community",
        "c1": "community",
        "t0": "township",
        "t1": "township",
    }


async def test_adding_the_same_rows_again_adds_nothing(tx: Transaction) -> None:
    areas = await peopled(tx)
    posts = [shift("s1", areas["g00"], 0, 8), shift("s1", areas["c0"], 0, 8)]
    assert await add_duties(tx, posts) == 2
    assert await add_duties(tx, posts) == 0
    open_ended = [Post("s1", "worker", *areas["g00"], None, None)]
    assert await add_assignments(tx, open_ended) == 1
    assert await add_assignments(tx, open_ended) == 0


@pytest.mark.parametrize(("start", "end"), [(7, 9), (1, 2), (-1, 9), (0, 9)])
async def test_a_person_cannot_hold_a_role_in_a_grid_twice_at_once(
    tx: Transaction, start: int, end: int
) -> None:
    areas = await peopled(tx)
    await add_duties(tx, [shift("s1", areas["g00"], 0, 8)])
    with pytest.raises(Conflict, match="s1 is worker in g00 already"):
        await add_duties(tx, [shift("s1", areas["g00"], start, end)])


async def test_the_exclusion_is_on_person_area_role_and_interval(tx: Transaction) -> None:
    areas = await peopled(tx)
    duties = [
        shift("s1", areas["g00"], 0, 8),
        shift("s2", areas["g00"], 0, 8),
        shift("s1", areas["g01"], 0, 8),
        shift("s1", areas["g00"], 0, 8, role="grid_lead"),
        shift("s1", areas["g00"], 8, 16),
        shift("s1", areas["c0"], 0, 8),
    ]
    assert await add_duties(tx, duties) == len(duties)


@pytest.mark.parametrize(("table", "interval"), [("duties", "during"), ("assignments", "valid")])
async def test_the_database_itself_excludes_an_overlap(
    tx: Transaction, table: str, interval: str
) -> None:
    areas = await peopled(tx)
    row = text(
        f"INSERT INTO {table} (staff_id, role, grid_id, {interval})"
        " SELECT min(id), 'worker', :grid, tstzrange(:start, :stop) FROM staff"
    )
    given = {"grid": areas["g00"][1], "start": NOON, "stop": NOON + 8 * HOUR}
    await tx.execute(row, given)
    await tx.execute(row, given | {"start": NOON + 8 * HOUR, "stop": NOON + 9 * HOUR})
    with pytest.raises(Conflict) as refusal, translated_errors():
        await tx.execute(row, given | {"start": NOON + 7 * HOUR})
    assert refusal.value.where["constraint"] == f"ex_{table}_once"


async def test_ids_of_assignments_and_duties_never_meet(tx: Transaction) -> None:
    areas = await peopled(tx)
    await add_duties(tx, [shift("s1", areas["g00"], hour, hour + 1) for hour in range(5)])
    await add_assignments(tx, [shift("s2", areas["g00"], hour, hour + 1) for hour in range(5)])
    rows = await tx.execute(text("SELECT id FROM duties UNION ALL SELECT id FROM assignments"))
    ids = rows.scalars().all()
    assert len(set(ids)) == 10


async def test_posts_are_those_that_meet_the_interval_in_the_three_areas(tx: Transaction) -> None:
    areas = await peopled(tx)
    await add_duties(
        tx,
        [
            shift("s1", areas["g00"], 0, 8),
            shift("s2", areas["g00"], 8, 16),
            shift("s1", areas["g22"], 0, 8),
            shift("s2", areas["c0"], 0, 8),
        ],
    )
    await add_assignments(tx, [Post("s2", "grid_lead", *areas["t0"], None, None)])

    async def asked(hour: int, **where: int) -> list[tuple[str, str, str]]:
        at = NOON + hour * HOUR
        found = await posts_during(tx, at, at, **where)
        columns = found[["table", "level", "staff_code"]]
        return sorted(columns.itertuples(index=False, name=None))

    here = {
        "grid_id": areas["g00"][1],
        "community_id": areas["c0"][1],
        "township_id": areas["t0"][1],
    }
    always = ("assignment", "township", "s2")
    assert await asked(0, **here) == [
        always,
        ("duty", "community", "s2"),
        ("duty", "grid", "s1"),
    ]
    assert await asked(8, **here) == [always, ("duty", "grid", "s2")]
    assert await asked(16, **here) == [always]
    assert len(await asked(0)) == 4


async def test_a_new_name_replaces_the_old_one(tx: Transaction) -> None:
    await peopled(tx)
    assert await put_staff(tx, {"s1": "甲", "s2": "丙"}) == 1
    assert await staff_codes(tx) == {"s1": "甲", "s2": "丙"}
