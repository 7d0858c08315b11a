"""A file of reports, and a boundary version that takes effect while it is being imported."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
from sqlalchemy import text

from api.cases.coordinates import Bounds
from api.cases.rejects import RejectsFile
from api.cases.report_checks import ReportRules
from api.cases.report_file import ReportColumns, open_report_file
from api.locators import Locators
from api.profile import read_profile
from api.report_import import ImportInto, import_reports
from api.settings import SHIPPED_PROFILE
from gis.datum import Datum
from gis.store.engine import transaction
from tests.committed_city import committed_city
from tests.small_city import SOUTH, STEP, WEST, nine_grids, publish_small_city

COLUMNS = ReportColumns(lng="lng", lat="lat", time="time", category="category", id="id")


async def test_a_case_of_today_lies_in_the_version_in_force_when_it_is_stored(
    cluster_url: str, tmp_path: Path
) -> None:
    """The file was begun an hour ago; since then what was g00 has become h00."""
    begun = datetime.now(UTC) - timedelta(hours=1)
    later = nine_grids().replace({"code": {"g00": "h00"}})
    profile = read_profile(SHIPPED_PROFILE)
    path = tmp_path / "reports.csv"
    pd.DataFrame(
        {
            "id": ["a"],
            "lng": [WEST + STEP / 2],
            "lat": [SOUTH + STEP / 2],
            "time": [(begun - timedelta(days=1)).isoformat()],
            "category": ["other"],
        }
    ).to_csv(path, index=False)
    rules = ReportRules(
        datum=Datum.WGS84,
        zone=profile.zone,
        categories=frozenset(profile.category),
        add_categories=False,
        bounds=Bounds(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP),
        now=begun,
    )
    async with committed_city(cluster_url, "importing") as engine:
        async with transaction(engine) as tx:
            await publish_small_city(tx, at=begun - timedelta(days=9))
            await publish_small_city(tx, at=begun + timedelta(minutes=30), frame=later)
        locators = Locators(nearest_m=profile.nearest_m, metric=profile.metric_crs)
        into = ImportInto(engine, profile, locators, "received", strict=False, subject="file")
        file = open_report_file(path, COLUMNS)
        with RejectsFile(None, file.table.columns) as rejects:
            tally = await import_reports(file, rules, rejects, into, lambda _: None)
        assert tally.imported == 1
        async with transaction(engine) as tx:
            rows = await tx.execute(
                text(
                    "SELECT day.code AS day, today.code AS today FROM cases"
                    " JOIN grids AS day ON day.id = cases.grid_id"
                    " JOIN grids AS today ON today.id = cases.today_grid_id"
                )
            )
            (case,) = rows.all()
    assert (case.day, case.today) == ("g00", "h00")
