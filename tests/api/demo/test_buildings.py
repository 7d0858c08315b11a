from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from api.demo import drawn
from api.demo.buildings import generate_counts
from api.demo.coverage import DemoGround
from boundaries.intake import measuring_crs
from gis.measures import area_m2


def test_counts_sum_to_the_city(counts: gpd.GeoDataFrame) -> None:
    assert counts["population"].sum() == 830_000
    assert 250_000 < counts["households"].sum() < 400_000
    assert (counts["households"] >= 1).all()
    assert (counts["population"] >= 0).all()


def test_buildings_stand_in_the_city_and_not_in_its_lakes(
    ground: DemoGround, counts: gpd.GeoDataFrame
) -> None:
    lng, lat = counts.geometry.x.to_numpy(), counts.geometry.y.to_numpy()
    assert shapely.contains_xy(drawn.outline().buffer(1e-6), lng, lat).all()
    for lake in ground.site.terrain.lakes:
        assert not shapely.contains_xy(lake.buffer(-1e-6), lng, lat).any()


def test_the_town_is_lived_in_more_densely_than_the_mountains(
    ground: DemoGround, counts: gpd.GeoDataFrame
) -> None:
    crs = measuring_crs(ground.grids)

    def people_per_km2(township: str) -> float:
        members = ground.grids[ground.grids["township"] == township].geometry.to_numpy()
        union = shapely.coverage_union_all(members)
        inside = counts.geometry.within(union).to_numpy()
        return float(counts["population"][inside].sum() / area_m2(np.array([union]), crs)[0] * 1e6)

    assert people_per_km2("330281002") > 8 * people_per_km2("330281116")


def test_the_seed_makes_the_counts(ground: DemoGround, counts: gpd.GeoDataFrame) -> None:
    assert generate_counts(ground, seed=1).equals(counts)
    assert not generate_counts(ground, seed=2).equals(counts)
