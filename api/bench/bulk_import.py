"""Bulk import beside its floor: the same rows copied into one bare table.

Both load a file of made-up reports into a scratch city, which is dropped before
and after. Ours reads and checks the file, joins each row to its grid and person,
and stores report and case with all their indexes, in chunks that commit.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from api.bench.scratch_city import gridded_city
from api.cases.coordinates import Bounds
from api.cases.rejects import RejectsFile
from api.cases.report_checks import ReportRules
from api.cases.report_file import ReportColumns, open_report_file
from api.locators import Locators
from api.profile import CityProfile
from api.report_import import ImportInto, Tally, import_reports
from gis.datum import Datum
from gis.store.copying import copy_csv
from gis.store.engine import CityEngine, transaction

CITY = "bench_import"
COLUMNS = ReportColumns(lng="lng", lat="lat", time="time", category="category", id="id")
DAYS = 200


@dataclass(frozen=True, slots=True)
class BulkImport:
    """Rates over one file; ``copy_per_s`` is the floor."""

    reports: int
    grids: int
    imported: int
    reports_per_s: float
    copy_per_s: float

    @property
    def share_of_floor(self) -> float:
        """Our rate as a part of the bare copy's."""
        return self.reports_per_s / self.copy_per_s


async def measure(
    url: str, profile: CityProfile, *, reports: int, grids: int, seed: int
) -> BulkImport:
    """Import ``reports`` made-up reports into a scratch city of ``grids`` grids."""
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        path = Path(folder) / "reports.csv"
        async with gridded_city(url, CITY, profile, grids=grids, seed=seed) as (engine, frame):
            _write_reports(path, frame, profile, reports, seed)
            copy_s = await _copy_bare(engine, path)
            started = time.perf_counter()
            tally = await _import(engine, profile, path, frame)
            import_s = time.perf_counter() - started
    return BulkImport(reports, grids, tally.imported, reports / import_s, reports / copy_s)


def _write_reports(
    path: Path, frame: gpd.GeoDataFrame, profile: CityProfile, reports: int, seed: int
) -> None:
    """A CSV in order of time, as systems export it."""
    rng = np.random.default_rng(seed)
    west, south, east, north = frame.total_bounds
    since = pd.Timestamp("2026-01-01", tz="UTC")
    seconds = np.sort(rng.integers(0, DAYS * 86_400, reports))
    pd.DataFrame(
        {
            "id": np.arange(reports),
            "lng": np.round(rng.uniform(west, east, reports), 7),
            "lat": np.round(rng.uniform(south, north, reports), 7),
            "time": (since + pd.to_timedelta(seconds, unit="s")).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "category": rng.choice(list(profile.category), reports),
        }
    ).to_csv(path, index=False)


async def _copy_bare(engine: CityEngine, path: Path) -> float:
    """Seconds to copy the file as it is into one table without any index."""
    async with transaction(engine) as tx:
        driver: Any = (await tx.get_raw_connection()).driver_connection
        await driver.execute(
            "CREATE TABLE bare (id text, lng float8, lat float8, at timestamptz, category text)"
        )
        started = time.perf_counter()
        with path.open("rb") as rows:
            await copy_csv(tx, "bare", rows)
        seconds = time.perf_counter() - started
        await driver.execute("DROP TABLE bare")
    return seconds


async def _import(
    engine: CityEngine, profile: CityProfile, path: Path, frame: gpd.GeoDataFrame
) -> Tally:
    file = open_report_file(path, COLUMNS)
    rules = ReportRules(
        datum=Datum.WGS84,
        zone=profile.zone,
        categories=frozenset(profile.category),
        add_categories=False,
        bounds=Bounds(*map(float, frame.total_bounds)),
        now=datetime.now(UTC),
    )
    locators = Locators(nearest_m=profile.nearest_m, metric=profile.metric_crs)
    into = ImportInto(engine, profile, locators, "historic", strict=False, subject="bench")
    with RejectsFile(None, file.table.columns) as rejects:
        return await import_reports(file, rules, rejects, into, lambda _: None)
