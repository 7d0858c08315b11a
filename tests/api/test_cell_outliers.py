"""Outliers over HTTP: the counts of the other route, held against those around them."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest

from api.analysis import cell_hotspots
from gis.cells import CellRegion
from gis.outliers import outliers_of_rates
from gis.patterns.rates import empirical_bayes
from tests.api.conftest import SignedIn
from tests.api.test_counts import account, counts, full, leader
from tests.gis.patterns.test_local_moran import QUADRANTS, esda_moran

__all__ = ["account", "full", "leader"]

OUTLIERS = "/api/hotspots/outliers"


@pytest.mark.parametrize(("resolution", "k"), [(8, 1), (9, 2), (10, 1)])
async def test_cells_are_to_those_around_them_what_esda_says_of_their_smoothed_counts(
    leader: httpx.AsyncClient, resolution: int, k: int
) -> None:
    asked: dict[str, int | str] = {"resolution": resolution, "category": "garbage,flooding"}
    answer = await leader.get(OUTLIERS, params={**asked, "k": k})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found == (await leader.get(OUTLIERS, params={**asked, "k": k})).json()
    counted = await counts(leader, by="cell", **asked)
    for part in ("keys", "counts", "shares", "total", "outside", "version", "withheld"):
        assert found[part] == counted[part]
    assert found["not_enough_data"] is None
    cells = np.array([int(name, 16) for name in found["keys"]], dtype=np.uint64)
    shares = np.maximum(np.array(found["shares"]), 1e-6)
    beside = CellRegion(cells, shares, resolution).rings(k)
    rates = empirical_bayes(found["counts"], shares)
    theirs = esda_moran(rates, beside, permutations=0)
    known = beside.cardinalities > 0
    np.testing.assert_allclose(np.array(found["i"], float)[known], theirs.Is[known], atol=2e-6)
    quadrants = np.array(found["quadrants"])
    assert quadrants[known].tolist() == [QUADRANTS[at] for at in theirs.q[known]]
    assert found["outlier"] == [
        q is not None and q <= 0.05 and quadrant in ("HL", "LH")
        for q, quadrant in zip(found["q"], found["quadrants"], strict=True)
    ]
    assert found["least_q"] == pytest.approx(2 * len(cells) / (found["draws"] + 1))


async def test_more_cells_than_the_draws_can_tell_apart_is_said_and_no_empty_map(
    leader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def few_draws(*given: Any, **more: Any) -> object:
        return outliers_of_rates(*given, **more, most_draws=999)

    monkeypatch.setattr(cell_hotspots, "outliers_of_rates", few_draws)
    found = (await leader.get(OUTLIERS, params={"resolution": 10})).json()
    assert found["not_enough_data"] == "too_many_places"
    assert found["draws"] == 999
    assert found["least_q"] > 0.05
    assert set(found["i"]) == set(found["p"]) == set(found["q"]) == {None}
    assert set(found["quadrants"]) == {""}
    assert not any(found["outlier"])


async def test_a_window_without_cases_says_so(leader: httpx.AsyncClient) -> None:
    window = {"from": "1990-01-01", "to": "1990-02-01"}
    found = (await leader.get(OUTLIERS, params={"resolution": 8, **window})).json()
    assert found["not_enough_data"] == "no_cases"


async def test_finer_than_the_viewer_may_and_too_many_rings_are_refused(
    leader: httpx.AsyncClient, account: SignedIn
) -> None:
    for asked, field in (({"resolution": 12}, "resolution"), ({"resolution": 8, "k": 3}, "k")):
        answer = await leader.get(OUTLIERS, params=asked)
        assert answer.status_code == 422
        assert field in answer.text
    worker = await account("worker", "g00")
    assert (await worker.get(OUTLIERS, params={"resolution": 8})).status_code == 403
