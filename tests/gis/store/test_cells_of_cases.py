"""Every case has the cell of its point, however it came in and however old the city is."""

from __future__ import annotations

from typing import Any

import h3
import numpy as np
import pandas as pd
import pytest
from sqlalchemy import text

from gis.cells import CASE_RESOLUTION
from gis.store.engine import Transaction, open_engine, transaction
from gis.store.migrate import migrate
from gis.store.reports import add_reports
from tests.small_city import publish_small_city, report_rows


async def anywhere(tx: Transaction, count: int = 200) -> pd.DataFrame:
    """Cases all over the world, stored as a file's are."""
    version = (await publish_small_city(tx)).version
    grid_id = (await tx.execute(text("SELECT min(id) FROM grids"))).scalar_one()
    rows = report_rows(count, grid_id=grid_id, version_id=version.id)
    rows["lng"], rows["lat"] = np.random.default_rng(5).uniform(-1, 1, (2, count)) * [[180], [90]]
    await add_reports(tx, rows)
    return rows


def cells(rows: pd.DataFrame) -> list[int]:
    """By the reference implementation, one point after the other."""
    return [
        int(h3.latlng_to_cell(lat, lng, CASE_RESOLUTION), 16)
        for lng, lat in zip(rows["lng"], rows["lat"], strict=True)
    ]


async def test_a_case_has_the_cell_of_its_point(tx: Transaction) -> None:
    rows = await anywhere(tx)
    stored = await tx.execute(text("SELECT cell FROM cases ORDER BY number"))
    assert list(stored.scalars()) == cells(rows)


@pytest.mark.parametrize("server", ["cluster_url", "external_server_url"])
async def test_an_older_city_gets_the_cells_of_its_cases_and_no_other_change(
    request: pytest.FixtureRequest, server: str
) -> None:
    url: str = request.getfixturevalue(server)
    await migrate(url, "older")
    engine = open_engine(url, "older")
    async with transaction(engine) as tx:
        rows = await anywhere(tx)
        before = await everything(tx)
        # As the city was before the column, and what came after it.
        await tx.execute(text("DROP TABLE open_counts, open_releases"))
        await tx.execute(text("DROP FUNCTION refuse_wrong_counts"))
        await tx.execute(text("ALTER TABLE cases DROP COLUMN cell"))
        await tx.execute(text("UPDATE alembic_version SET version_num = '0008'"))
    assert await migrate(url, "older")
    async with transaction(engine) as tx:
        stored = await tx.execute(text("SELECT cell FROM cases ORDER BY number"))
        assert list(stored.scalars()) == cells(rows)
        assert await everything(tx) == before
        # The change of a final case is noted again.
        await tx.execute(text("UPDATE cases SET category = 'noise' WHERE number = 1"))
        assert len((await everything(tx))[1]) > len(before[1])
    await engine.dispose()


async def everything(tx: Transaction) -> tuple[list[Any], list[Any]]:
    """All cases, and all that was noted of changes."""
    cases = await tx.execute(text("SELECT to_jsonb(cases) FROM cases ORDER BY number"))
    noted = await tx.execute(text("SELECT to_jsonb(c) FROM case_block_changes AS c ORDER BY id"))
    return list(cases.scalars()), list(noted.scalars())
