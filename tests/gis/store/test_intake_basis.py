"""The revision of the intake's basis is another after every change of it, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gis.store.engine import CityEngine, Transaction, transaction
from gis.store.intake_lookup import Found, Question, look_up, sum_up_revision
from gis.store.staff import Post, add_assignments, add_duties, put_staff
from tests.committed_city import committed_city
from tests.small_city import NOON, publish_small_city

QUESTION = Question(NOON, NOON)

CHANGES = {
    "a version": "INSERT INTO boundary_versions (number, effective_at, content_hash,"
    " outline, published_by) SELECT number + 1, now(), content_hash, outline, 'x'"
    " FROM boundary_versions",
    "a category": "INSERT INTO categories (code, name_zh, name_en) VALUES ('x', 'x', 'x')",
    "a key": "INSERT INTO channel_keys (name, channel, key_hash) VALUES ('x', 'program', 'x')",
    "a revoked key": "UPDATE channel_keys SET revoked_at = now()",
    "a new name": "UPDATE staff SET name = 'new'",
    "a duty that ends": "UPDATE duties SET during = tstzrange(lower(during), now())",
    "a duty that was a mistake": "DELETE FROM duties",
    "an assignment elsewhere": "UPDATE assignments SET grid_id = grid_id + 1",
    "no assignment any more": "TRUNCATE assignments",
}
NOT_CHANGES = (
    "UPDATE staff SET name = 'x' WHERE code = 'nobody'",
    "DELETE FROM duties WHERE false",
    "INSERT INTO categories SELECT 'x', 'x', 'x' WHERE false",
    "UPDATE cities SET generated = generated",
)


async def revision(tx: Transaction) -> int:
    return (await look_up(tx, QUESTION)).revision


async def fill(tx: Transaction) -> None:
    await publish_small_city(tx)
    grid = (await tx.execute(text("SELECT id FROM grids WHERE code = 'g00'"))).scalar_one()
    await put_staff(tx, {"s1": "一"})
    await add_duties(tx, [Post("s1", "worker", "grid", grid, None, NOON)])
    await add_assignments(tx, [Post("s1", "worker", "grid", grid, None, NOON)])
    await tx.execute(
        text("INSERT INTO channel_keys (name, channel, key_hash) VALUES ('first', 'program', 'f')")
    )


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_each_change_of_the_basis_gives_another_revision(
    tx: Transaction, change: str
) -> None:
    await fill(tx)
    before = await look_up(tx, QUESTION)
    await tx.execute(text(change))
    after = await look_up(tx, QUESTION)
    assert after.revision > before.revision
    assert after.revision_rows == before.revision_rows + 1


async def test_a_city_set_back_and_changed_as_often_has_another_revision(tx: Transaction) -> None:
    await fill(tx)
    seen = set()
    for _ in range(5):
        earlier = await tx.begin_nested()
        await tx.execute(text("UPDATE staff SET name = 'new'"))
        seen.add(await revision(tx))
        await earlier.rollback()
    assert len(seen) == 5


async def test_what_changes_no_row_of_it_leaves_the_revision(tx: Transaction) -> None:
    await fill(tx)
    before = await revision(tx)
    for statement in NOT_CHANGES:
        await tx.execute(text(statement))
    assert await revision(tx) == before


async def test_the_sum_made_anew_is_the_sum(tx: Transaction) -> None:
    await fill(tx)
    for _ in range(3):
        await tx.execute(text("UPDATE staff SET name = name || '二'"))
    before = await look_up(tx, QUESTION)
    assert before.revision_rows > 3
    await sum_up_revision(tx)
    after = await look_up(tx, QUESTION)
    assert (after.revision, after.revision_rows) == (before.revision, 1)


async def test_two_who_sum_up_beside_an_uncommitted_change_lose_none(cluster_url: str) -> None:
    async def seen(engine: CityEngine) -> Found:
        async with transaction(engine) as tx:
            return await look_up(tx, QUESTION)

    async with committed_city(cluster_url, "summed") as engine:
        async with transaction(engine) as tx:
            await fill(tx)
        before = await seen(engine)
        async with transaction(engine) as editor:
            await editor.execute(text("UPDATE staff SET name = 'new'"))
            async with transaction(engine) as one, transaction(engine) as other:
                await sum_up_revision(one)
                await sum_up_revision(other)
            assert (await seen(engine)).revision == before.revision
        assert (await seen(engine)).revision > before.revision
