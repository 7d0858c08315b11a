"""What is kept of final cases never shows in a tile: it is as if every tile were read anew."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sqlalchemy import text

from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from tests.tiles.decoding import decoded, tile_of
from tests.tiles.made_cases import add_cases, case_frame
from tiles.case_memory import CaseMemory
from tiles.layers import get_layer
from tiles.mvt import render

CASES = get_layer("cases")
EVERY_CASE = CaseFilter()
TILE = tile_of(121.2, 30.2, 6)


async def counted(
    tx: Transaction, memory: CaseMemory | None, wanted: CaseFilter = EVERY_CASE
) -> int:
    tile = await render(tx, CASES, *TILE, None, wanted, memory)
    return sum(spot.properties["n"] for spot in decoded(tile).get("cases", []))


def scattered(count: int, first: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(first)
    cases = case_frame(random.uniform(121.1, 121.3, count), random.uniform(30.1, 30.3, count))
    return cases.assign(number=cases["number"] + first - 1)


async def test_a_case_that_closes_is_counted_once_throughout(tx: Transaction) -> None:
    await add_cases(tx, scattered(60))
    memory = CaseMemory()
    closed = CaseFilter(states=("closed",))
    assert (await counted(tx, memory), await counted(tx, memory, closed)) == (60, 20)
    await tx.execute(text("UPDATE cases SET state = 'closed' WHERE number = 1"))
    assert (await counted(tx, memory), await counted(tx, memory, closed)) == (60, 21)
    await tx.execute(text("UPDATE cases SET state = 'handling' WHERE number IN (1, 3)"))
    assert (await counted(tx, memory), await counted(tx, memory, closed)) == (60, 19)


async def test_whatever_happens_the_memory_answers_as_a_fresh_one(tx: Transaction) -> None:
    random = np.random.default_rng(11)
    memory = CaseMemory()
    await add_cases(tx, scattered(200))
    happenings = (
        "UPDATE cases SET state = 'closed' WHERE number % 7 = :some",
        "UPDATE cases SET state = 'handling' WHERE number % 7 = :some",
        "UPDATE cases SET category = 'noise' WHERE number % 7 = :some",
        "UPDATE cases SET held_at = now() WHERE number % 31 = :some",
        "UPDATE cases SET number = number + 20000 WHERE number % 60 = :some",
        "DELETE FROM cases WHERE number % 40 = :some",
    )
    filters = (
        CaseFilter(),
        CaseFilter(states=("closed",), held=True),
        CaseFilter(hidden=("noise",)),
        CaseFilter(states=("received", "handling")),
    )
    for _ in range(25):
        happened = happenings[int(random.integers(len(happenings)))]
        await tx.execute(text(happened), {"some": int(random.integers(7))})
        for wanted in filters:
            assert await counted(tx, memory, wanted) == await counted(tx, None, wanted)


async def test_a_tile_counts_what_the_list_counts(tx: Transaction) -> None:
    await add_cases(tx, scattered(300))
    in_list = await tx.execute(text("SELECT count(*) FROM cases WHERE category <> 'noise'"))
    assert await counted(tx, CaseMemory(), CaseFilter(hidden=("noise",))) == in_list.scalar_one()
