"""What the page asks first: the city, its grids, its basemap; and that pages are served."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.pages import DIST
from api.service import Service
from gis.store.engine import CityEngine, Transaction
from gis.store.reports import add_reports
from gis.store.versions import BEGINNING
from tests.api.conftest import SignedIn, app_in
from tests.small_city import NOON, nine_grids, publish_small_city, report_rows


async def test_an_empty_city_answers_without_a_version(client: httpx.AsyncClient) -> None:
    city = (await client.get("/api/city")).json()
    assert city["code"] == "tested"
    assert (city["boundary_version"], city["bounds"], city["occurred"]) == (None, None, None)
    assert set(city["counts"].values()) == {0}
    assert {category["code"] for category in city["categories"]} >= {"other"}


async def test_a_city_tells_its_version_bounds_counts_and_period(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    version = (await publish_small_city(tx)).version
    await add_reports(tx, report_rows(3, grid_id=1, version_id=version.id).assign(
        grid_id=None, today_grid_id=None, grid_reason="outside"
    ))  # fmt: skip
    city = (await client.get("/api/city")).json()
    assert city["name"] == "小城"
    assert city["generated"]
    assert city["boundary_version"]["number"] == version.number
    assert city["boundary_version"]["effective_at"].startswith(str(BEGINNING.year))
    assert city["bounds"] == pytest.approx([121.0, 30.0, 121.03, 30.03], abs=1e-9)
    assert city["counts"] == {
        "townships": 2,
        "communities": 2,
        "grids": 9,
        "staff": 0,
    }
    assert city["occurred"]["from"] == NOON.isoformat().replace("+00:00", "Z")
    assert city["occurred"]["to"] > city["occurred"]["from"]


async def test_who_does_not_read_cases_is_not_told_how_many_there_are_or_when(
    visitor: httpx.AsyncClient, signed_in: SignedIn, tx: Transaction
) -> None:
    version = (await publish_small_city(tx)).version
    before = (await visitor.get("/api/city")).json()
    await add_reports(tx, report_rows(3, grid_id=1, version_id=version.id).assign(
        grid_id=None, today_grid_id=None, grid_reason="outside"
    ))  # fmt: skip
    for asking in (visitor, await signed_in("reporter")):
        city = (await asking.get("/api/city")).json()
        assert city == before
        assert city["occurred"] is None
        assert city["counts"]["grids"] == 9


async def test_grids_come_in_pages_by_code(client: httpx.AsyncClient, tx: Transaction) -> None:
    await publish_small_city(tx)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 4}
    while True:
        page = (await client.get("/api/grids", params=query)).json()
        seen += [grid["code"] for grid in page["grids"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert seen == list(nine_grids()["code"])


async def test_a_grid_brings_its_outline_with_nine_decimals(
    client: httpx.AsyncClient, tx: Transaction
) -> None:
    await publish_small_city(tx)
    grid = (await client.get("/api/grids/g11")).json()
    assert grid["kind"] == "dedicated"
    assert grid["geometry"]["type"] == "MultiPolygon"
    corners = {tuple(place) for place in grid["geometry"]["coordinates"][0][0]}
    assert corners == {(121.01, 30.01), (121.02, 30.01), (121.02, 30.02), (121.01, 30.02)}


async def test_a_city_without_a_basemap_says_so(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/city")).json()["basemap"] is None
    answer = await client.get("/basemap.pmtiles")
    assert (answer.status_code, answer.json()["code"]) == (404, "basemap_not_found")


async def test_a_basemap_file_is_read_in_ranges(
    tx: Transaction, engine: CityEngine, tmp_path: Path
) -> None:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(bytes(range(200)))
    with app_in(tx, engine) as app:
        service: Service = app.state.service
        settings = service.settings.model_copy(update={"basemap": str(file)})
        app.state.service = replace(service, settings=settings)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
            city = (await asking.get("/api/city")).json()
            assert city["basemap"] == {"kind": "pmtiles", "url": "/basemap.pmtiles"}
            part = await asking.get("/basemap.pmtiles", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.content == bytes(range(10, 20))


@pytest.mark.skipif(not DIST.is_dir(), reason="the web page is not built (make setup builds it)")
async def test_the_page_is_asked_for_again_and_its_assets_are_kept(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-cache"
    asset = next(path.name for path in (DIST / "assets").iterdir() if path.suffix == ".js")
    kept = await client.get(f"/assets/{asset}")
    assert "immutable" in kept.headers["cache-control"]


@pytest.mark.skipif(not DIST.is_dir(), reason="the web page is not built (make setup builds it)")
@pytest.mark.parametrize("suffix", [".js", ".mjs", ".css"])
async def test_scripts_and_styles_come_as_gzip_to_whom_takes_it_and_plain_to_others(
    client: httpx.AsyncClient, suffix: str
) -> None:
    largest = max((DIST / "assets").glob(f"*{suffix}"), key=lambda path: path.stat().st_size)
    address = f"/assets/{largest.name}"
    packed, plain = [
        await client.get(address, headers={"Accept-Encoding": taken})
        for taken in ("br, gzip;q=0.9", "identity")
    ]
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    # httpx unpacks what says it is packed.
    assert packed.content == plain.content == largest.read_bytes()
    assert int(packed.headers["content-length"]) < 0.4 * len(plain.content)
    for answer in (packed, plain):
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["content-type"] == plain.headers["content-type"]
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]}
    assert (await client.get(address, headers=known)).status_code == 304


@pytest.mark.skipif(not DIST.is_dir(), reason="the web page is not built (make setup builds it)")
async def test_the_page_that_shows_the_routes_loads_nothing_from_afar(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/docs", follow_redirects=True)
    assert page.status_code == 200
    assert "//" not in page.text.replace("<!doctype", "")
    assert (await client.get("/openapi.json")).json()["info"]["title"] == "Wangge"
