"""The queries of every day are answered through an index, not by reading the table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Select, func, select, text

from gis.store.case_filter import CaseFilter
from gis.store.engine import CityEngine, Transaction
from gis.store.reports import add_reports
from gis.store.tables.cases import Case, Report
from gis.store.tables.places import GridVersion
from tests.databases import rolled_back
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
                " state = CASE WHEN number % 50 = 0 THEN 'handling' ELSE 'historic' END"
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


async def plan_of(tx: Transaction, query: Select[Any] | str) -> str:
    sql = (
        query
        if isinstance(query, str)
        else str(query.compile(tx.engine.sync_engine, compile_kwargs={"literal_binds": True}))
    )
    return "\n".join((await tx.execute(text(f"EXPLAIN {sql}".replace(":", "\\:")))).scalars())


def newest(wanted: CaseFilter) -> Select[Any]:
    return (
        select(Case.number)
        .where(*wanted.conditions())
        .order_by(Case.occurred_at.desc(), Case.number.desc())
        .limit(50)
    )


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (CaseFilter(bbox=(121.01, 30.01, 121.012, 30.012)), "ix_cases_point"),
        (CaseFilter(), "ix_cases_occurred_at_number"),
        (CaseFilter(occurred_to=NOON), "ix_cases_occurred_at_number"),
        (CaseFilter(categories=("c7",)), "ix_cases_category_occurred_at"),
        (CaseFilter(grid="g22"), "ix_cases_grid_id_occurred_at"),
        (CaseFilter(states=("received",)), "ix_cases_open_state_received_at"),
    ],
)
async def test_the_list_of_cases_uses(
    full_city: Transaction, wanted: CaseFilter, index: str
) -> None:
    assert index in await plan_of(full_city, newest(wanted))


async def test_a_replayed_report_is_found_by_its_key(full_city: Transaction) -> None:
    query = select(Report.id).where(Report.channel == "import", Report.external_id == "r00007")
    assert "uq_reports_channel_external_id" in await plan_of(full_city, query)


async def test_the_reports_of_a_case_are_found_by_its_number(full_city: Transaction) -> None:
    assert "ix_reports_case_number" in await plan_of(
        full_city, select(Report.id).where(Report.case_number == 77)
    )


async def test_the_person_on_duty_is_found_by_grid_and_instant(full_city: Transaction) -> None:
    plan = await plan_of(
        full_city,
        "SELECT id FROM duties WHERE grid_id = 3 AND during @> now() + interval '99 hours'",
    )
    assert "ix_duties_grid_id_during" in plan


async def test_a_grid_is_found_by_version_and_point(full_city: Transaction) -> None:
    version_id = (await full_city.execute(select(func.max(GridVersion.version_id)))).scalar_one()
    point: Any = func.ST_SetSRID(func.ST_Point(121.005, 30.005), 4326)
    query = select(GridVersion.grid_id).where(
        GridVersion.version_id == version_id, GridVersion.geometry.op("&&")(point)
    )
    await full_city.execute(text("SET LOCAL enable_seqscan = off"))  # 100 rows are a few pages
    assert "ix_grid_versions_version_id_geometry" in await plan_of(full_city, query)
