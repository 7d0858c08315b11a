"""Putting the demo city into the store: all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import numpy as np
import pandas as pd

from api.cases.case_rows import case_rows
from api.cases.content import content_hashes
from api.demo.coverage import generate_coverage
from api.demo.reports import generate_reports
from api.demo.staff import generate_staff
from api.locating import utc
from api.locators import Locators
from api.profile import CityProfile
from api.publishing import publish_coverage
from boundaries.intake import admit, measuring_crs
from gis.datum import Datum
from gis.store import journal, reports, staff
from gis.store.cities import CityRow, add_city
from gis.store.engine import CityEngine, transaction

CITY_NAME = "余姚市"
STEPS = 4


async def load_demo(
    engine: CityEngine,
    profile: CityProfile,
    *,
    code: str,
    seed: int,
    now: datetime,
    on_step: Callable[[int], None],
) -> None:
    """Load the generated city in one transaction.

    Parameters
    ----------
    code
        Of the city's schema.
    now
        Aware; duties and reports lie around it.
    on_step
        Hears each step done.
    """
    now = now.astimezone(profile.zone)
    frame = await asyncio.to_thread(generate_coverage, seed)
    crs = measuring_crs(frame, profile.metric_crs)
    admission = await asyncio.to_thread(admit, frame, crs=crs, repair=True)
    on_step(1)
    async with transaction(engine) as tx:
        await add_city(tx, CityRow(code, CITY_NAME, generated=True))
        await publish_coverage(
            tx,
            admission.frame,
            effective_at=now,
            actor="demo",
            crs=crs,
            nearest_m=profile.nearest_m,
        )
        on_step(1)
        people = generate_staff(
            admission.frame, await staff.area_ids(tx), seed=seed, now=now, zone=profile.zone
        )
        await staff.put_staff(tx, people.names)
        await staff.add_assignments(tx, people.assignments)
        await staff.add_duties(tx, people.duties)
        on_step(1)
        locators = Locators(nearest_m=profile.nearest_m, metric=profile.metric_crs)
        made = generate_reports(admission.frame, list(profile.category), seed=seed, now=now)
        posts = await staff.posts_during(tx, made["occurred_at"].min().to_pydatetime(), now)
        rows = await asyncio.to_thread(
            case_rows,
            _accepted(made),
            datum=Datum.WGS84,
            locators=await locators.at(tx, now),
            posts=posts,
            roles=profile.duty.roles,
            category_of=profile.category.__getitem__,
            state="closed",
            now=utc(now),
        )
        rows = rows.assign(**{column: made[column] for column in ("channel", "state", "urgency")})
        await reports.add_reports(tx, rows)
        await journal.append(
            tx,
            actor="demo",
            kind="city.generated",
            subject=f"city/{code}",
            after={
                "seed": seed,
                "grids": len(admission.frame),
                "reports": len(rows),
                "staff": len(people.names),
            },
        )
    on_step(1)


def _accepted(made: pd.DataFrame) -> pd.DataFrame:
    """Generated reports in the columns of ``ReportChunk.accepted``."""
    instants = made["occurred_at"].to_numpy("datetime64[us]")
    codes, category = np.unique(made["category"].to_numpy(str), return_inverse=True)
    lng, lat = made["lng"].to_numpy(np.float64), made["lat"].to_numpy(np.float64)
    return pd.DataFrame(
        {
            "external_id": made["id"],
            "given_x": lng,
            "given_y": lat,
            "client_time": made["occurred_at"],
            "occurred_at": made["occurred_at"],
            "received_at": made["occurred_at"],
            "time_flag": None,
            "category": made["category"],
            "content_hash": content_hashes(
                lng, lat, Datum.WGS84, instants, [str(code) for code in codes], category
            ),
        }
    )
