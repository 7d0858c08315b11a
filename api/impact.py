"""What publishing a draft would change, before anybody does: nothing is written here."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from api.handover import Handover, index_around
from api.holders import HOLDERS
from api.profile import CityProfile
from api.taking_effect import VersionJobs
from boundaries.intake import measuring_crs
from boundaries.publish import coded, traced
from boundaries.succession.counted import Counted, counts_of_grids
from boundaries.succession.impact import GridFigures, Impact
from boundaries.succession.lineage import Changed, changed_between, with_other_ground
from gis.errors import NotFound
from gis.locate import GridIndex
from gis.measures import area_m2
from gis.store.building_counts import counts_near
from gis.store.engine import Transaction
from gis.store.grids import load_grids
from gis.store.on_duty import posts_held
from gis.store.report_load import case_places
from gis.store.versions import Version, version_chain

LOAD_DAYS = 365


async def impact_of(
    tx: Transaction, frame: gpd.GeoDataFrame, *, profile: CityProfile, now: datetime, at: datetime
) -> Impact:
    """Hold a draft, a GridFrame, against the latest version as if it took effect ``at``.

    Every open case, assignment and duty that would change hands, as publishing would do it
    were ``at`` now; the figures of the grids that change, and their lineage. Where the latest
    version still waits for its day, it is that day at least. The load is that of the 365
    days before ``now``.

    Raises
    ------
    NotFound
        ``no_version``: the city has no grids yet.
    """
    chain = await version_chain(tx)
    if not chain:
        raise NotFound("no_version", "The city has no grids yet, so nothing would change.")
    latest = await load_grids(tx, chain[-1].id)
    before, after = coded(latest), coded(frame)
    changed = await asyncio.to_thread(changed_between, before, after)
    crs = measuring_crs(frame, profile.metric_crs)
    lineage = await traced(tx, before, after, crs)
    moved = await asyncio.to_thread(with_other_ground, changed, before, after, crs)
    jobs = VersionJobs(profile)
    at = max(at, chain[-1].effective_at)
    change = await jobs.change(before, frame, lineage, at=at)
    async with _once_in_force(tx, jobs, chain[-1], now):
        moves = [move for holder in HOLDERS for move in await holder.moves(tx, change)]
        sides = await _sides(tx, change, latest, frame, moved, profile, now)
    return Impact(
        at=at,
        before=sides[0],
        after=sides[1],
        lineage=tuple(row for row in lineage if row.old in moved.before),
        moves=tuple(moves),
        shapes_before=before.only(moved.before),
        shapes_after=after.only(moved.after),
    )


@asynccontextmanager
async def _once_in_force(
    tx: Transaction, jobs: VersionJobs, latest: Version, now: datetime
) -> AsyncIterator[None]:
    """Who has what once all versions that wait for their day took effect; nothing of it stays.

    Writers of cases wait meanwhile, a second or so; it is rare that a version waits.
    """
    if latest.effective_at <= now:
        yield
        return
    savepoint = await tx.begin_nested()
    try:
        await jobs.catch_up(tx, latest.effective_at)
        yield
    finally:
        await savepoint.rollback()


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is known of grids by code, from all the sources."""

    households: Mapping[str, float | None]
    population: Mapping[str, float | None]
    load: Mapping[str, int]
    staff: Mapping[str, int]


async def _sides(
    tx: Transaction,
    change: Handover,
    latest: gpd.GeoDataFrame,
    frame: gpd.GeoDataFrame,
    changed: Changed,
    profile: CityProfile,
    now: datetime,
) -> tuple[tuple[GridFigures, ...], tuple[GridFigures, ...]]:
    if not len(change.boxes):
        return (), ()
    crs = measuring_crs(frame, profile.metric_crs)
    before, after = coded(latest), coded(frame)
    ground = np.concatenate(
        [before.only(changed.before).polygons, after.only(changed.after).polygons]
    )
    counts = await counts_near(tx, ground)
    lng, lat = await case_places(tx, change.boxes, now - timedelta(days=LOAD_DAYS))
    staff_before, staff_after = await _staff(tx, change, latest, changed)

    def sides() -> tuple[tuple[GridFigures, ...], tuple[GridFigures, ...]]:
        index = index_around(before, change.boxes, profile.nearest_m, crs)
        found = []
        for grids, table, codes, there, staff in (
            (before, latest, changed.before, index, staff_before),
            (after, frame, changed.after, change.index, staff_after),
        ):
            households, population = (
                counts_of_grids(
                    grids.codes,
                    grids.polygons,
                    None if figure is None else Counted.of(counts.geometries, figure),
                )
                for figure in (counts.households, counts.population)
            )
            rows = table[table["code"].isin(codes)].sort_values("code")
            known = _Figures(households, population, _load(there, lng, lat), staff)
            found.append(_of_grids(rows, area_m2(rows.geometry.to_numpy(), crs), known))
        return found[0], found[1]

    return await asyncio.to_thread(sides)


def _load(
    index: GridIndex | None, lng: NDArray[np.float64], lat: NDArray[np.float64]
) -> Mapping[str, int]:
    if index is None:
        return Counter()
    grid = index.locate(lng, lat).grid
    counts = np.bincount(grid[grid >= 0], minlength=len(index.codes))
    return Counter(dict(zip(index.codes, counts.tolist(), strict=True)))


def _of_grids(
    rows: gpd.GeoDataFrame, sizes_m2: NDArray[np.float64], known: _Figures
) -> tuple[GridFigures, ...]:
    columns = zip(
        rows["code"], rows["name"], rows["kind"], rows["community"], rows["township"], strict=True
    )
    return tuple(
        GridFigures(
            *described,
            area_m2=float(size),
            households=known.households[described[0]],
            population=known.population[described[0]],
            load=known.load.get(described[0], 0),
            staff=known.staff.get(described[0], 0),
        )
        for described, size in zip(columns, sizes_m2, strict=True)
    )


async def _staff(
    tx: Transaction, change: Handover, latest: gpd.GeoDataFrame, changed: Changed
) -> tuple[dict[str, int], dict[str, int]]:
    """How many people have a post in each grid at the instant, before and after."""
    ids = dict(zip(latest["code"], latest["grid_id"], strict=True))
    codes = {int(ids[code]): code for code in changed.before}
    posts = await posts_held(
        tx, change.at, change.at, grid_ids=list(codes), community_ids=(), township_ids=()
    )
    there = defaultdict[str, set[int]](set)
    for post in posts:
        there[codes[post.area_id]].add(post.staff_id)
    then: dict[str, Collection[int]] = {code: there[code] for code in changed.before}
    afterwards = {code: set(then.get(code, ())) for code in changed.after}
    for old, new in change.passed:
        afterwards[new] |= set(then[old])
    return _numbers(then), _numbers(afterwards)


def _numbers(people: Mapping[str, Collection[int]]) -> dict[str, int]:
    return {code: len(found) for code, found in people.items()}
