from __future__ import annotations

import geopandas as gpd
import httpx
import shapely

from gis.store.background import add_shapes
from gis.store.engine import Transaction


async def test_a_city_without_shapes_has_an_empty_background(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/api/background")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json() == {"type": "FeatureCollection", "features": []}


async def test_shapes_come_in_their_order_with_names_or_null(
    visitor: httpx.AsyncClient, tx: Transaction
) -> None:
    shapes = gpd.GeoDataFrame(
        {"kind": ["hill", "river"], "name_zh": [None, "姚江"], "name_en": [None, "Yao River"]},
        geometry=[
            shapely.box(121, 30, 121.1, 30.1),
            shapely.LineString([(121, 30), (121.12345678, 30)]),
        ],
        crs=4326,
    )
    await add_shapes(tx, shapes)
    features = (await visitor.get("/api/background")).json()["features"]
    assert [one["properties"]["kind"] for one in features] == ["hill", "river"]
    assert features[0]["properties"]["name_zh"] is None
    assert features[1]["properties"] == {"kind": "river", "name_zh": "姚江", "name_en": "Yao River"}
    assert features[1]["geometry"]["coordinates"] == [[121, 30], [121.123457, 30]]


async def test_what_is_known_is_not_sent_again(visitor: httpx.AsyncClient, tx: Transaction) -> None:
    first = await visitor.get("/api/background")
    known = {"If-None-Match": first.headers["etag"]}
    again = await visitor.get("/api/background", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert "public" in again.headers["cache-control"]
    shapes = gpd.GeoDataFrame(
        {"kind": ["road"], "name_zh": [None], "name_en": [None]},
        geometry=[shapely.LineString([(121, 30), (121.1, 30)])],
        crs=4326,
    )
    await add_shapes(tx, shapes)
    assert (await visitor.get("/api/background", headers=known)).status_code == 200
