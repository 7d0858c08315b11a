"""Boundary versions: one chain, whole coverages, nothing changed once published."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
import shapely
from sqlalchemy import text

from gis.coverage import prove
from gis.errors import BadInput, Conflict
from gis.store.engine import Transaction
from gis.store.grids import city_bounds, count_levels, get_grid, list_grids, load_grids
from gis.store.versions import BEGINNING, version_at, version_chain
from tests.small_city import CRS, NOON, SOUTH, STEP, WEST, nine_grids, publish_small_city

TABLES_OF_A_VERSION = ("township_versions", "community_versions", "grid_versions")


async def test_a_published_coverage_comes_back_vertex_for_vertex(tx: Transaction) -> None:
    published = await publish_small_city(tx)
    back = await load_grids(tx, published.version.id)
    given = nine_grids()
    assert list(back["code"]) == list(given["code"])
    assert (shapely.to_wkb(back.geometry) == shapely.to_wkb(given.geometry)).all()
    for column in ("name", "kind", "community", "community_name", "township", "township_name"):
        assert list(back[column]) == list(given[column]), column


async def test_the_first_version_is_in_force_from_the_beginning(tx: Transaction) -> None:
    published = await publish_small_city(tx)
    assert published.version.effective_at == BEGINNING
    chain = await version_chain(tx)
    assert version_at(chain, BEGINNING) == chain[0]
    assert version_at(chain, BEGINNING - timedelta(microseconds=1)) is None


async def test_publishing_the_same_coverage_again_changes_nothing(tx: Transaction) -> None:
    first = await publish_small_city(tx)
    again = await publish_small_city(tx, at=NOON + timedelta(days=1))
    assert not again.is_new
    assert again.version.id == first.version.id
    assert len(await version_chain(tx)) == 1


async def test_a_second_version_takes_over_at_its_instant(tx: Transaction) -> None:
    await publish_small_city(tx)
    renamed = nine_grids().assign(name="改名")
    await publish_small_city(tx, at=NOON, frame=renamed)
    first, second = await version_chain(tx)
    assert (first.until, second.until) == (NOON, None)
    assert version_at([first, second], NOON - timedelta(microseconds=1)) == first
    assert version_at([first, second], NOON) == second
    assert {row.name for row in await list_grids(tx, second.id, limit=20)} == {"改名"}
    assert "改名" not in {row.name for row in await list_grids(tx, first.id, limit=20)}


async def test_a_version_cannot_take_effect_before_the_latest(tx: Transaction) -> None:
    await publish_small_city(tx)
    await publish_small_city(tx, at=NOON, frame=nine_grids().assign(name="a"))
    with pytest.raises(Conflict) as refusal:
        await publish_small_city(tx, at=NOON, frame=nine_grids().assign(name="b"))
    assert refusal.value.code == "effective_too_early"


async def test_a_code_that_was_given_up_is_not_used_again(tx: Transaction) -> None:
    await publish_small_city(tx)
    other = nine_grids().replace({"code": {"g21": "h21", "g22": "h22"}})
    await publish_small_city(tx, at=NOON, frame=other)
    with pytest.raises(Conflict, match="g21, g22") as refusal:
        await publish_small_city(tx, at=NOON + timedelta(days=1))
    assert refusal.value.code == "code_used_before"
    assert refusal.value.where == {"codes": ["g21", "g22"]}
    assert len(await version_chain(tx)) == 2


async def test_a_code_in_use_and_a_new_one_may_be_published(tx: Transaction) -> None:
    await publish_small_city(tx)
    other = nine_grids().replace({"code": {"g22": "h22"}})
    await publish_small_city(tx, at=NOON, frame=other)
    renamed = other.replace({"code": {"g21": "i21"}}).assign(name="改名")
    assert (await publish_small_city(tx, at=NOON + timedelta(days=1), frame=renamed)).is_new


async def test_an_outline_changes_only_when_that_is_declared(tx: Transaction) -> None:
    await publish_small_city(tx)
    smaller = nine_grids().query("code != 'g22'").reset_index(drop=True)
    with pytest.raises(BadInput) as refusal:
        await publish_small_city(tx, at=NOON, frame=smaller)
    assert refusal.value.code == "outline_changed"
    assert len(await version_chain(tx)) == 1
    declared = await publish_small_city(tx, at=NOON, frame=smaller, allow_outline_change=True)
    assert declared.outline_change is not None
    assert declared.outline_change.added_m2 == 0.0
    assert declared.outline_change.removed_m2 == pytest.approx(965 * 1108.5, rel=0.01)


async def test_a_proof_of_other_shapes_does_not_let_a_broken_coverage_in(tx: Transaction) -> None:
    whole = nine_grids()
    proven = prove(list(whole["code"]), whole.geometry.to_numpy(), None, CRS)
    broken = whole.copy()
    broken.loc[4, "geometry"] = shapely.transform(broken.geometry[4], lambda at: at + 1e-9)
    with pytest.raises(BadInput) as refusal:
        await publish_small_city(tx, frame=broken, proven=proven)
    assert refusal.value.code == "coverage_invalid"
    assert not await version_chain(tx)
    assert (await publish_small_city(tx, frame=whole, proven=proven)).is_new


async def test_a_proof_does_not_declare_that_the_outline_may_move(tx: Transaction) -> None:
    await publish_small_city(tx)
    smaller = nine_grids().query("code != 'g22'").reset_index(drop=True)
    proven = prove(list(smaller["code"]), smaller.geometry.to_numpy(), None, CRS)
    with pytest.raises(BadInput) as refusal:
        await publish_small_city(tx, at=NOON, frame=smaller, proven=proven)
    assert refusal.value.code == "outline_changed"


async def test_an_edge_inside_the_outline_moves_without_a_declaration(tx: Transaction) -> None:
    await publish_small_city(tx)
    moved = nine_grids()
    inner = (WEST + STEP, SOUTH + STEP)
    moved["geometry"] = shapely.transform(
        moved.geometry.to_numpy(),
        lambda xy: np.where(
            np.isclose(xy, inner, rtol=0).all(axis=1, keepdims=True), xy + 0.001, xy
        ),
    )
    assert (await publish_small_city(tx, at=NOON, frame=moved)).outline_change is None


async def test_an_overlap_is_refused_and_nothing_is_written(tx: Transaction) -> None:
    frame = nine_grids()
    frame.loc[0, "geometry"] = shapely.box(121.0, 30.0, 121.011, 30.01)
    with pytest.raises(BadInput):
        await publish_small_city(tx, frame=frame)
    assert await version_chain(tx) == ()
    assert (await tx.execute(text("SELECT count(*) FROM grids"))).scalar_one() == 0


async def test_upper_levels_are_the_unions_of_their_grids(tx: Transaction) -> None:
    published = await publish_small_city(tx)
    rows = await tx.execute(
        text(
            "SELECT code, ST_AsBinary(geometry) AS shape FROM community_versions"
            " JOIN communities ON id = community_id"
        )
    )
    frame = nine_grids()
    for code, shape in rows:
        union = shapely.union_all(frame.geometry[frame["community"] == code].to_numpy())
        assert shapely.equals(shapely.from_wkb(shape), union), code
    assert await count_levels(tx, published.version.id) == (2, 2, 9)
    bounds = await city_bounds(tx, published.version.id)
    assert bounds == pytest.approx((121.0, 30.0, 121.03, 30.03), abs=1e-9)


async def test_a_page_of_grids_continues_after_its_last_code(tx: Transaction) -> None:
    version = (await publish_small_city(tx)).version
    seen: list[str] = []
    after = None
    while page := await list_grids(tx, version.id, after=after, limit=4):
        seen += [row.code for row in page]
        after = seen[-1]
    assert seen == list(nine_grids()["code"])


@pytest.mark.parametrize("words", ["%", "_", "g_0", "\\"])
async def test_wildcards_in_a_search_are_plain_characters(tx: Transaction, words: str) -> None:
    version = (await publish_small_city(tx)).version
    assert await list_grids(tx, version.id, matching=words, limit=9) == []


async def test_a_grid_is_found_by_part_of_its_name_or_code(tx: Transaction) -> None:
    version = (await publish_small_city(tx)).version
    assert [g.code for g in await list_grids(tx, version.id, matching="格 1-", limit=9)] == [
        "g10",
        "g11",
        "g12",
    ]
    assert [g.code for g in await list_grids(tx, version.id, matching="G22", limit=9)] == ["g22"]


async def test_a_grid_that_is_not_there_is_none(tx: Transaction) -> None:
    version = (await publish_small_city(tx)).version
    assert await get_grid(tx, version.id, "g99") is None


async def test_a_label_lies_inside_its_grid(tx: Transaction) -> None:
    version = (await publish_small_city(tx)).version
    frame = nine_grids().set_index("code")
    for row in await list_grids(tx, version.id, limit=9):
        assert frame.geometry[row.code].contains(shapely.Point(row.lng, row.lat)), row.code


async def test_queries_are_planned_for_a_version_from_its_own_transaction_on(
    tx: Transaction,
) -> None:
    # As the autovacuum leaves it when it comes by while a first import is rolled back.
    for table in TABLES_OF_A_VERSION:
        await tx.execute(text(f"ANALYZE {table}"))
    await publish_small_city(tx)
    for table in TABLES_OF_A_VERSION:
        believed = await tx.scalar(
            text("SELECT reltuples FROM pg_class WHERE oid = CAST(:table AS regclass)"),
            {"table": table},
        )
        counted = await tx.scalar(text(f"SELECT count(*) FROM {table}"))
        assert believed == counted > 0, table
