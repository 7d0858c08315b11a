"""Grids of the demo city made even: borders a planner could publish, judged by measures."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from api.demo.coverage import DemoGround
from boundaries.balancing.cut_region import cut_region
from boundaries.balancing.redistricting import Redistricting, redistrict
from boundaries.balancing.region import Region
from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.region import DrawnGrid
from boundaries.operations import RedrawRegion, apply
from boundaries.succession.counted import Counted
from gis.crs import objects, project
from gis.measures import polsby_popper
from tests.boundaries.counted_regions import region_in
from tests.boundaries.planned_city import CRS, LIMITS, RULES, issuer


@pytest.fixture(scope="session")
def city(ground: DemoGround) -> DraftCoverage:
    return DraftCoverage.of(ground.grids, CRS)


def crowded(city: DraftCoverage, rank: float) -> str:
    """A community of five base grids or more, by how small its grids are: 0 is the densest."""
    sizes: dict[str, list[float]] = {}
    for grid in city.grids.values():
        if grid.kind == "base":
            sizes.setdefault(grid.community, []).append(grid.geometry.area)
    order = sorted((np.mean(s), code) for code, s in sizes.items() if len(s) >= 5)
    return order[int(rank * (len(order) - 1))][1]


def region_of(
    city: DraftCoverage, community: str, counts: gpd.GeoDataFrame, background: gpd.GeoDataFrame
) -> Region:
    codes = [g.code for g in city.grids.values() if g.community == community and g.kind == "base"]
    counted = Counted(objects(counts.geometry), counts["households"].to_numpy(np.float64))
    box = shapely.box(*shapely.total_bounds([city.grids[code].geometry for code in codes]))
    near = shapely.intersects(counted.geometries, box)
    shapes = background[background["kind"] != "hill"].geometry
    lines: Any = shapely.get_parts([s if s.length and not s.area else s.boundary for s in shapes])
    return region_in(
        city,
        Counted(counted.geometries[near], counted.figure[near]),
        codes,
        [line for line in lines if line.intersects(box)],
    )


def found_in(region: Region) -> Redistricting:
    ticks = iter(range(60))
    return redistrict(cut_region(region), seed=1, out_of_time=lambda: next(ticks, None) is None)


@pytest.mark.parametrize("rank", [0.0, 0.5, 0.9])
def test_proposals_have_borders_a_planner_could_publish(
    rank: float, city: DraftCoverage, counts: gpd.GeoDataFrame, background: gpd.GeoDataFrame
) -> None:
    community = crowded(city, rank)
    region = region_of(city, community, counts, background)
    found = found_in(region)
    best = found.plans[-1]
    # Households of a community of a handful of grids: from half off to a twentieth.
    assert best.deviation < 0.1 < found.today.deviation
    for plan in found.plans:
        drawn = tuple(DrawnGrid(area, code) for code, area in plan.areas.items())
        after = apply(city, RedrawRegion(drawn), issuer(city, RULES[0]), LIMITS).coverage
        old, new = (
            objects([each.grids[code].geometry for code in region.codes]) for each in (city, after)
        )
        # Compact: on the whole not much less round than they were.
        assert polsby_popper(new, CRS).mean() > 0.7 * polsby_popper(old, CRS).mean()
        was, now = project(old, CRS), project(new, CRS)
        # No fingers: of what is narrower than 16 m there is next to nothing that was not there.
        assert thin_share(now) < thin_share(was) + 0.01
        # Straight: no more corners than they had, and four for each grid that is redrawn.
        corners = shapely.get_num_coordinates(now).sum() - shapely.get_num_coordinates(was).sum()
        assert corners <= 4 * len(plan.areas)
        outline_was, outline = (
            shapely.normalize(
                shapely.coverage_union_all(
                    [g.geometry for g in each.grids.values() if g.community == community]
                )
            )
            for each in (city, after)
        )
        assert shapely.symmetric_difference(outline_was, outline).area < 1e-13


def thin_share(shapes: NDArray[np.object_]) -> float:
    """The part of the ground that no disc of 16 m inside a grid covers."""
    opened = shapely.buffer(shapely.buffer(shapes, -8.0), 8.0)
    return float(
        1 - shapely.area(shapely.intersection(opened, shapes)).sum() / shapely.area(shapes).sum()
    )
