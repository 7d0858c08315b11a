from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import numpy as np
import pytest
import pytest_asyncio
from sqlalchemy import text

from api.app import create_app
from api.settings import Settings
from boundaries.publish import publish
from gis.crs import metric_crs
from gis.store.engine import CityEngine, open_engine, schema_of, transaction
from gis.store.migrate import migrate
from gis.store.tile_shapes import bump
from tests.api.signing_in import sign_in_to
from tests.tiles.decoding import decoded, tile_of
from tests.tiles.made_cases import add_cases, case_frame
from tests.tiles.small_city import SIDE, SOUTH, STEP, WEST, grid_frame
from tiles.layers import LAYER_NAMES
from tiles.shapes import build_shapes, store_shapes
from tiles.tilejson import WORLD

CITY, NEW_CITY = "tiled", "tiled_new"
COVERAGE_LAYERS = ("townships", "communities", "grids", "edges")
MIDDLE = (WEST + SIDE * STEP / 2, SOUTH + SIDE * STEP / 2)
TILE = "/".join(map(str, tile_of(*MIDDLE, 12)))
EMPTY_TILE = "12/7/7"


@asynccontextmanager
async def client_of(url: str, city: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(database_url=url, city=city))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1"
        ) as client,
    ):
        await sign_in_to(app, client)
        yield client


@asynccontextmanager
async def made_city(url: str, city: str) -> AsyncIterator[CityEngine]:
    await migrate(url, city)
    engine = open_engine(url, city, pool_size=2)
    try:
        yield engine
    finally:
        async with engine.begin() as tx:
            await tx.execute(text(f"DROP SCHEMA {schema_of(city)} CASCADE"))
        await engine.dispose()


@pytest_asyncio.fixture(scope="module")
async def city_engine(cluster_url: str) -> AsyncIterator[CityEngine]:
    """A city with the small coverage and sixty cases around its middle."""
    async with made_city(cluster_url, CITY) as engine:
        frame = grid_frame()
        async with transaction(engine) as tx:
            published = await publish(
                tx,
                frame,
                effective_at=datetime(2026, 1, 1, tzinfo=UTC),
                actor="test",
                crs=metric_crs(WEST, SOUTH),
            )
            await store_shapes(tx, published.version.id, build_shapes(frame))
            turn = np.arange(60) * 1e-4
            await add_cases(tx, case_frame(MIDDLE[0] + turn, MIDDLE[1] + turn))
            await bump(tx, ["cases"])
        yield engine


@pytest_asyncio.fixture(scope="module")
async def client(cluster_url: str, city_engine: CityEngine) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(cluster_url, CITY) as client:
        yield client


@pytest_asyncio.fixture(scope="module")
async def client_of_a_new_city(cluster_url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with made_city(cluster_url, NEW_CITY), client_of(cluster_url, NEW_CITY) as client:
        yield client


def path_of(address: str) -> str:
    """Path and query of an absolute address."""
    return httpx.URL(address).raw_path.decode()


def filled(template: str, tile: str) -> str:
    """A TileJSON address for one tile."""
    for name, value in zip("zxy", tile.split("/"), strict=True):
        template = template.replace(f"{{{name}}}", value)
    return template


@pytest.mark.parametrize("layer", LAYER_NAMES)
async def test_the_tile_that_the_tilejson_names_is_there(
    client: httpx.AsyncClient, layer: str
) -> None:
    described = (await client.get(f"/tiles/{layer}.json")).json()
    assert described["tilejson"] == "3.0.0"
    (address,) = described["tiles"]
    assert address.startswith("http://127.0.0.1/tiles/")
    answer = await client.get(filled(address, TILE))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    shown = decoded(answer.content)
    assert set(shown) <= {entry["id"] for entry in described["vector_layers"]}
    for entry in described["vector_layers"]:
        for feature in shown.get(entry["id"], []):
            assert set(feature.properties) <= set(entry["fields"])


async def test_the_bounds_are_those_of_the_city_but_cases_lie_anywhere(
    client: httpx.AsyncClient,
) -> None:
    expected = grid_frame().total_bounds
    for layer in COVERAGE_LAYERS:
        described = (await client.get(f"/tiles/{layer}.json")).json()
        assert described["bounds"] == pytest.approx(expected, abs=1e-9)
        assert described["maxzoom"] == 14
    cases = (await client.get("/tiles/cases.json")).json()
    assert cases["bounds"] == list(WORLD)
    assert cases["maxzoom"] > 14


@pytest.mark.parametrize("layer", LAYER_NAMES)
async def test_a_new_city_has_a_sane_tilejson_and_empty_tiles(
    client_of_a_new_city: httpx.AsyncClient, layer: str
) -> None:
    described = (await client_of_a_new_city.get(f"/tiles/{layer}.json")).json()
    assert described["bounds"] == list(WORLD)
    answer = await client_of_a_new_city.get(filled(described["tiles"][0], TILE))
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("layer", LAYER_NAMES)
async def test_an_empty_tile_answers_204(client: httpx.AsyncClient, layer: str) -> None:
    answer = await client.get(f"/tiles/{layer}/{EMPTY_TILE}.mvt")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["ETag"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/persons.json", 404, "tile_layer_unknown"),
        ("/tiles/persons/1/0/0.mvt", 404, "tile_layer_unknown"),
        ("/tiles/grids/23/0/0.mvt", 404, "tile_out_of_range"),
        ("/tiles/grids/-1/0/0.mvt", 404, "tile_out_of_range"),
        ("/tiles/grids/3/8/0.mvt", 404, "tile_out_of_range"),
        ("/tiles/grids/3/0/99999999999999999999999.mvt", 404, "tile_out_of_range"),
        ("/tiles/grids/three/0/0.mvt", 422, "malformed"),
        ("/tiles/cases/3/0/0.mvt?state=asleep", 422, "state_unknown"),
        ("/tiles/cases/3/0/0.mvt?kind=rumour", 422, "kind_unknown"),
        ("/tiles/cases/3/0/0.mvt?from=2026-01-01T00:00:00", 422, "malformed"),
        ("/tiles/cases/3/0/0.mvt?from=yesterday", 422, "malformed"),
    ],
)
async def test_a_tile_that_cannot_be_is_a_problem_with_its_code(
    client: httpx.AsyncClient, path: str, status: int, code: str
) -> None:
    answer = await client.get(path)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("layer", LAYER_NAMES)
@pytest.mark.parametrize("tile", [TILE, EMPTY_TILE])
async def test_a_known_tile_is_not_sent_again(
    client: httpx.AsyncClient, layer: str, tile: str
) -> None:
    path = f"/tiles/{layer}/{tile}.mvt"
    etag = (await client.get(path)).headers["ETag"]
    for known in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        answer = await client.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == etag
    answer = await client.get(path, headers={"If-None-Match": '"other"'})
    assert answer.status_code in (200, 204)


async def test_a_changed_layer_is_sent_anew_and_only_that_one(
    client: httpx.AsyncClient, city_engine: CityEngine
) -> None:
    grids, cases = f"/tiles/grids/{TILE}.mvt", f"/tiles/cases/{TILE}.mvt"
    known = {path: (await client.get(path)).headers["ETag"] for path in (grids, cases)}
    async with transaction(city_engine) as tx:
        await tx.execute(text("UPDATE cases SET state = 'suspended' WHERE number <= 20"))
        await bump(tx, ["cases"])
    fresh = await client.get(cases, headers={"If-None-Match": known[cases]})
    assert fresh.status_code == 200
    shown = decoded(fresh.content)["cases"]
    assert sum(spot.properties.get("suspended", 0) for spot in shown) == 20
    same = await client.get(grids, headers={"If-None-Match": known[grids]})
    assert same.status_code == 304


async def test_a_tile_named_with_its_edition_is_kept_for_long_and_another_asked_for_again(
    client: httpx.AsyncClient,
) -> None:
    named = filled((await client.get("/tiles/grids.json")).json()["tiles"][0], TILE)
    assert "immutable" in (await client.get(path_of(named))).headers["Cache-Control"]
    for path in (f"/tiles/grids/{TILE}.mvt", f"/tiles/grids/{TILE}.mvt?v=1.0.0"):
        assert (await client.get(path)).headers["Cache-Control"] == "public, no-cache"


async def test_cases_are_kept_by_no_shared_cache(client: httpx.AsyncClient) -> None:
    named = filled((await client.get("/tiles/cases.json")).json()["tiles"][0], TILE)
    for path in (path_of(named), f"/tiles/cases/{TILE}.mvt", f"/tiles/cases/{EMPTY_TILE}.mvt"):
        assert (await client.get(path)).headers["Cache-Control"] == "private, no-cache"


async def test_a_large_tile_is_gzipped_for_those_who_can_read_it(client: httpx.AsyncClient) -> None:
    path = f"/tiles/grids/{TILE}.mvt"
    plain = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    async with client.stream("GET", path, headers={"Accept-Encoding": "br, gzip"}) as packed:
        sent = b"".join([chunk async for chunk in packed.aiter_raw()])
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(sent) == plain.content
    assert len(sent) < len(plain.content)
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


async def test_filters_of_the_query_choose_the_cases_and_leave_other_layers_alone(
    client: httpx.AsyncClient,
) -> None:
    async def count(query: str) -> int:
        answer = await client.get(f"/tiles/cases/{TILE}.mvt{query}")
        return sum(spot.properties["n"] for spot in decoded(answer.content).get("cases", []))

    assert await count("") == 60
    assert await count("?kind=event") + await count("?kind=dispute") == 60
    assert await count("?kind=event,dispute") == 60
    assert await count("?category=噪声") == await count("?category=%E5%99%AA%E5%A3%B0") == 18
    assert await count("?from=2026-01-02T00:00:00Z&to=2026-01-02T08:00:00%2B08:00") == 0
    assert await count("?from=2026-01-02T00:00:00Z&to=2026-01-02T12:00:00%2B08:00") == 4
    assert await count("?bbox=0,0,1,1") == 60
    grids = [await client.get(f"/tiles/grids/{TILE}.mvt{query}") for query in ("", "?kind=event")]
    assert grids[0].content == grids[1].content
