"""Hotspots of areas over HTTP: counts by pandas, edges by shapely, figures by scipy and esda."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import combinations
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import pandas as pd
import pyproj
import pytest
import pytest_asyncio
import shapely
from esda.smoothing import Empirical_Bayes
from fastapi import FastAPI
from numpy.typing import NDArray
from scipy.stats import binom, nbinom

from gis.crs import project
from gis.hotspots import hotspots_of_areas
from gis.patterns.count_tails import overdispersion
from gis.patterns.neighbours import Neighbours
from gis.store.engine import CityEngine, Transaction
from tests.api.conftest import SignedIn, app_in
from tests.api.signing_in import asking, open_session_of
from tests.crooked_city import (
    ISLAND,
    NO_HOUSEHOLDS,
    UNCOUNTED,
    cases_in,
    crooked_grids,
    households_of,
    store_crooked_city,
)
from tests.databases import rolled_back
from tests.gis.patterns.test_local_moran import QUADRANTS, esda_moran

AREAS = "/api/hotspots/areas"
GRIDS = crooked_grids(2)
CASES = cases_in(GRIDS, 3)
TOLD = CASES[CASES["category"] != "neighbour_dispute"]
HOUSEHOLDS = households_of(GRIDS, 4)
EQUAL_AREA = pyproj.CRS.from_proj4("+proj=laea +lat_0=30.03 +lon_0=121.03 +ellps=WGS84")
COLUMN = {"grid": "code", "community": "community", "township": "township"}


@pytest_asyncio.fixture(scope="module")
async def crooked(engine: CityEngine) -> AsyncIterator[tuple[FastAPI, Transaction]]:
    """The application of the crooked city."""
    async with rolled_back(engine) as tx:
        await store_crooked_city(tx, GRIDS, CASES, HOUSEHOLDS)
        with app_in(tx, engine) as app:
            yield app, tx


@pytest_asyncio.fixture
async def account(crooked: tuple[FastAPI, Transaction]) -> AsyncIterator[SignedIn]:
    """Gives clients of new accounts in that city."""
    app, tx = crooked
    async with AsyncExitStack() as stack:

        async def client_of(
            role: str, area: str | None = None, **more: str | None
        ) -> httpx.AsyncClient:
            token = await open_session_of(tx, role, area, **more)
            return await stack.enter_async_context(asking(app, token))

        yield client_of


@pytest_asyncio.fixture
async def leader(account: SignedIn) -> httpx.AsyncClient:
    return await account("leader")


async def areas(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(AREAS, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert sum(found["counts"]) + found["outside"] == found["total"]
    return found


def expected(by: str, per: str | None, grids: gpd.GeoDataFrame = GRIDS) -> pd.DataFrame:
    """Areas by code: name, count, exposure and shape, by pandas and on an equal-area plane."""
    cases = TOLD if by == "grid" else CASES
    table = grids.set_index("code")
    table["count"] = cases["grid"].value_counts().reindex(table.index).fillna(0).astype(int)
    plane = shapely.area(project(shapely.segmentize(grids.geometry.to_numpy(), 1e-3), EQUAL_AREA))
    table["exposure"] = HOUSEHOLDS.reindex(table.index) if per else plane / 1e6
    groups = table.reset_index().groupby(COLUMN[by])
    return pd.DataFrame(
        {
            "name": groups["name" if by == "grid" else f"{by}_name"].first(),
            "count": groups["count"].sum(),
            "exposure": groups["exposure"].agg(lambda parts: parts.sum(skipna=False)),
            "shape": groups["geometry"].agg(shapely.union_all),
        }
    )


def sharing_an_edge(shapes: list[shapely.Geometry]) -> Neighbours:
    """Pair by pair: what two shapes have in common is as long as an edge."""
    pairs = [
        pair
        for pair in combinations(range(len(shapes)), 2)
        if shapely.length(shapely.intersection(shapes[pair[0]], shapes[pair[1]])) > 1e-6
    ]
    one, other = np.array(pairs, dtype=int).reshape(-1, 2).T
    return Neighbours.of_pairs(len(shapes), [*one, *other], [*other, *one])


def deviates(
    counts: NDArray[np.float64], exposure: NDArray[np.float64], beside: Neighbours
) -> list[float | None]:
    """Place by place, from the laws as scipy has them; none for an island."""
    told: list[float | None] = []
    for place, others in enumerate(np.split(beside.others, beside.starts[1:-1])):
        here = np.isin(np.arange(len(counts)), [place, *others])
        phi = overdispersion(counts[~here], exposure[~here]) if (~here).sum() > 1 else 0.0
        law = binom(counts.sum(), exposure[here].sum() / exposure.sum())
        if phi > 0:
            mean = counts[~here].sum() / exposure[~here].sum() * exposure[here].sum()
            more = phi * (mean / exposure[here].sum()) ** 2 * (exposure[here] ** 2).sum()
            law = nbinom(mean**2 / more, mean / (mean + more))
        is_told = len(others) and not here.all()
        told.append((counts[here].sum() - law.mean()) / law.std() if is_told else None)
    return told


@pytest.mark.parametrize("per", [None, "households"])
@pytest.mark.parametrize("by", COLUMN)
async def test_areas_stand_out_by_their_rates_among_those_they_share_an_edge_with(
    leader: httpx.AsyncClient, by: str, per: str | None
) -> None:
    found = await areas(leader, by=by, **({"per": per} if per else {}))
    every = expected(by, per)
    told = every[every["exposure"] > 0]
    assert found["left_out"] == sorted(every.index.difference(told.index))
    assert (found["keys"], found["names"]) == (list(told.index), list(told["name"]))
    assert found["counts"] == told["count"].tolist()
    assert found["exposure"] == pytest.approx(told["exposure"].tolist(), rel=2e-3)
    counts, exposure = told["count"].to_numpy(float), np.array(found["exposure"])
    rates = Empirical_Bayes(counts, exposure).r.ravel()
    if np.ptp(found["rates"]) == 0:
        # They differ no more than chance makes them; esda goes on with a variance below 0.
        rates = np.full(len(told), counts.sum() / exposure.sum())
    assert found["rates"] == pytest.approx(rates.tolist(), rel=1e-5)
    beside = sharing_an_edge(told["shape"].to_list())
    alone = beside.cardinalities == 0
    assert found["islands"] == told.index[alone].tolist()
    if found["not_enough_data"] is None:
        assert found["z"] == pytest.approx(deviates(counts, exposure, beside), abs=1e-3)
        again = hotspots_of_areas(counts, exposure, beside)
        assert found["bin"] == again.bin.tolist()
        np.testing.assert_allclose(np.array(found["p"], float), again.p, rtol=1e-3)
        assert found["chance"] == again.chance


async def test_where_cases_gather_grids_are_hot_and_who_is_not_counted_is_named(
    leader: httpx.AsyncClient,
) -> None:
    found = await areas(leader, by="grid")
    bins = dict(zip(found["keys"], found["bin"], strict=True))
    assert bins["x1y3"] == 99
    assert (found["islands"], found["left_out"]) == ([ISLAND], [])
    assert found["withheld"]
    for name in ("z", "p", "q"):
        assert found[name][found["keys"].index(ISLAND)] is None
    rates = await areas(leader, by="grid", per="households")
    assert rates["left_out"] == sorted([*UNCOUNTED, NO_HOUSEHOLDS])
    communities = await areas(leader, by="community", per="households")
    assert communities["left_out"] == ["c00", "c21"]
    assert communities["withheld"] == []


@pytest.mark.parametrize("per", [None, "households"])
async def test_outliers_have_the_values_and_quadrants_of_esda(
    leader: httpx.AsyncClient, per: str | None
) -> None:
    asked = {"by": "grid", "method": "moran"} | ({"per": per} if per else {})
    found = await areas(leader, **asked)
    assert found == await areas(leader, **asked)
    told = expected("grid", per).loc[found["keys"]]
    beside = sharing_an_edge(told["shape"].to_list())
    theirs = esda_moran(np.array(found["rates"]), beside, permutations=0)
    known = beside.cardinalities > 0
    i = np.array(found["i"], float)
    np.testing.assert_allclose(i[known], theirs.Is[known], atol=2e-6)
    assert np.isnan(i[~known]).all()
    quadrants = np.array(found["quadrants"])
    assert quadrants[known].tolist() == [QUADRANTS[at] for at in theirs.q[known]]
    assert found["outlier"] == [
        q is not None and q <= 0.05 and quadrant in ("HL", "LH")
        for q, quadrant in zip(found["q"], quadrants, strict=True)
    ]
    assert (found["z"], found["bin"], found["chance"]) == (None, None, "permutation")
    assert found["least_q"] == pytest.approx(2 * len(told) / (found["draws"] + 1))
    assert found["least_q"] < 0.05


async def test_few_areas_and_none_have_not_enough_data(
    leader: httpx.AsyncClient, account: SignedIn
) -> None:
    for method in ("gi-star", "moran"):
        alone = await areas(await account("leader", "t0"), by="township", method=method)
        assert (alone["keys"], alone["not_enough_data"]) == (["t0"], "too_few_places")
        assert set(alone["q"]) == {None}
    empty = await areas(leader, by="grid", **{"from": "1990-01-01", "to": "1990-02-01"})
    assert empty["not_enough_data"] == "no_cases"
    assert set(empty["z"]) == {None}
    assert set(empty["rates"]) == {0}


async def test_a_city_without_boundaries_has_no_areas(signed_in: SignedIn) -> None:
    for method in ("gi-star", "moran"):
        found = await areas(await signed_in("leader"), by="grid", method=method)
        assert (found["version"], found["keys"]) == (None, [])
        assert found["not_enough_data"] == "too_few_places"


async def test_who_is_bound_to_an_area_is_told_its_own_grids_only(account: SignedIn) -> None:
    room = await account("command_room", "t0")
    found = await areas(room, by="grid")
    mine = GRIDS[GRIDS["township"] == "t0"]
    told = expected("grid", None, mine)
    assert (found["keys"], found["counts"]) == (list(told.index), told["count"].tolist())
    assert found["exposure"] == pytest.approx(told["exposure"].tolist(), rel=2e-3)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"by": "grid", "version": "own"}, "version_invalid"),
        ({"by": "grid", "version": "9"}, "version_unknown"),
        ({"by": "grid", "category": "neighbour_dispute"}, "category_sensitive"),
        ({"by": "cell"}, None),
        ({"by": "grid", "method": "mine"}, None),
        ({"by": "grid", "per": "dogs"}, None),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    leader: httpx.AsyncClient, asked: dict[str, str], code: str | None
) -> None:
    answer = await leader.get(AREAS, params=asked)
    assert answer.status_code == 422
    if code:
        assert answer.json()["code"] == code


async def test_who_does_not_analyse_is_refused(account: SignedIn) -> None:
    worker = await account("worker", "x0y0")
    assert (await worker.get(AREAS, params={"by": "grid"})).status_code == 403
