from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from gis.store.engine import Transaction
from gis.store.tile_shapes import bump, versions
from tiles.edition import Edition, edition_at
from tiles.layers import get_layer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_a_bump_makes_the_number_grow_and_leaves_other_layers_alone(tx: Transaction) -> None:
    assert await versions(tx) == {}
    await bump(tx, ["cases", "grids"])
    first = await versions(tx)
    await bump(tx, ["cases", "cases"])
    second = await versions(tx)
    assert second["cases"] > first["cases"]
    assert second["grids"] == first["grids"]


async def test_a_bump_grows_although_the_clock_went_back(tx: Transaction) -> None:
    ahead = 10**15
    await tx.execute(text("INSERT INTO tile_versions VALUES ('cases', :ahead)"), {"ahead": ahead})
    await bump(tx, ["cases"])
    assert await versions(tx) == {"cases": ahead + 1}


async def test_numbers_of_a_city_made_anew_are_not_those_of_the_one_before(tx: Transaction) -> None:
    savepoint = await tx.begin_nested()
    await bump(tx, ["cases"])
    await bump(tx, ["cases"])
    before = await versions(tx)
    await savepoint.rollback()
    await tx.execute(text("SELECT pg_sleep(0.005)"))
    await bump(tx, ["cases"])
    assert (await versions(tx))["cases"] > before["cases"]


async def test_a_city_without_a_version_has_an_edition(tx: Transaction) -> None:
    edition = await edition_at(tx, get_layer("grids"), NOON)
    assert edition == Edition(None, 0)
    assert str(edition)


async def test_a_version_published_ahead_changes_the_edition_when_it_takes_effect(
    tx: Transaction,
) -> None:
    await tx.execute(
        text("""
            INSERT INTO boundary_versions
                (number, effective_at, published_by, content_hash, outline)
            SELECT number, at, 'test', 'x', ST_Multi(ST_MakeEnvelope(121, 30, 122, 31, 4326))
            FROM (VALUES (1, CAST(:first AS timestamptz)), (2, :second)) AS v (number, at)
        """),
        {"first": NOON - timedelta(days=9), "second": NOON},
    )
    await bump(tx, ["grids"])
    before = await edition_at(tx, get_layer("grids"), NOON - timedelta(microseconds=1))
    since = await edition_at(tx, get_layer("grids"), NOON)
    assert before.number == since.number
    assert before.version_id != since.version_id
    assert str(before) != str(since)


async def test_the_edition_of_a_layer_does_not_change_with_another_layer(tx: Transaction) -> None:
    before = await edition_at(tx, get_layer("grids"), NOON)
    await bump(tx, ["cases"])
    assert await edition_at(tx, get_layer("grids"), NOON) == before
