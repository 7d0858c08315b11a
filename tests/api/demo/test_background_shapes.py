"""The city's own basemap: light, within the city, its roads where the grids meet."""

from __future__ import annotations

import geopandas as gpd
import shapely

from api.demo import drawn
from api.demo.coverage import DemoGround
from gis.store.tables.background import BACKGROUND_KINDS
from tests.api.demo.along_edges import share_along_edges


def test_every_kind_of_shape_is_there(background: gpd.GeoDataFrame) -> None:
    assert set(background["kind"]) == set(BACKGROUND_KINDS)
    named = set(background["name_zh"].dropna())
    assert {"姚江", "牟山湖", "四明湖", "杭甬高速"} <= named
    assert (background["name_zh"].isna() == background["name_en"].isna()).all()


def test_land_and_water_are_areas_and_roads_and_streams_are_lines(
    background: gpd.GeoDataFrame,
) -> None:
    is_area = shapely.get_dimensions(background.geometry.to_numpy()) == 2
    assert (is_area == background["kind"].isin(["water", "river", "hill"])).all()
    assert background.geometry.is_valid.all()


def test_the_background_is_light(background: gpd.GeoDataFrame) -> None:
    assert len(background.to_json().encode()) <= 300_000


def test_nothing_lies_beyond_the_city(background: gpd.GeoDataFrame) -> None:
    city = drawn.outline().buffer(2e-5)
    assert shapely.covers(city, background.geometry.to_numpy()).all()


def test_roads_run_where_grids_meet(ground: DemoGround, background: gpd.GeoDataFrame) -> None:
    [roads] = background.geometry[background["kind"] == "road"]
    assert share_along_edges(roads, ground.grids.geometry.to_numpy(), within=6e-5) > 0.98


def test_the_river_runs_through_the_town_from_the_west_to_the_east(
    background: gpd.GeoDataFrame,
) -> None:
    [river] = background.geometry[background["kind"] == "river"]
    west, _, east, _ = river.bounds
    lng, lat = drawn.CENTRE
    assert west < lng - 0.05
    assert east > 121.37
    assert river.distance(shapely.Point(lng, lat)) < 0.003
