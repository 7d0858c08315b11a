"""What changes hands when a version takes effect: open cases, assignments, duties."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from gis.errors import BadInput
from gis.store.engine import Transaction
from tests.api.handed_over import (
    add_case,
    do_due,
    grids_today,
    make_city,
    post,
    posts_of,
    publish,
    redrawn,
)
from tests.small_city import NOON, SOUTH, STEP, WEST, nine_grids

HOUR = timedelta(hours=1)
# Two grids side by side become one, and the third of the row gets another code.
MERGED = redrawn(nine_grids(), {"m": ["g00", "g10"], "n": ["g20"]})
# And back: g00 keeps the code, its half in the east is new.
SPLIT_BEFORE = redrawn(nine_grids(), {"g00": ["g00", "g10"]})
SPLIT_AFTER = nine_grids().replace({"code": {"g10": "x"}}).sort_values("code", ignore_index=True)


def place(column: float, row: float) -> tuple[float, float]:
    return WEST + column * STEP, SOUTH + row * STEP


async def journalled(tx: Transaction) -> list[tuple[str, dict[str, object]]]:
    rows = await tx.execute(text("SELECT kind, after FROM journal ORDER BY id"))
    return [(row.kind, row.after) for row in rows]


async def test_standing_assignments_of_a_merged_grid_go_on_in_the_new_one(tx: Transaction) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", NOON - 5 * HOUR, None)
    await post(tx, "assignments", "B", "g10", NOON + 3 * HOUR, None)
    await post(tx, "assignments", "Past", "g10", None, NOON)
    await post(tx, "assignments", "Other", "g11", None, None)
    await publish(tx, MERGED)
    assert await posts_of(tx, "assignments") == [
        ("g00", "A", "-5", "0"),
        ("g10", "Past", "-", "0"),
        ("g11", "Other", "-", "-"),
        ("m", "A", "0", "-"),
        ("m", "B", "3", "-"),
    ]


async def test_whoever_had_both_halves_of_a_merged_grid_has_it_once(tx: Transaction) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", NOON - 5 * HOUR, NOON + 4 * HOUR)
    await post(tx, "assignments", "A", "g10", NOON + 2 * HOUR, NOON + 9 * HOUR)
    await post(tx, "assignments", "A", "g10", NOON + 20 * HOUR, NOON + 30 * HOUR)
    await publish(tx, MERGED)
    assert await posts_of(tx, "assignments") == [
        ("g00", "A", "-5", "0"),
        ("m", "A", "0", "9"),
        ("m", "A", "20", "30"),
    ]


async def test_shifts_that_follow_each_other_stay_shifts(tx: Transaction) -> None:
    await make_city(tx)
    for start in (-4, 4, 12):
        await post(tx, "duties", "A", "g00", NOON + start * HOUR, NOON + (start + 8) * HOUR)
    await publish(tx, MERGED)
    assert await posts_of(tx, "duties") == [
        ("g00", "A", "-4", "0"),
        ("m", "A", "0", "4"),
        ("m", "A", "4", "12"),
        ("m", "A", "12", "20"),
    ]


async def test_the_people_of_a_split_grid_answer_for_both_parts(tx: Transaction) -> None:
    await make_city(tx, SPLIT_BEFORE)
    await post(tx, "assignments", "A", "g00", NOON - 5 * HOUR, None)
    await post(tx, "duties", "A", "g00", NOON - HOUR, NOON + 7 * HOUR)
    await publish(tx, SPLIT_AFTER)
    assert await posts_of(tx, "assignments") == [("g00", "A", "-5", "-"), ("x", "A", "0", "-")]
    assert await posts_of(tx, "duties") == [("g00", "A", "-1", "7"), ("x", "A", "0", "7")]


async def test_posts_end_with_a_grid_that_is_no_more_in_the_city(tx: Transaction) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g22", None, None)
    await post(tx, "duties", "A", "g22", NOON + HOUR, NOON + 2 * HOUR)
    await publish(tx, redrawn(nine_grids(), {"": ["g22"]}))
    assert await posts_of(tx, "assignments") == [("g22", "A", "-", "0")]
    assert await posts_of(tx, "duties") == []


async def test_an_open_case_gets_todays_grid_and_who_answers_there(tx: Transaction) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", NOON - 5 * HOUR, None)
    await post(tx, "assignments", "B", "g01", None, None)
    await add_case(tx, 1, place(0.5, 0.5), grid="g00", person="A")
    # g01 takes g00: its people answer, and A's post has gone there as well.
    await publish(tx, redrawn(nine_grids(), {"g01": ["g01", "g00"]}))
    rows = await tx.execute(
        text("SELECT staff.code, revision FROM cases JOIN staff ON staff.id = staff_id")
    )
    assert [tuple(row) for row in rows] == [("A", 1)]
    assert await grids_today(tx) == {1: "g01"}


async def test_a_case_whose_person_has_no_post_there_goes_to_who_is_on_duty(
    tx: Transaction,
) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", NOON - 5 * HOUR, NOON - HOUR)
    await post(tx, "assignments", "B", "g01", None, None)
    await post(tx, "duties", "C", "g01", NOON - HOUR, NOON + HOUR)
    await add_case(tx, 1, place(0.5, 0.5), grid="g00", person="A")
    await publish(tx, redrawn(nine_grids(), {"g01": ["g01", "g00"]}))
    row = (
        await tx.execute(
            text(
                "SELECT staff.code, staff_rule, staff_role, revision,"
                " (SELECT id FROM duties) = staff_row"
                " FROM cases JOIN staff ON staff.id = staff_id"
            )
        )
    ).one()
    assert tuple(row) == ("C", 1, "worker", 2, True)


async def test_a_case_keeps_its_person_where_nobody_else_answers(tx: Transaction) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g11", None, None)
    await add_case(tx, 1, place(0.5, 0.5), grid="g00", person="A")
    await add_case(tx, 2, place(2.5, 2.5), grid="g22", person="A")
    await publish(tx, redrawn(nine_grids(), {"m": ["g00", "g10"], "": ["g22"]}))
    assert await grids_today(tx) == {1: "m", 2: None}
    rows = await tx.execute(text("SELECT count(staff_id), max(revision) FROM cases"))
    assert tuple(rows.one()) == (2, 1)


async def test_final_cases_follow_in_a_job_and_keep_the_grid_of_their_day(tx: Transaction) -> None:
    await make_city(tx)
    for number, state in enumerate(("closed", "historic", "rejected", "handling"), start=1):
        await add_case(tx, number, place(0.5, 0.5), grid="g00", state=state)
    await add_case(tx, 5, place(1.5, 1.5), grid="g11", state="closed")
    await publish(tx, MERGED)
    assert await grids_today(tx) == {1: "g00", 2: "g00", 3: "g00", 4: "m", 5: "g11"}
    await do_due(tx)
    assert await grids_today(tx) == {1: "m", 2: "m", 3: "m", 4: "m", 5: "g11"}
    rows = await tx.execute(
        text("SELECT DISTINCT code FROM cases JOIN grids ON grids.id = grid_id ORDER BY 1")
    )
    assert list(rows.scalars()) == ["g00", "g11"]


async def test_the_journal_has_a_row_for_each_kind_that_moved(tx: Transaction) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", None, None)
    await post(tx, "assignments", "A", "g10", None, None)
    await add_case(tx, 1, place(0.5, 0.5), grid="g00")
    await publish(tx, MERGED)
    assert [row for row in await journalled(tx) if row[0] != "version.published"] == [
        ("assignments.moved", {"assignments": 2}),
        ("cases.moved", {"cases": 1}),
    ]


async def test_a_version_for_a_later_day_changes_nothing_until_then(tx: Transaction) -> None:
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", None, None)
    await add_case(tx, 1, place(0.5, 0.5), grid="g00", person="A")
    await publish(tx, MERGED, now=NOON - HOUR, effective_at=NOON)
    assert await posts_of(tx, "assignments") == [("g00", "A", "-", "-")]
    assert await grids_today(tx) == {1: "g00"}
    await do_due(tx)
    assert await posts_of(tx, "assignments") == [("g00", "A", "-", "0"), ("m", "A", "0", "-")]
    assert await grids_today(tx) == {1: "m"}
    assert [kind for kind, _ in (await journalled(tx))[-3:]] == [
        "assignments.moved",
        "cases.moved",
        "version.took_effect",
    ]


async def test_a_publish_lets_those_before_it_take_effect_first(tx: Transaction) -> None:
    """The service was down when one was due, and somebody publishes the next by command."""
    await make_city(tx)
    await post(tx, "assignments", "A", "g00", None, None)
    await add_case(tx, 1, place(0.5, 0.5), grid="g00", person="A")
    await publish(tx, MERGED, now=NOON - HOUR, effective_at=NOON)
    await publish(tx, redrawn(MERGED, {"o": ["m", "n"]}), now=NOON + HOUR)
    assert await posts_of(tx, "assignments") == [
        ("g00", "A", "-", "0"),
        ("m", "A", "0", "1"),
        ("o", "A", "1", "-"),
    ]
    assert await grids_today(tx) == {1: "o"}


async def test_a_version_in_the_past_is_refused(tx: Transaction) -> None:
    await make_city(tx)
    with pytest.raises(BadInput) as refusal:
        await publish(tx, MERGED, now=NOON, effective_at=NOON - timedelta(microseconds=1))
    assert refusal.value.code == "effective_in_the_past"
    assert refusal.value.where["field"] == "effective_at"


async def test_the_intake_looks_anew_after_a_version_took_effect(tx: Transaction) -> None:
    async def marks() -> int:
        return int(
            (await tx.execute(text("SELECT count(*) FROM intake_basis_changes"))).scalar_one()
        )

    await make_city(tx)
    await publish(tx, MERGED, now=NOON - HOUR, effective_at=NOON)
    before = await marks()
    await do_due(tx)
    assert await marks() > before
