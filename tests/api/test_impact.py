"""The impact told before publishing is what publishing then does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import shapely
from sqlalchemy import text

from api.impact import impact_of
from boundaries.succession.impact import GridFigures, Impact, Move, Person, by_person
from gis.errors import NotFound
from gis.store.building_counts import replace_counts
from gis.store.counts_by_grid import counts_by_grid
from gis.store.engine import Transaction
from gis.store.versions import version_chain
from tests.api.handed_over import (
    PROFILE,
    add_case,
    grids_today,
    make_city,
    post,
    posts_of,
    publish,
    redrawn,
)
from tests.gis.store.counts_oracle import counted
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids

HOUR = timedelta(hours=1)
# Three of the lowest row: two are merged, the third gets another code; g22 leaves the city.
DRAFT = redrawn(nine_grids(), {"m": ["g00", "g10"], "n": ["g20"], "": ["g22"]})


def place(column: float, row: float) -> tuple[float, float]:
    return WEST + column * STEP, SOUTH + row * STEP


async def told(tx: Transaction) -> Impact:
    return await impact_of(tx, DRAFT, profile=PROFILE, now=NOON, at=NOON)


async def make_busy_city(tx: Transaction) -> None:
    """Posts of all kinds, and cases in every state and corner."""
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", NOON - HOUR, None)
    await post(tx, "assignments", "B", "g10", None, NOON + HOUR)
    await post(tx, "assignments", "Past", "g10", None, NOON)
    await post(tx, "assignments", "D", "g22", None, None)
    await post(tx, "assignments", "T", "c1", None, None)
    await post(tx, "duties", "C", "g00", NOON - HOUR, NOON + HOUR)
    await post(tx, "duties", "B", "g20", NOON + HOUR, NOON + 2 * HOUR)
    for number, (grid, person) in enumerate(
        [("g00", "A"), ("g00", "Past"), ("g10", None), ("g20", "T"), ("g22", "D"), ("g11", "A")],
        start=1,
    ):
        where = place(int(grid[1]) + 0.5, int(grid[2]) + 0.5)
        await add_case(tx, number, where, grid=grid, person=person)
    await add_case(tx, 7, place(0.5, 0.2), grid="g00", state="closed", person="A")


def short(moves: Sequence[Move]) -> set[tuple[object, ...]]:
    """Moves without ids and names."""

    def code(person: Person | None) -> str | None:
        return None if person is None else person.code

    return {
        (
            move.holder,
            move.row_id if move.holder == "cases" else None,
            code(move.person_from),
            code(move.person_to),
            move.grid_from,
            move.grid_to,
        )
        for move in moves
    }


async def test_every_case_assignment_and_duty_that_changes_hands_is_told(tx: Transaction) -> None:
    await make_busy_city(tx)
    impact = await told(tx)
    assert short(impact.moves) == {
        ("assignments", None, "A", "A", "g00", "m"),
        ("assignments", None, "B", "B", "g10", "m"),
        ("assignments", None, "D", None, "g22", None),
        ("duties", None, "C", "C", "g00", "m"),
        ("duties", None, "B", "B", "g20", "n"),
        ("cases", 1, "A", "A", "g00", "m"),
        # Nobody any more, and nobody yet: the duty of m is C's.
        ("cases", 2, "Past", "C", "g00", "m"),
        ("cases", 3, None, "C", "g10", "m"),
        # T has no post that answers in n; nobody is on duty there yet.
        ("cases", 4, "T", "T", "g20", "n"),
        ("cases", 5, "D", "D", "g22", None),
    }
    summed = {
        (each.holder, each.person_from and each.person_from.code, each.count)
        for each in by_person(impact.moves)
        if each.person_from != each.person_to
    }
    assert summed == {("cases", None, 1), ("cases", "Past", 1), ("assignments", "D", 1)}


async def test_publishing_does_what_the_impact_told(tx: Transaction) -> None:
    await make_busy_city(tx)
    moves = (await told(tx)).moves
    posts_before = {table: await posts_of(tx, table) for table in ("assignments", "duties")}
    grids_before = await grids_today(tx)
    await publish(tx, DRAFT, now=NOON)
    rows = await tx.execute(
        text("SELECT number, code FROM cases LEFT JOIN staff ON staff.id = staff_id")
    )
    holders = {row.number: row.code for row in rows}
    grids = await grids_today(tx)
    changed = {number for number in grids if grids[number] != grids_before[number]}
    assert changed == {move.row_id for move in moves if move.holder == "cases"}
    for move in moves:
        if move.holder == "cases":
            assert grids[move.row_id] == move.grid_to
            assert holders[move.row_id] == (move.person_to and move.person_to.code)
    for table, before in posts_before.items():
        expected = {
            (move.grid_to, move.person_to.code)
            for move in moves
            if move.holder == table and move.grid_to is not None and move.person_to is not None
        }
        found = {(grid, person) for grid, person, _, _ in await posts_of(tx, table)}
        assert found - {(grid, person) for grid, person, _, _ in before} == expected


async def test_telling_the_impact_writes_nothing(tx: Transaction) -> None:
    await make_busy_city(tx)
    assert (await told(tx)).moves == (await told(tx)).moves
    assert len(await version_chain(tx)) == 1
    rows = await tx.execute(text("SELECT count(*) FROM journal WHERE kind <> 'version.published'"))
    assert rows.scalar_one() == 0


def by_code(figures: Sequence[GridFigures]) -> dict[str, GridFigures]:
    return {each.code: each for each in figures}


async def test_grids_are_told_before_and_after_with_what_they_hold(tx: Transaction) -> None:
    await make_busy_city(tx)
    await tx.execute(
        text("UPDATE cases SET received_at = :long_ago WHERE number = 2"),
        {"long_ago": NOON - timedelta(days=366)},
    )
    impact = await told(tx)
    before, after = by_code(impact.before), by_code(impact.after)
    assert set(before) == {"g00", "g10", "g20", "g22"}
    assert set(after) == {"m", "n"}
    # Cases 1, 2 and 7 lie in g00, 2 of the year before, 7 closed.
    loads = {code: each.load for code, each in before.items()}
    assert loads == {"g00": 2, "g10": 1, "g20": 1, "g22": 1}
    assert {code: each.load for code, each in after.items()} == {"m": 3, "n": 1}
    assert {code: each.staff for code, each in before.items()} == {
        "g00": 2,
        "g10": 1,
        "g20": 0,
        "g22": 1,
    }
    assert {code: each.staff for code, each in after.items()} == {"m": 3, "n": 0}
    assert after["m"].area_m2 == pytest.approx(before["g00"].area_m2 + before["g10"].area_m2)
    assert {each.households for each in (*impact.before, *impact.after)} == {None}


async def test_households_and_people_are_those_of_the_published_version(tx: Transaction) -> None:
    await make_city(tx)
    shapes = [
        shapely.Point(*place(0.5, 0.5)),
        shapely.Point(*place(1, 0.5)),  # on the edge of g00 and g10
        shapely.box(*place(1.6, 0.2), *place(2.2, 0.4)),
        shapely.box(*place(2.5, 0.9), *place(2.6, 1.3)),  # into g21, which stays
        shapely.Point(*place(2.5, 2.5)),
    ]
    await replace_counts(tx, counted(shapes, [4, 8, 60, 40, None], [None] * 5))
    impact = await told(tx)
    first = (await version_chain(tx))[0]
    second = (await publish(tx, DRAFT)).version
    for version, figures in ((first, impact.before), (second, impact.after)):
        stored = (await counts_by_grid(tx, version.id)).grids
        codes = await tx.execute(text("SELECT id, code FROM grids"))
        known = stored["grid_id"].map({row.id: row.code for row in codes})
        households = dict(zip(known, stored["households"], strict=True))
        for each in figures:
            assert each.population is None
            if each.code == "g22":
                assert each.households is None
            else:
                assert each.households == pytest.approx(households[each.code], abs=1e-3)


async def test_names_alone_change_no_hands(tx: Transaction) -> None:
    await make_busy_city(tx)
    renamed = nine_grids().assign(name="改名")
    impact = await impact_of(tx, renamed, profile=PROFILE, now=NOON, at=NOON)
    assert (impact.before, impact.after, impact.moves, impact.lineage) == ((), (), (), ())


async def test_a_city_without_grids_has_no_impact(tx: Transaction) -> None:
    with pytest.raises(NotFound) as refusal:
        await told(tx)
    assert refusal.value.code == "no_version"


async def test_a_version_that_waits_for_its_day_has_taken_effect_before_the_draft_does(
    tx: Transaction,
) -> None:
    """Tomorrow g00 and g10 become m, and A goes there; the draft makes o of m and g01."""
    tomorrow = timedelta(days=1)
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", None, None)
    await add_case(tx, 1, (WEST + STEP / 2, SOUTH + STEP / 2), grid="g00", person="A")
    two = redrawn(nine_grids(), {"m": ["g00", "g10"]})
    await publish(tx, two, effective_at=NOON + tomorrow)
    three = redrawn(two, {"o": ["m", "g01"]})
    told = await impact_of(tx, three, profile=PROFILE, now=NOON, at=NOON + 2 * tomorrow)
    assert [(move.holder, move.grid_from, move.grid_to) for move in told.moves] == [
        ("assignments", "m", "o"),
        ("cases", "m", "o"),
    ]
    assert {grid.code: grid.staff for grid in told.before} == {"m": 1, "g01": 0}
    assert [(grid.code, grid.staff) for grid in told.after] == [("o", 1)]
    # And nothing of what was looked at has happened.
    assert await grids_today(tx) == {1: "g00"}
    assert [row[:2] for row in await posts_of(tx, "assignments")] == [("g00", "A")]
