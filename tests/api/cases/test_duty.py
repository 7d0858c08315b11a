"""Data rule 5, held against a reading of its words row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.duty import NO_ID, NO_RULE, Answers, Roster

GRID, COMMUNITY, TOWNSHIP = 11, 21, 31
OTHER_GRID = 12
ROLE_ORDER = ("worker", "grid_lead", "liaison")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """One duty or assignment; its id is given by its place in the list."""

    table: str = "duty"
    staff: str = "S1"
    role: str = "worker"
    level: str = "grid"
    area: int = GRID
    start: datetime | None = None
    stop: datetime | None = None


def _roster(*rows: Row) -> Roster:
    return Roster.build(
        pd.DataFrame(
            {
                "table": [row.table for row in rows],
                "row_id": np.arange(len(rows)) + 100,
                "level": [row.level for row in rows],
                "area_id": np.array([row.area for row in rows], np.int64),
                "role": [row.role for row in rows],
                "staff_id": np.array([int(row.staff[1:]) for row in rows], np.int64),
                "staff_code": [row.staff for row in rows],
                "start": [row.start for row in rows],
                "stop": [row.stop for row in rows],
            }
        ),
        ROLE_ORDER,
    )


def _asked(roster: Roster, instants: Sequence[datetime], grid: int = GRID) -> Answers:
    def all_of(area: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.full(len(instants), area, np.int64)

    naive = [instant.astimezone(UTC).replace(tzinfo=None) for instant in instants]
    return roster.at(
        all_of(grid), all_of(COMMUNITY), all_of(TOWNSHIP), np.array(naive, "datetime64[us]")
    )


def _who(roster: Roster, instant: datetime = NOON) -> tuple[int, int, int]:
    """Staff number, rule and row of one answer."""
    found = _asked(roster, [instant])
    return int(found.staff_id[0]), int(found.rule[0]), int(found.row_id[0])


NOBODY = (NO_ID, NO_RULE, NO_ID)

BY_RULE = (
    Row("duty", "S1", "worker"),
    Row("assignment", "S2", "worker"),
    Row("assignment", "S3", "grid_lead"),
    Row("duty", "S4", "liaison", "community", COMMUNITY),
    Row("duty", "S5", "on_call", "township", TOWNSHIP),
    Row("assignment", "S6", "liaison", "township", TOWNSHIP),
)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (0, (1, 1, 100)),
        (1, (2, 2, 100)),
        (2, (3, 3, 100)),
        (3, (4, 4, 100)),
        (4, (5, 5, 100)),
        (5, (6, 5, 100)),
    ],
)
def test_the_rules_are_tried_in_their_order(left: int, expected: tuple[int, int, int]) -> None:
    assert _who(_roster(*BY_RULE[left:])) == expected


def test_nobody_answers_for_an_empty_roster_or_a_point_outside_every_grid() -> None:
    assert _who(_roster()) == NOBODY
    outside = _roster(*BY_RULE).at(
        np.array([NO_ID]),
        np.array([NO_ID]),
        np.array([NO_ID]),
        np.array([NOON.replace(tzinfo=None)], "datetime64[us]"),
    )
    assert (outside.staff_id[0], outside.rule[0], outside.row_id[0]) == NOBODY


def test_nobody_on_duty_and_nobody_assigned_leaves_the_report_without_a_person() -> None:
    past = Row(stop=NOON - HOUR)
    elsewhere = Row("assignment", area=OTHER_GRID)
    liaison = Row("assignment", role="liaison")
    community = Row("assignment", "S1", "worker", "community", COMMUNITY)
    assert _who(_roster(past, elsewhere, liaison, community)) == NOBODY


def test_at_the_instant_of_a_hand_over_the_next_one_answers() -> None:
    roster = _roster(Row(staff="S1", stop=NOON), Row(staff="S2", start=NOON))
    microsecond = timedelta(microseconds=1)
    assert _who(roster, NOON - microsecond)[0] == 1
    assert _who(roster, NOON)[0] == 2
    assert _who(roster, NOON + microsecond)[0] == 2


def test_a_gap_between_shifts_falls_to_the_next_rule() -> None:
    roster = _roster(
        Row(staff="S1", stop=NOON),
        Row(staff="S2", start=NOON + HOUR),
        Row("assignment", "S3", "grid_lead"),
    )
    assert [_who(roster, NOON + offset * HOUR)[:2] for offset in (-1, 0, 1)] == [
        (1, 1),
        (3, 3),
        (2, 1),
    ]


def test_a_shift_over_midnight_covers_both_days() -> None:
    shanghai = ZoneInfo("Asia/Shanghai")
    evening = datetime(2026, 11, 20, 22, tzinfo=shanghai)
    morning = datetime(2026, 11, 21, 6, tzinfo=shanghai)
    roster = _roster(Row(start=evening, stop=morning))
    midnight = datetime(2026, 11, 21, tzinfo=shanghai)
    assert [_who(roster, at)[0] for at in (evening, midnight, morning - HOUR, morning)] == [
        1,
        1,
        1,
        NO_ID,
    ]


def test_of_two_on_duty_the_role_named_first_in_the_profile_answers() -> None:
    liaison, lead = Row(staff="S1", role="liaison"), Row(staff="S2", role="grid_lead")
    assert _who(_roster(liaison, lead))[0] == 2


def test_when_two_on_duty_leave_together_nobody_is_left() -> None:
    roster = _roster(
        Row(staff="S1", start=NOON - 2 * HOUR, stop=NOON),
        Row(staff="S2", start=NOON - HOUR, stop=NOON),
    )
    assert _who(roster, NOON - HOUR)[0] == 1
    assert _who(roster, NOON) == NOBODY


def test_a_role_the_profile_does_not_name_comes_after_all_it_names() -> None:
    assert _who(_roster(Row(staff="S1", role="stationed"), Row(staff="S2", role="liaison")))[0] == 2


def test_of_two_on_duty_in_the_same_role_the_lowest_staff_code_answers() -> None:
    # As text "S10" is lower than "S9".
    assert _who(_roster(Row(staff="S9"), Row(staff="S10")))[0] == 10


def test_the_township_answers_by_its_duty_before_its_assignments() -> None:
    assigned = Row("assignment", "S1", "worker", "township", TOWNSHIP)
    on_duty = Row("duty", "S2", "on_call", "township", TOWNSHIP)
    assert _who(_roster(assigned, on_duty)) == (2, 5, 101)


def test_a_night_shift_is_an_hour_longer_when_clocks_go_back_and_shorter_when_forward() -> None:
    chicago = ZoneInfo("America/Chicago")
    for day, hours in (
        (datetime.fromisoformat("2026-11-01"), 9),
        (datetime.fromisoformat("2026-03-08"), 7),
    ):
        start = (day - 2 * HOUR).replace(tzinfo=chicago)
        stop = day.replace(hour=6, tzinfo=chicago)
        roster = _roster(Row(start=start, stop=stop))
        every_half_hour = [start.astimezone(UTC) + n * HOUR / 2 for n in range(24)]
        assert (_asked(roster, every_half_hour).rule == 1).sum() == 2 * hours


def test_a_shift_without_length_covers_nothing() -> None:
    assert _who(_roster(Row(start=NOON, stop=NOON), Row(start=NOON + HOUR, stop=NOON))) == NOBODY


_TIMES = st.none() | st.integers(0, 6).map(lambda hours: NOON + hours * HOUR)
_PLACES = st.sampled_from(
    [("grid", GRID), ("grid", OTHER_GRID), ("community", COMMUNITY), ("township", TOWNSHIP)]
)
_ROWS = st.builds(
    lambda place, **others: Row(level=place[0], area=place[1], **others),
    place=_PLACES,
    table=st.sampled_from(["duty", "assignment"]),
    staff=st.sampled_from(["S1", "S2", "S10"]),
    role=st.sampled_from(["worker", "grid_lead", "liaison", "stationed"]),
    start=_TIMES,
    stop=_TIMES,
)


def _by_the_words(rows: Sequence[Row], instant: datetime) -> tuple[int, int, int]:
    def place(role: str) -> int:
        return ROLE_ORDER.index(role) if role in ROLE_ORDER else len(ROLE_ORDER)

    def best(table: str, level: str, area: int, role: str | None = None) -> int | None:
        fitting = [
            (place(row.role), row.staff, number)
            for number, row in enumerate(rows)
            if (row.table, row.level, row.area) == (table, level, area)
            and role in (None, row.role)
            and (row.start is None or row.start <= instant)
            and (row.stop is None or instant < row.stop)
        ]
        return min(fitting)[2] if fitting else None

    for rule, found in (
        (1, best("duty", "grid", GRID)),
        (2, best("assignment", "grid", GRID, "worker")),
        (3, best("assignment", "grid", GRID, "grid_lead")),
        (4, best("duty", "community", COMMUNITY)),
        (5, best("duty", "township", TOWNSHIP)),
        (5, best("assignment", "township", TOWNSHIP)),
    ):
        if found is not None:
            return int(rows[found].staff[1:]), rule, found + 100
    return NOBODY


@given(
    rows=st.lists(_ROWS, max_size=25),
    halves=st.lists(st.integers(-2, 14), min_size=1, max_size=12),
)
def test_every_answer_is_what_the_words_of_the_rule_say(rows: list[Row], halves: list[int]) -> None:
    instants = [NOON + half * HOUR / 2 for half in halves]
    found = _asked(_roster(*rows), instants)
    answers = zip(found.staff_id.tolist(), found.rule.tolist(), found.row_id.tolist(), strict=True)
    assert list(answers) == [_by_the_words(rows, instant) for instant in instants]


def test_a_city_of_duties_gives_one_point_the_same_answer_as_a_million() -> None:
    rng = np.random.default_rng(5)
    hours = rng.integers(0, 240, 3000)
    rows = [
        Row(
            staff=f"S{number % 97}",
            area=int(rng.integers(1, 40)),
            start=NOON + int(hour) * HOUR,
            stop=NOON + (int(hour) + 8) * HOUR,
        )
        for number, hour in enumerate(hours)
    ]
    roster = _roster(*rows)
    count = 20_000
    grids = rng.integers(0, 42, count)
    none = np.full(count, NO_ID)
    at = np.datetime64("2026-11-20T12", "us") + rng.integers(-3600, 250 * 3600, count).astype(
        "timedelta64[s]"
    )
    many = roster.at(grids, none, none, at)
    for point in range(0, count, 500):
        one = slice(point, point + 1)
        alone = roster.at(grids[one], none[one], none[one], at[one])
        assert alone.row_id[0] == many.row_id[point]
    assert 0.2 < (many.rule == 1).mean() < 1
