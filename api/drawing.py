"""The shapes that a version's tiles are cut from: drawn after it was published, in a due job.

The whole coverage is simplified at nine zooms: seconds of work for a change of ten grids as
for one of all, and nothing that decides who answers for a place hangs on it. Until it is done
tiles show the version before.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

import geopandas as gpd

from gis.store import journal
from gis.store.due_jobs import Job
from gis.store.engine import Transaction
from gis.store.grids import load_grids
from tiles.shapes import build_shapes, store_shapes

IS_DRAWN = "version.is_drawn"


async def draw(tx: Transaction, version_id: int, frame: gpd.GeoDataFrame) -> None:
    """Make a version's shapes and store them; from the commit on tiles show it."""
    await store_shapes(tx, version_id, await asyncio.to_thread(build_shapes, frame))


async def draw_as_due(tx: Transaction, job: Job, now: datetime) -> None:  # noqa: ARG001 - as all
    """Draw the version of a job, and tell who looks at a map."""
    version_id = int(job.payload["version"])
    await draw(tx, version_id, await load_grids(tx, version_id))
    await journal.append(
        tx, actor="schedule", kind="version.drawn", subject=f"version/{job.payload['number']}"
    )
