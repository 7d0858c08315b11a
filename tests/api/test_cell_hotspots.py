"""Hotspots over HTTP: the counts of the other route, held against chance as at the command line."""

from __future__ import annotations

import httpx
import numpy as np
import pytest

from gis.cells import CellRegion
from gis.hotspots import hotspots_of_counts
from tests.api.conftest import SignedIn
from tests.api.test_counts import account, counts, full, leader

__all__ = ["account", "full", "leader"]

CELLS = "/api/hotspots/cells"


@pytest.mark.parametrize(("resolution", "k"), [(7, 1), (8, 2), (9, 1)])
async def test_the_cells_of_a_filter_stand_out_as_their_counts_do(
    leader: httpx.AsyncClient, resolution: int, k: int
) -> None:
    asked: dict[str, int | str] = {"resolution": resolution, "hour": "8,9,10,11,12"}
    answer = await leader.get(CELLS, params={**asked, "k": k})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    counted = await counts(leader, by="cell", **asked)
    for part in ("keys", "counts", "shares", "total", "outside", "version", "withheld"):
        assert found[part] == counted[part]
    cells = np.array([int(name, 16) for name in found["keys"]], dtype=np.uint64)
    region = CellRegion(cells, np.array(found["shares"]), resolution)
    told = hotspots_of_counts(np.array(found["counts"], float), region.share, region.rings(k))
    assert found["not_enough_data"] == told.lack
    assert found["bin"] == told.bin.tolist()
    if told.lack is None:
        assert found["chance"] == told.chance
        np.testing.assert_allclose(np.array(found["p"], float), told.p, rtol=1e-6)
        np.testing.assert_allclose(np.array(found["z"], float), told.z, atol=6e-5)


async def test_a_window_without_cases_says_so_and_tells_no_number(
    leader: httpx.AsyncClient,
) -> None:
    answer = await leader.get(
        CELLS, params={"resolution": 8, "from": "1990-01-01T00:00Z", "to": "1990-02-01T00:00Z"}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["not_enough_data"] == "no_cases"
    assert set(found["z"]) == set(found["p"]) == set(found["q"]) == {None}
    assert not any(found["bin"])
    assert not any(found["counts"])


async def test_finer_than_the_viewer_may_and_too_many_rings_are_refused(
    leader: httpx.AsyncClient, account: SignedIn
) -> None:
    for asked, field in (({"resolution": 12}, "resolution"), ({"resolution": 8, "k": 9}, "k")):
        answer = await leader.get(CELLS, params=asked)
        assert answer.status_code == 422
        assert field in answer.text
    worker = await account("worker", "g00")
    assert (await worker.get(CELLS, params={"resolution": 8})).status_code == 403
