"""Putting the demo city into the store: all of it or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import geopandas as gpd
import numpy as np
import pandas as pd

from api.demo.background import background_shapes
from api.demo.buildings import generate_counts
from api.demo.case_rows import demo_case_rows, sealed_texts
from api.demo.coverage import generate_ground
from api.demo.places import Places
from api.demo.reports import generate_reports
from api.demo.staff import generate_staff
from api.demo.stories import stories
from api.locators import Locators
from api.open_data.releasing import release_months
from api.profile import CityProfile
from api.publishing import publish_coverage
from boundaries.intake import Admission, admit, measuring_crs
from gis.store import journal, reports, staff
from gis.store.background import add_shapes
from gis.store.building_counts import replace_counts
from gis.store.cities import CityRow, add_city
from gis.store.engine import CityEngine, transaction

CITY_NAME = "余姚市"
STEPS = (
    "Drawing the grids",
    "Drawing rivers and roads",
    "Making up a year of reports",
    "Publishing the boundaries",
    "Posting the staff",
    "Joining the reports to their grids",
    "Storing the reports",
)


@dataclass(frozen=True)
class GeneratedCity:
    """What the seed and the clock make, before any of it is stored."""

    admission: Admission
    background: gpd.GeoDataFrame
    counts: gpd.GeoDataFrame
    reports: pd.DataFrame


async def load_demo(
    engine: CityEngine,
    profile: CityProfile,
    *,
    code: str,
    seed: int,
    now: datetime,
    on_step: Callable[[str], None],
) -> None:
    """Load the generated city in one transaction.

    Parameters
    ----------
    code
        Of the city's schema.
    now
        Aware; duties and reports lie around it.
    on_step
        Hears each of ``STEPS`` as it begins.
    """
    now = now.astimezone(profile.zone)
    # Nothing is generated within the transaction: it holds locks.
    made = await _generate(profile, seed, now, on_step)
    frame = made.admission.frame
    async with transaction(engine) as tx:
        on_step(STEPS[3])
        await add_city(tx, CityRow(code, CITY_NAME, generated=True))
        await publish_coverage(
            tx,
            frame,
            profile=profile,
            now=now,
            actor="demo",
            crs=measuring_crs(frame, profile.metric_crs),
        )
        await add_shapes(tx, made.background)
        await replace_counts(tx, made.counts)
        on_step(STEPS[4])
        people = generate_staff(
            frame, await staff.area_ids(tx), seed=seed, now=now, zone=profile.zone
        )
        await staff.put_staff(tx, people.names)
        await staff.add_assignments(tx, people.assignments)
        await staff.add_duties(tx, people.duties)
        on_step(STEPS[5])
        locators = Locators(nearest_m=profile.nearest_m, metric=profile.metric_crs)
        rows = await asyncio.to_thread(
            demo_case_rows,
            made.reports,
            locators=await locators.at(tx, now),
            posts=await staff.posts_during(tx, made.reports["received_at"].min(), now),
            profile=profile,
            now=now,
        )
        on_step(STEPS[6])
        numbers = await reports.add_reports(tx, rows)
        ids = await reports.report_ids(tx, numbers)
        await reports.add_texts(tx, *await asyncio.to_thread(sealed_texts, rows, ids))
        await release_months(tx, profile, actor="demo", now=now)
        await journal.append(
            tx,
            actor="demo",
            kind="city.generated",
            subject=f"city/{code}",
            after={
                "seed": seed,
                "grids": len(frame),
                "reports": len(rows),
                "staff": len(people.names),
                "buildings": len(made.counts),
            },
        )


async def _generate(
    profile: CityProfile, seed: int, now: datetime, on_step: Callable[[str], None]
) -> GeneratedCity:
    on_step(STEPS[0])
    ground = await asyncio.to_thread(generate_ground, seed)
    crs = measuring_crs(ground.grids, profile.metric_crs)
    admission = await asyncio.to_thread(admit, ground.grids, crs=crs)
    on_step(STEPS[1])
    background = await asyncio.to_thread(background_shapes, ground)
    on_step(STEPS[2])
    counts = await asyncio.to_thread(generate_counts, ground, seed=seed)
    places = Places.of(np.random.default_rng([seed, 4]), ground, counts, background)
    urgencies = {category.code: category.urgency for category in profile.categories}
    made = await asyncio.to_thread(
        generate_reports,
        places,
        stories(ground.grids, background, seed=seed, now=now),
        urgencies,
        seed=seed,
        now=now,
    )
    return GeneratedCity(admission, background, counts, made)
