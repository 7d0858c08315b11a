"""The queries of every day are answered through an index, not by reading the table."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import shapely
from sqlalchemy import event, func, select, text

from gis.store.building_counts import replace_counts
from gis.store.case_filter import CaseFilter
from gis.store.cases import count_cases, get_case, list_cases
from gis.store.counts_by_grid import counts_by_grid
from gis.store.engine import CityEngine, Transaction
from gis.store.reports import add_reports, known_reports
from gis.store.staff import posts_during
from gis.store.tables.places import GridVersion
from tests.databases import rolled_back
from tests.gis.store.counts_oracle import counted, lattice_city
from tests.small_city import NOON, nine_grids, publish_small_city, report_rows

CASES = 20_000


@pytest_asyncio.fixture(scope="module")
async def full_city(engine: CityEngine) -> AsyncIterator[Transaction]:
    """20,000 cases strewn over 0.1°, two weeks and four categories; statistics taken."""
    async with rolled_back(engine) as tx:
        version = (await publish_small_city(tx, frame=nine_grids(side=10))).version
        grid_id = (await tx.execute(text("SELECT min(id) FROM grids"))).scalar_one()
        await add_reports(tx, report_rows(CASES, grid_id=grid_id, version_id=version.id))
        await tx.execute(
            text(
                "UPDATE cases SET"
                " point = ST_SetSRID(ST_Point(121 + number % 1000 / 1e4, 30 + number % 997 / 1e4),"
                " 4326), grid_id = (SELECT min(id) FROM grids) + number % 100,"
                " category = 'c' || number % 40,"
                " state = CASE number % 50 WHEN 0 THEN 'handling' WHEN 1 THEN 'rejected'"
                " ELSE 'historic' END"
            )
        )
        await tx.execute(
            text(
                "INSERT INTO staff (code, name)"
                " SELECT 's' || n, 'x' FROM generate_series(1, 2000) n"
            )
        )
        await tx.execute(
            text(
                "INSERT INTO duties (staff_id, role, grid_id, during) SELECT id, 'worker',"
                " (SELECT min(id) FROM grids) + id % 9,"
                " tstzrange(now() + id * interval '1 hour', now() + (id + 1) * interval '1 hour')"
                " FROM staff"
            )
        )
        for table in ("cases", "reports", "grid_versions", "staff", "duties"):
            await tx.execute(text(f"ANALYZE {table}"))
        yield tx


async def plans_of(tx: Transaction, asked: Awaitable[object]) -> list[str]:
    """The plan of every statement that the store itself sends, with its own parameters."""
    sent: list[tuple[str, Any]] = []

    def keep(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        if not statement.startswith("SET LOCAL"):
            sent.append((statement, parameters))

    event.listen(tx.sync_connection, "before_cursor_execute", keep)
    try:
        await asked
    finally:
        event.remove(tx.sync_connection, "before_cursor_execute", keep)
    plans = []
    for statement, parameters in sent:
        rows = await tx.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        plans.append("\n".join(rows.scalars()))
    return plans


LAST_SHOWN = (NOON + timedelta(days=7), 10_000)


@pytest.mark.parametrize("after", [None, LAST_SHOWN], ids=["first_page", "later_page"])
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CaseFilter(bbox=(121.01, 30.01, 121.012, 30.012)), "ix_cases_point"),
        (CaseFilter(), "ix_cases_occurred_at_number"),
        (CaseFilter(occurred_to=NOON), "ix_cases_occurred_at_number"),
        (CaseFilter(categories=("c7",)), "ix_cases_category_occurred_at"),
        (CaseFilter(grid="g22"), "ix_cases_grid_id_occurred_at"),
        (CaseFilter(states=("received",)), "ix_cases_open_state_received_at"),
        (CaseFilter(states=("rejected",)), "ix_cases_set_aside_state_occurred_at"),
    ],
)
async def test_the_list_of_cases_uses(
    full_city: Transaction, wanted: CaseFilter, index: str, after: tuple[datetime, int] | None
) -> None:
    (plan,) = await plans_of(full_city, list_cases(full_city, wanted, after=after, limit=50))
    assert index in plan
    assert "Seq Scan on cases" not in plan


async def test_a_later_page_begins_in_the_index_at_its_cursor(full_city: Transaction) -> None:
    (plan,) = await plans_of(
        full_city, list_cases(full_city, CaseFilter(), after=LAST_SHOWN, limit=50)
    )
    assert re.search(r"Index Cond: \(ROW\((\w+\.)?occurred_at, (\w+\.)?number\) < ROW\(", plan), (
        plan
    )


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CaseFilter(bbox=(121.01, 30.01, 121.012, 30.012)), "ix_cases_point"),
        (CaseFilter(occurred_to=NOON + timedelta(hours=1)), "ix_cases_occurred_at_number"),
        (CaseFilter(categories=("c7",)), "ix_cases_category_occurred_at"),
        (CaseFilter(grid="g22"), "ix_cases_grid_id_occurred_at"),
        (CaseFilter(states=("received",)), "ix_cases_open_state_received_at"),
        (CaseFilter(states=("rejected",)), "ix_cases_set_aside_state_occurred_at"),
    ],
)
async def test_counting_cases_uses(full_city: Transaction, wanted: CaseFilter, index: str) -> None:
    (plan,) = await plans_of(full_city, count_cases(full_city, wanted, cap=10_000))
    assert index in plan


async def test_replayed_reports_are_found_by_their_keys(full_city: Transaction) -> None:
    (plan,) = await plans_of(full_city, known_reports(full_city, "import", ["r00007", "new"]))
    assert "uq_reports_channel_external_id" in plan


async def test_a_case_and_its_reports_are_found_by_its_number(full_city: Transaction) -> None:
    number = (await full_city.execute(text("SELECT max(number) FROM cases"))).scalar_one()
    case, reports = await plans_of(full_city, get_case(full_city, number, CaseFilter()))
    assert "pk_cases" in case
    assert "ix_reports_case_number" in reports


async def test_who_answers_for_a_place_is_found_by_area_and_instant(
    full_city: Transaction,
) -> None:
    grid_id = (await full_city.execute(text("SELECT min(grid_id) FROM duties"))).scalar_one()
    at = (await full_city.execute(text("SELECT now() + interval '99 hours'"))).scalar_one()
    (plan,) = await plans_of(
        full_city,
        posts_during(full_city, at, at, grid_id=grid_id, community_id=1, township_id=1),
    )
    for table, interval in (("duties", "during"), ("assignments", "valid")):
        for level in ("grid", "community", "township"):
            index = f"ix_{table}_{level}_id_{interval}"
            # Both columns belong to the condition of the index, not to a filter after it.
            assert re.search(
                rf"{index}\b[^\n]*\n +Index Cond: \(\({level}_id = .*{interval} && ", plan
            ), f"{index}\n{plan}"


async def test_a_grid_is_found_by_version_and_point(full_city: Transaction) -> None:
    version_id = (await full_city.execute(select(func.max(GridVersion.version_id)))).scalar_one()
    point: Any = func.ST_SetSRID(func.ST_Point(121.005, 30.005), 4326)
    query = select(GridVersion.grid_id).where(
        GridVersion.version_id == version_id, GridVersion.geometry.op("&&")(point)
    )
    await full_city.execute(text("SET LOCAL enable_seqscan = off"))  # 100 rows are a few pages
    (plan,) = await plans_of(full_city, full_city.execute(query))
    assert "ix_grid_versions_version_id_geometry" in plan


@pytest.mark.parametrize("statistics", ["taken", "of an empty table"])
async def test_counts_meet_the_grids_of_a_city_through_an_index(
    tx: Transaction, statistics: str
) -> None:
    # As large as the demo city: 1,518 grids and 26,000 points.
    frame = lattice_city(1, side=39)
    version = (await publish_small_city(tx, frame=frame)).version
    west, south, east, north = frame.total_bounds
    points = np.random.default_rng(1).uniform((west, south), (east, north), (26_000, 2))
    await replace_counts(tx, counted([shapely.Point(place) for place in points], [3] * len(points)))
    if statistics == "taken":
        for table in ("building_counts", "grid_versions"):
            await tx.execute(text(f"ANALYZE {table}"))
    (plan,) = await plans_of(tx, counts_by_grid(tx, version.id))
    assert re.search(
        r"Index Scan using ix_building_counts_geometry on building_counts building\b[^\n]*\n"
        r" +Index Cond: \(geometry && part\.geometry\)",
        plan,
    ), plan
