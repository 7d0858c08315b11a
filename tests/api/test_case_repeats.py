"""Near repeats over HTTP, held against a loop over all pairs of the cases."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pandas as pd
import pyproj
import pytest
from fastapi import FastAPI
from scipy.stats import false_discovery_control

from api.analysis import case_repeats
from gis.cells import cells_of, names
from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.other_clocks import on_clock
from tests.api.test_counts import TOLD, account, full, leader
from tests.counted_cases import SENSITIVE

__all__ = ["account", "full", "leader"]

REPEATS = "/api/hotspots/near-repeats"
# CGCS2000, the 3-degree zone around 120 E: the small city lies at 121.
METRES = pyproj.Transformer.from_crs(4326, 4549, always_xy=True)


async def repeats(client: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await client.get(REPEATS, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    shape = (len(found["distances"]), len(found["days"]))
    for name in ("observed", "expected", "ratio", "p", "q"):
        assert np.array(found[name], dtype=object).shape == shape
    return found


def pairs(cases: pd.DataFrame, zone: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Metres and days between all pairs."""
    x, y = METRES.transform(cases["lng"].to_numpy(), cases["lat"].to_numpy())
    local = cases["occurred_at"].dt.tz_convert(zone).dt.tz_localize(None)
    day = local.dt.floor("D").to_numpy().astype("M8[D]").astype(int)
    one, other = np.triu_indices(len(cases), 1)
    return np.hypot(x[one] - x[other], y[one] - y[other]), np.abs(day[one] - day[other])


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Chicago"])
async def test_pairs_are_those_of_a_loop_by_the_days_of_the_citys_clock(
    leader: httpx.AsyncClient, full: tuple[FastAPI, Transaction], zone: str
) -> None:
    app, _ = full
    asked = {"distances": "0,150.5,600,2000", "days": "0,1,2,200"}
    with on_clock(app, zone):
        found = await repeats(leader, **asked)
        again = await repeats(leader, **asked)
    assert again == found
    assert found["cases"] == len(TOLD)
    assert found["not_enough_data"] is None
    away_m, days_apart = pairs(TOLD, zone)
    near = np.searchsorted(found["distances"], away_m - 1e-6)
    soon = np.searchsorted(found["days"], days_apart)
    both = np.zeros((5, 5), dtype=int)
    np.add.at(both, (near, soon), 1)
    assert found["observed"] == both[:4, :4].tolist()
    assert min(map(max, found["observed"])) > 0
    expected = np.outer(both.sum(axis=1), both.sum(axis=0))[:4, :4] / len(away_m)
    np.testing.assert_allclose(found["expected"], expected, atol=1e-4)
    np.testing.assert_allclose(np.array(found["ratio"]), both[:4, :4] / expected, rtol=1e-6)
    p = np.array(found["p"])
    assert (np.round(p * 1000, 6) % 1 == 0).all()
    q = false_discovery_control(p.ravel()).reshape(p.shape)
    np.testing.assert_allclose(np.array(found["q"]), q)


async def test_cases_of_sensitive_categories_are_in_no_pair(leader: httpx.AsyncClient) -> None:
    found = await repeats(leader)
    assert (found["distances"], found["days"]) == ([0, 100, 200, 400, 800], [0, 7, 14, 28])
    assert set(found["withheld"]) >= SENSITIVE
    (one,) = SENSITIVE
    answer = await leader.get(REPEATS, params={"category": one})
    assert (answer.status_code, answer.json()["code"]) == (422, "category_sensitive")


async def test_what_is_too_little_is_said(leader: httpx.AsyncClient) -> None:
    none = await repeats(leader, **{"from": "1990-01-01", "to": "1991-01-01"})
    assert (none["not_enough_data"], none["cases"]) == ("too_few_cases", 0)
    assert none["p"] == none["q"] == none["ratio"] == [[None] * 4] * 5
    at = TOLD["occurred_at"].sort_values()
    one = await repeats(leader, to=(at.iloc[0] + pd.Timedelta(microseconds=1)).isoformat())
    assert (one["not_enough_data"], one["cases"]) == ("too_few_cases", 1)
    day = str(at.iloc[0].tz_convert("Asia/Shanghai").date())
    one_day = {"from": day, "to": f"{np.datetime64(day) + 1}"}
    assert (await repeats(leader, **one_day))["not_enough_data"] == "one_time"


async def test_all_cases_at_one_spot_are_pairs_of_the_first_band_alone(
    leader: httpx.AsyncClient,
) -> None:
    spots = TOLD[["lng", "lat"]].value_counts()
    lng, lat = spots.index[0]
    cell = names(cells_of([lng], [lat], 11))[0]
    found = await repeats(leader, cell=cell, days="0,7,14,3660")
    count = int(spots.iloc[0])
    assert found["cases"] == count > 9
    assert np.sum(found["observed"], axis=1).tolist() == [count * (count - 1) // 2, 0, 0, 0, 0]
    # Whatever the times, the places stay: nothing of it is nearer in time than chance.
    assert set(found["p"][0]) == {1.0}


async def test_too_many_pairs_are_refused_with_their_number(
    leader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_repeats, "MOST_PAIRS", 100)
    answer = await leader.get(REPEATS)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_pairs")
    assert answer.json()["pairs"] == (pairs(TOLD, "UTC")[0] <= 800).sum()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"distances": "100,100"}, "distances_invalid"),
        ({"distances": "200,100"}, "distances_invalid"),
        ({"distances": "-1,100"}, "distances_invalid"),
        ({"distances": "nan"}, "distances_invalid"),
        ({"distances": ""}, "distances_invalid"),
        ({"distances": "0,20001"}, "distances_invalid"),
        ({"distances": ",".join(map(str, range(11)))}, "distances_invalid"),
        ({"days": "0,0.5"}, "days_invalid"),
        ({"days": "0,3661"}, "days_invalid"),
        ({"category": "nothing_known"}, "category_unknown"),
    ],
)
async def test_what_are_no_bands_is_told_by_its_field(
    leader: httpx.AsyncClient, asked: dict[str, str], code: str
) -> None:
    answer = await leader.get(REPEATS, params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.json()["field"] == next(iter(asked))


async def test_who_does_not_analyse_is_told_no_near_repeats(account: SignedIn) -> None:
    assert (await (await account("worker", "g00")).get(REPEATS)).status_code == 403
