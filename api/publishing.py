"""Publishing across the rooms: version, lineage, what changes hands, journal, jobs that follow."""

from __future__ import annotations

from datetime import datetime

import geopandas as gpd
import pyproj

from api.drawing import IS_DRAWN, draw
from api.profile import CityProfile
from api.taking_effect import TAKES_EFFECT, VersionJobs, take_effect
from boundaries.publish import Published, publish
from gis.coverage import Proven
from gis.errors import BadInput
from gis.store import journal
from gis.store.due_jobs import add_job
from gis.store.engine import Transaction


async def publish_coverage(
    tx: Transaction,
    frame: gpd.GeoDataFrame,
    *,
    profile: CityProfile,
    now: datetime,
    effective_at: datetime | None = None,
    actor: str,
    crs: pyproj.CRS,
    allow_outline_change: bool = False,
    onto: int | None = None,
    proven: Proven | None = None,
) -> Published:
    """Publish a GridFrame in force from ``effective_at`` on, with everything that follows from it.

    In the caller's transaction: the proven version with its lineage, one journal row; and
    where it is effective ``now`` (without an instant, or as a city's first), what changes
    hands. For a later instant that is left to a due job, as its tile shapes are for any but
    the first. An unchanged frame writes nothing. ``onto`` and ``proven`` as for
    ``boundaries.publish``.

    Raises
    ------
    BadInput
        ``effective_in_the_past``; and from ``boundaries.publish``.
    Conflict
        From ``boundaries.publish``.
    """
    if effective_at is not None and effective_at < now:
        raise BadInput(
            "effective_in_the_past",
            f"A version cannot take effect in the past ({effective_at.isoformat()}):"
            " reports and duty of that time are answered already.",
            field="effective_at",
            value=effective_at.isoformat(),
        )
    jobs = VersionJobs(profile)
    await jobs.catch_up(tx, now)
    published = await publish(
        tx,
        frame,
        effective_at=effective_at or now,
        actor=actor,
        crs=crs,
        allow_outline_change=allow_outline_change,
        onto=onto,
        proven=proven,
    )
    if not published.is_new:
        return published
    version = published.version
    if len(published.before.codes):
        await add_job(tx, IS_DRAWN, now, {"version": version.id, "number": version.number})
    else:
        await draw(tx, version.id, frame)
    await journal.append(
        tx,
        actor=actor,
        kind="version.published",
        subject=f"version/{version.number}",
        after={"grids": len(frame), "effective_at": version.effective_at.isoformat()},
    )
    if version.effective_at > now:
        await add_job(tx, TAKES_EFFECT, version.effective_at, {"version": version.id})
    else:
        # A city's first version reaches back to 1900: it is now that somebody is on duty.
        change = await jobs.change(published.before, frame, published.lineage, at=now)
        await take_effect(tx, version, change, actor=actor, now=now)
    return published
