"""A city in motion: the small one with staff, duty and open cases, and drafts of its grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import text

from api.due_jobs import jobs_of_a_city
from api.profile import CityProfile, read_profile
from api.publishing import publish_coverage
from api.settings import SHIPPED_PROFILE
from boundaries.publish import Published
from gis.cells import CASE_RESOLUTION, cells_of
from gis.store import staff
from gis.store.cities import CityRow, add_city
from gis.store.due_jobs import claim_job, continue_job, finish_job
from gis.store.engine import Transaction
from tests.small_city import CRS, NOON, nine_grids

PROFILE: CityProfile = read_profile(SHIPPED_PROFILE)


async def publish(
    tx: Transaction,
    frame: gpd.GeoDataFrame,
    *,
    now: datetime = NOON,
    effective_at: datetime | None = None,
    onto: int | None = None,
) -> Published:
    """Publish as route and command do, whatever it does to the outline."""
    return await publish_coverage(
        tx,
        frame,
        profile=PROFILE,
        now=now,
        effective_at=effective_at,
        actor="planner",
        crs=CRS,
        allow_outline_change=True,
        onto=onto,
    )


async def make_city(tx: Transaction, frame: gpd.GeoDataFrame | None = None) -> None:
    """Name the city and publish its first version."""
    await add_city(tx, CityRow("tested", "小城", generated=True))
    await publish(tx, nine_grids() if frame is None else frame, now=NOON - timedelta(days=9))


async def do_due(tx: Transaction, *, now: datetime = NOON) -> None:
    """Do what is due, as the service does, but in the test's own transaction."""
    does = jobs_of_a_city(PROFILE)
    while job := await claim_job(tx, list(does), now):
        goes_on = await does[job.kind](tx, job, now)
        if goes_on is None:
            await finish_job(tx, job.id, now)
        else:
            await continue_job(tx, job.id, goes_on)


def redrawn(frame: gpd.GeoDataFrame, owners: Mapping[str, Sequence[str]]) -> gpd.GeoDataFrame:
    """The frame with grids of other cells: new code → the old grids it is made of.

    Old grids named nowhere stay as they are; ``""`` takes cells out of the city.
    """
    old = frame.set_index("code")
    taken = {cell for cells in owners.values() for cell in cells}
    rows = [row for code, row in old.iterrows() if code not in taken]
    kept = [gpd.GeoDataFrame(rows, crs=4326).rename_axis("code").reset_index()] if rows else []
    made = [
        {
            "code": code,
            **old.loc[cells[0], ["name", "kind", "community", "community_name"]],
            **old.loc[cells[0], ["township", "township_name"]],
            "geometry": shapely.coverage_union_all(old.loc[list(cells), "geometry"].to_numpy()),
        }
        for code, cells in owners.items()
        if code
    ]
    parts = [*kept, gpd.GeoDataFrame(made, crs=4326)] if made else kept
    whole = gpd.GeoDataFrame(pd.concat(parts), crs=4326)
    return whole.sort_values("code").reset_index(drop=True)[list(frame.columns)]


async def post(
    tx: Transaction,
    table: str,
    person: str,
    area: str,
    start: datetime | None,
    stop: datetime | None,
    role: str = "worker",
) -> None:
    """Assign a person (added when new), or put them on duty."""
    await staff.put_staff(tx, {person: f"name of {person}"})
    given = [staff.Post(person, role, *(await staff.area_ids(tx))[area], start, stop)]
    await (staff.add_assignments if table == "assignments" else staff.add_duties)(tx, given)


async def add_case(
    tx: Transaction,
    number: int,
    place: tuple[float, float],
    *,
    grid: str | None,
    state: str = "handling",
    person: str | None = None,
) -> None:
    """A case that lies in ``grid`` since the first version."""
    await tx.execute(
        text(
            """
            INSERT INTO cases (number, kind, state, category, channel, occurred_at, received_at,
                point, cell, version_id, grid_id, grid_reason, today_grid_id, staff_id, staff_role,
                staff_rule)
            OVERRIDING SYSTEM VALUE
            SELECT :number, 'event', :state, 'other', 'web', :at, :at,
                ST_SetSRID(ST_MakePoint(:lng, :lat), 4326), :cell,
                CASE WHEN :grid = '' THEN NULL ELSE (SELECT min(id) FROM boundary_versions) END,
                (SELECT id FROM grids WHERE code = :grid),
                CASE WHEN :grid = '' THEN 'outside' ELSE 'inside' END,
                (SELECT id FROM grids WHERE code = :grid),
                (SELECT id FROM staff WHERE code = :person),
                CASE WHEN :person = '' THEN NULL ELSE 'worker' END,
                CASE WHEN :person = '' THEN NULL ELSE 2 END
            """
        ),
        {
            "number": number,
            "state": state,
            "at": NOON - timedelta(days=1),
            "lng": place[0],
            "lat": place[1],
            "cell": int(cells_of([place[0]], [place[1]], CASE_RESOLUTION)[0]),
            "grid": grid or "",
            "person": person or "",
        },
    )


async def posts_of(tx: Transaction, table: str) -> list[tuple[str, str, str, str]]:
    """Every post: grid, person, and its interval in hours from noon, ``-`` for an open end."""
    interval = {"assignments": "valid", "duties": "during"}[table]
    rows = await tx.execute(
        text(
            f"""
            SELECT grids.code, staff.code AS person, lower({interval}) AS start,
                   upper({interval}) AS stop
            FROM {table} JOIN grids ON grids.id = grid_id JOIN staff ON staff.id = staff_id
            ORDER BY 1, 2, 3
            """
        )
    )

    def hours(at: datetime | None) -> str:
        return "-" if at is None else f"{(at - NOON).total_seconds() / 3600:g}"

    return [(row.code, row.person, hours(row.start), hours(row.stop)) for row in rows]


async def grids_today(tx: Transaction) -> dict[int, str | None]:
    """Each case's grid of today by code."""
    rows = await tx.execute(
        text("SELECT number, code FROM cases LEFT JOIN grids ON grids.id = today_grid_id")
    )
    return {row.number: row.code for row in rows}
