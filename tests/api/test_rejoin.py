"""The re-join against GEOS: every case located anew in the whole version, one by one."""

from __future__ import annotations

from datetime import timedelta

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.handover import handover
from api.locators import build_locator
from boundaries.publish import coded
from boundaries.succession.lineage import CodedPolygons
from gis.cells import CASE_RESOLUTION, cells_of
from gis.store.engine import CityEngine, Transaction
from gis.store.grids import load_grids
from gis.store.versions import version_chain
from tests.api.handed_over import PROFILE, do_due, grids_today, make_city, publish
from tests.boundaries.two_versions import CRS, TwoVersions, two_versions
from tests.databases import rolled_back
from tests.gis.scattered_coverage import awkward_points
from tests.small_city import NOON


def frame_of(grids: CodedPolygons) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "code": list(grids.codes),
            "name": list(grids.codes),
            "kind": "base",
            "community": "c",
            "community_name": "社区",
            "township": "t",
            "township_name": "镇",
        },
        geometry=list(grids.polygons),
        crs=4326,
    )


def by_geos(grids: CodedPolygons, point: shapely.Point, nearest_m: float) -> str | None:
    """The lowest code of those that hold the point, else of the nearest within reach."""
    holding = [c for c, p in zip(grids.codes, grids.polygons, strict=True) if p.intersects(point)]
    if holding:
        return min(map(str, holding))
    place = gpd.GeoSeries([point], crs=4326).to_crs(CRS).iloc[0]
    distances = gpd.GeoSeries(list(grids.polygons), crs=4326).to_crs(CRS).distance(place)
    if distances.min() > nearest_m:
        return None
    return str(grids.codes[int(distances.argmin())])


def places(two: TwoVersions, seed: int) -> np.ndarray:
    """Points in, on the edges of, and around the grids of both versions."""
    both = np.concatenate([two.before.polygons, two.after.polygons])
    found = awkward_points(both, seed, many=6)
    west, south, east, north = shapely.total_bounds(both)
    near = (np.abs(found - [(west + east) / 2, (south + north) / 2]) < 0.1).all(axis=1)
    return np.unique(found[near], axis=0)


@given(st.integers(0, 2**32))
def test_beyond_the_boxes_no_point_changes_its_grid_and_within_all_are_found(seed: int) -> None:
    two = two_versions(seed)
    change = handover(
        two.before, frame_of(two.after), (), at=NOON, nearest_m=30.0, crs=CRS, roles=["worker"]
    )
    points = places(two, seed)
    found = change.grids_at(points[:, 0], points[:, 1])
    west, south, east, north = change.boxes.T
    for xy, grid in zip(points, found, strict=True):
        point = shapely.Point(xy)
        now = by_geos(two.after, point, 30.0)
        x, y = xy
        if ((west <= x) & (x <= east) & (south <= y) & (y <= north)).any():
            assert grid == now
        else:
            assert by_geos(two.before, point, 30.0) == now


@settings(
    max_examples=max(settings().max_examples // 10, 1),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
async def test_after_a_version_every_case_lies_where_geos_finds_it(
    engine: CityEngine, seed: int
) -> None:
    two = two_versions(seed)
    async with rolled_back(engine) as tx:
        await make_city(tx, frame_of(two.before))
        points = places(two, seed)
        await _add_cases(tx, points)
        await publish(tx, frame_of(two.after))
        expected = {
            number: by_geos(two.after, shapely.Point(xy), PROFILE.nearest_m)
            for number, xy in enumerate(points, start=1)
        }
        found = await grids_today(tx)
        assert {n: grid for n, grid in found.items() if n % 2} == {
            n: grid for n, grid in expected.items() if n % 2
        }
        await do_due(tx)
        assert await grids_today(tx) == expected


async def _add_cases(tx: Transaction, points: np.ndarray) -> None:
    """A case at each point, every second one closed, placed by the first version."""
    (version,) = await version_chain(tx)
    locator = build_locator(
        version, await load_grids(tx, version.id), nearest_m=PROFILE.nearest_m, metric=None
    )
    placed = locator.index.locate(points[:, 0], points[:, 1])
    ids = [int(id_) if id_ >= 0 else None for id_ in np.append(locator.grid_ids, -1)[placed.grid]]
    await tx.execute(
        text(
            """
            INSERT INTO cases (number, kind, state, category, channel, occurred_at, received_at,
                point, cell, version_id, grid_id, grid_reason, today_grid_id)
            OVERRIDING SYSTEM VALUE
            SELECT number, 'event', CASE WHEN number % 2 = 1 THEN 'received' ELSE 'closed' END,
                'other', 'web', :at, :at, ST_SetSRID(ST_MakePoint(lng, lat), 4326),
                cell, CASE WHEN grid IS NOT NULL THEN CAST(:version AS int) END, grid,
                CASE WHEN grid IS NULL THEN 'outside' ELSE 'inside' END, grid
            FROM unnest(CAST(:lngs AS float8[]), CAST(:lats AS float8[]), CAST(:grids AS int[]),
                CAST(:cells AS bigint[])) WITH ORDINALITY AS given (lng, lat, grid, cell, number)
            """
        ),
        {
            "at": NOON - timedelta(days=1),
            "version": version.id,
            "lngs": points[:, 0].tolist(),
            "lats": points[:, 1].tolist(),
            "grids": ids,
            "cells": cells_of(points[:, 0], points[:, 1], CASE_RESOLUTION).tolist(),
        },
    )


async def test_a_case_on_an_edge_goes_to_the_lowest_code_of_the_new_version(
    tx: Transaction,
) -> None:
    two = two_versions(7)
    await make_city(tx, frame_of(two.before))
    corner = np.array([shapely.get_coordinates(two.before.polygons[0])[0]])
    await _add_cases(tx, corner)
    frame = frame_of(two.before)
    first = (await grids_today(tx))[1]
    frame["code"] = frame["code"].replace({first: f"z{first}"})
    await publish(tx, frame.sort_values("code", ignore_index=True))
    expected = by_geos(coded(frame), shapely.Point(corner[0]), 0.0)
    assert expected != first
    assert await grids_today(tx) == {1: expected}
