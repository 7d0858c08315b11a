"""Cases as columns: what is read is what is stored, and every change of a final one is counted."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import text

from gis.store.case_blocks import (
    BLOCK_BITS,
    EPOCH,
    final_cases,
    open_cases_now,
    sum_up_changes,
)
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.tables.cases import CASE_KINDS, CASE_STATES, FINAL_STATES
from tests.tiles.made_cases import add_cases, case_frame

EVERY_CASE = CaseFilter(held=True)


async def changes(tx: Transaction) -> dict[int, int]:
    return dict((await open_cases_now(tx, EVERY_CASE)).changes)


async def store(tx: Transaction, count: int = 30, **values: str) -> None:
    """Cases round-robin in the states received, handling, closed; or all with these values."""
    places = np.linspace(0.01, 0.2, count)
    await add_cases(tx, case_frame(121 + places, 30 + places).assign(**values))


async def test_open_and_final_cases_are_read_as_they_are_stored(tx: Transaction) -> None:
    await store(tx)
    await tx.execute(text("UPDATE cases SET held_at = now() WHERE number % 5 = 0"))
    rows = await tx.execute(
        text(
            "SELECT number, ST_X(point) AS lng, ST_Y(point) AS lat, occurred_at, category, state,"
            " kind, urgency, held_at FROM cases"
        )
    )
    stored = {row.number: row for row in rows}
    seen = set()
    for cases in ((await open_cases_now(tx, EVERY_CASE)).cases, await final_cases(tx, 0)):
        for index, number in enumerate(cases.number.tolist()):
            row = stored[number]
            seen.add(number)
            assert (cases.lng[index], cases.lat[index]) == (row.lng, row.lat)
            microseconds = int((row.occurred_at - EPOCH).total_seconds() * 1_000_000)
            assert cases.occurred_us[index] == microseconds
            assert cases.categories[cases.category[index]] == row.category
            assert CASE_STATES[cases.state[index]] == row.state
            assert CASE_KINDS[cases.kind[index]] == row.kind
            assert cases.is_urgent[index] == (row.urgency == "urgent")
            assert cases.is_held[index] == (row.held_at is not None)
            assert (cases.grid_id[index], cases.today_grid_id[index]) == (-1, -1)
    assert seen == set(stored)


async def test_a_block_holds_its_numbers_and_no_others(tx: Transaction) -> None:
    await store(tx, state="closed")
    edge = 1 << BLOCK_BITS
    await tx.execute(text("UPDATE cases SET number = number + :edge - 16"), {"edge": edge})
    first, second = [(await final_cases(tx, block)).number for block in (0, 1)]
    assert first.max() == edge - 1
    assert second.min() == edge
    assert len(first) + len(second) == 30


async def test_open_cases_come_and_change_without_a_trace(tx: Transaction) -> None:
    await store(tx, state="received")
    await tx.execute(text("UPDATE cases SET state = 'handling'"))
    assert await changes(tx) == {}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases SET state = 'closed' WHERE number = 1",
        "UPDATE cases SET state = 'handling' WHERE number = 3",
        "UPDATE cases SET category = 'other' WHERE number = 3",
        "DELETE FROM cases WHERE number = 3",
        "INSERT INTO cases (kind, state, category, channel, occurred_at, received_at, point,"
        " cell, grid_reason) SELECT kind, state, category, channel, occurred_at, received_at,"
        " point, cell, grid_reason FROM cases WHERE number = 3",
    ],
)
async def test_every_change_of_a_final_case_is_counted_in_its_block(
    tx: Transaction, change: str
) -> None:
    await store(tx)
    await tx.execute(text("ALTER TABLE cases ALTER number RESTART WITH 1000"))
    before = await changes(tx)
    await tx.execute(text(change))
    assert (await changes(tx))[0] > before[0]


async def test_summing_up_leaves_every_count_as_it_was(tx: Transaction) -> None:
    await store(tx)
    for number in range(1, 8):
        await tx.execute(text("UPDATE cases SET revision = 2 WHERE number = :n"), {"n": number})
    before = await changes(tx)
    await sum_up_changes(tx)
    assert await changes(tx) == before
    rows = await tx.execute(text("SELECT count(*) FROM case_block_changes"))
    assert rows.scalar_one() == len(before)


async def test_the_states_the_triggers_watch_are_the_final_ones(tx: Transaction) -> None:
    for state in CASE_STATES:
        await tx.execute(text("DELETE FROM cases"))
        before = sum((await changes(tx)).values())
        await store(tx, 3, state=state)
        assert (sum((await changes(tx)).values()) > before) == (state in FINAL_STATES)
