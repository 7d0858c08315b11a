"""The desk's figures: what is open where, what came today beside the usual, who is there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy import text

from gis.store.case_filter import CaseFilter
from gis.store.desk import DeskFigures, desk_figures
from gis.store.engine import Transaction
from gis.store.received import KEPT_S, PastDays
from gis.store.reports import add_reports
from gis.store.staff import Post, add_duties, area_ids, put_staff
from tests.small_city import publish_small_city, report_rows

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Friday afternoon on the city's clock.
NOW = datetime(2026, 11, 20, 14, 7, tzinfo=SHANGHAI)
ALL = CaseFilter()


async def figures(tx: Transaction, wanted: CaseFilter = ALL, now: datetime = NOW) -> DeskFigures:
    return await desk_figures(tx, wanted, PastDays(), now=now, zone=SHANGHAI)


async def receive(tx: Transaction, times: list[datetime], *, grid: str = "g00") -> None:
    """A report at each of these times, received when it happened."""
    row = (
        await tx.execute(
            text(
                "SELECT grid_id, version_id FROM grid_versions JOIN grids ON grids.id = grid_id"
                " WHERE code = :grid"
            ),
            {"grid": grid},
        )
    ).one()
    rows = report_rows(len(times), grid_id=row.grid_id, version_id=row.version_id)
    instants = pd.to_datetime(pd.Series(times), utc=True)
    stored = (await tx.execute(text("SELECT count(*) FROM reports"))).scalar_one()
    await add_reports(
        tx,
        rows.assign(
            occurred_at=instants,
            received_at=instants,
            client_time=instants,
            external_id=[f"{stored + index}" for index in range(len(times))],
        ),
    )


async def test_open_cases_are_counted_by_township_state_and_urgency(tx: Transaction) -> None:
    await publish_small_city(tx)
    await receive(tx, [NOW] * 4, grid="g00")
    await receive(tx, [NOW] * 3, grid="g22")
    await tx.execute(text("UPDATE cases SET state = 'handling', urgency = 'urgent'"))
    await tx.execute(text("UPDATE cases SET state = 'closed' WHERE number % 7 = 0"))
    found = await figures(tx)
    names = {township.id: township.code for township in found.townships}
    by_township = {names[count.township_id or 0]: count.n for count in found.open}
    closed = (await tx.execute(text("SELECT count(*) FROM cases WHERE state = 'closed'"))).scalar()
    assert sum(by_township.values()) == 7 - (closed or 0)
    assert set(by_township) <= {"t0", "t1"}
    assert {(count.state, count.urgency) for count in found.open} == {("handling", "urgent")}


async def test_a_case_outside_is_in_no_township(tx: Transaction) -> None:
    await publish_small_city(tx)
    await receive(tx, [NOW])
    await tx.execute(
        text(
            "UPDATE cases SET state = 'received', today_grid_id = NULL, grid_id = NULL,"
            " version_id = NULL, grid_reason = 'outside'"
        )
    )
    assert [count.township_id for count in (await figures(tx)).open] == [None]


async def test_a_scope_of_grids_sees_its_own_township_cases_and_grids(tx: Transaction) -> None:
    await publish_small_city(tx)
    await receive(tx, [NOW] * 2, grid="g00")
    await receive(tx, [NOW] * 3, grid="g22")
    await tx.execute(text("UPDATE cases SET state = 'received'"))
    ids = {code: id_ for code, (_, id_) in (await area_ids(tx)).items()}
    found = await figures(tx, CaseFilter(within_grids=frozenset({ids["g21"], ids["g22"]})))
    assert [township.code for township in found.townships] == ["t1"]
    assert sum(count.n for count in found.open) == sum(found.today.by_hour) == 3
    assert found.on_duty.of == 2


async def test_today_begins_at_midnight_of_the_citys_clock(tx: Transaction) -> None:
    await publish_small_city(tx)
    midnight = NOW.replace(hour=0, minute=0)
    second = timedelta(seconds=1)
    await receive(tx, [midnight - second, midnight, midnight + timedelta(hours=9, minutes=59)])
    by_hour = (await figures(tx)).today.by_hour
    assert {hour: n for hour, n in enumerate(by_hour) if n} == {0: 1, 9: 1}


async def test_the_usual_is_the_least_and_most_of_the_same_weekday(tx: Transaction) -> None:
    await publish_small_city(tx)
    ten = NOW.replace(hour=10, minute=30)
    for week in range(1, 9):
        # 1 to 8 reports at half past ten; another after this time of day, and the day before.
        friday = ten - timedelta(weeks=week)
        await receive(tx, [friday] * week)
        await receive(tx, [friday + timedelta(hours=6), friday - timedelta(days=1)])
    await receive(tx, [ten - timedelta(weeks=9)] * 50)
    today = (await figures(tx)).today
    assert today.usual is not None
    assert today.usual[10] == (1, 8)
    assert today.usual[16] == (1, 1)
    assert today.usual[11] == (0, 0)
    assert today.usual_so_far == (1, 8)


async def test_days_that_are_over_are_kept_and_read_again_one_at_a_time(tx: Transaction) -> None:
    await publish_small_city(tx)
    fridays = [NOW.replace(hour=10) - timedelta(weeks=week) for week in range(1, 9)]
    await receive(tx, fridays)
    clock = 0.0
    past = PastDays(clock=lambda: clock)

    async def least_and_most_at_ten() -> int:
        found = await desk_figures(tx, ALL, past, now=NOW, zone=SHANGHAI)
        assert found.today.usual is not None
        least, most = found.today.usual[10]
        return least + most

    assert await least_and_most_at_ten() == 1 + 1
    await receive(tx, fridays)
    clock = KEPT_S
    assert await least_and_most_at_ten() == 1 + 1
    # Ten minutes are over: each look reads one of seven days (the eighth began before records).
    clock = KEPT_S + 1
    assert [await least_and_most_at_ten() for _ in range(7)] == [1 + 2] * 6 + [2 + 2]


async def test_with_three_weeks_there_is_no_usual(tx: Transaction) -> None:
    await publish_small_city(tx)
    await receive(tx, [NOW.replace(hour=0, minute=0) - timedelta(weeks=3)])
    today = (await figures(tx)).today
    assert (today.usual, today.usual_so_far) == (None, None)
    await receive(tx, [NOW.replace(hour=0, minute=0) - timedelta(weeks=4)])
    assert (await figures(tx)).today.usual is not None


async def test_a_day_without_a_report_counts_as_none_and_not_as_absent(tx: Transaction) -> None:
    await publish_small_city(tx)
    await receive(tx, [NOW - timedelta(weeks=week) for week in (2, 9)])
    today = (await figures(tx)).today
    assert today.usual is not None
    assert today.usual[NOW.hour] == (0, 1)


async def test_the_day_the_clocks_change_keeps_its_reports(tx: Transaction) -> None:
    await publish_small_city(tx)
    berlin = ZoneInfo("Europe/Berlin")
    # Half past two comes twice on that day: at 0:30 and at 1:30 UTC.
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    await receive(tx, twice)
    now = datetime(2026, 10, 25, 20, tzinfo=berlin)
    found = await desk_figures(tx, ALL, PastDays(), now=now, zone=berlin)
    assert {hour: n for hour, n in enumerate(found.today.by_hour) if n} == {2: 2}


async def test_grids_with_somebody_on_duty_now_are_counted_once(tx: Transaction) -> None:
    await publish_small_city(tx)
    areas = await area_ids(tx)
    await put_staff(tx, {"a": "甲", "b": "乙", "c": "丙", "d": "丁"})
    hour = timedelta(hours=1)
    await add_duties(
        tx,
        [
            Post("a", "worker", *areas["g00"], NOW - hour, NOW + hour),
            Post("b", "worker", *areas["g00"], NOW - hour, NOW + hour),
            Post("c", "worker", *areas["g01"], NOW - hour, NOW),
            Post("d", "liaison", *areas["c1"], NOW - hour, NOW + hour),
        ],
    )
    on_duty = (await figures(tx)).on_duty
    assert (on_duty.grids, on_duty.of) == (1, 9)
