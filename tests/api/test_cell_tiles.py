"""Tiles of cells over HTTP: the cells that are counted, and no other."""

from __future__ import annotations

import httpx
import pytest

from tests.api.conftest import SignedIn
from tests.api.test_counts import account, counts, full, leader
from tests.small_city import SOUTH, STEP, WEST
from tests.tiles.decoding import decoded, tiles_over

__all__ = ["account", "full", "leader"]


async def cells_in_tiles(client: httpx.AsyncClient, z: int, **asked: int) -> set[str]:
    found: set[str] = set()
    for zoom, x, y in tiles_over(WEST, SOUTH, WEST + 3 * STEP, SOUTH + 3 * STEP, z):
        answer = await client.get(f"/tiles/cells/{zoom}/{x}/{y}.mvt", params=asked)
        assert answer.status_code in (200, 204), answer.text
        if answer.status_code == 200:
            found |= {cell.properties["cell"] for cell in decoded(answer.content)["cells"]}
    return found


@pytest.mark.parametrize(("z", "resolution"), [(8, 6), (10, 7), (12, 8), (13, 9)])
async def test_the_cells_of_a_zoom_are_those_that_are_counted(
    leader: httpx.AsyncClient, z: int, resolution: int
) -> None:
    counted = await counts(leader, by="cell", resolution=resolution)
    assert await cells_in_tiles(leader, z) == set(counted["keys"])
    assert await cells_in_tiles(leader, z, resolution=7) == set(
        (await counts(leader, by="cell", resolution=7))["keys"]
    )


async def test_who_is_bound_to_a_township_gets_its_cells_only(account: SignedIn) -> None:
    bound = await account("leader", "t1")
    own = set((await counts(bound, by="cell", resolution=8))["keys"])
    everywhere = set((await counts(await account("leader"), by="cell", resolution=8))["keys"])
    assert await cells_in_tiles(bound, 12) == own < everywhere


async def test_a_tile_is_sent_once_and_only_to_who_may_see_it(
    leader: httpx.AsyncClient, account: SignedIn
) -> None:
    told = (await leader.get("/tiles/cells.json")).json()
    assert told["vector_layers"][0]["fields"] == {"cell": "String"}
    z, x, y = tiles_over(WEST, SOUTH, WEST, SOUTH, 12)[0]
    address = f"/tiles/cells/{z}/{x}/{y}.mvt"
    first = await leader.get(address)
    assert first.headers["cache-control"] == "private, no-cache"
    again = await leader.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await (await account("worker", "g00")).get(address)).status_code == 403
    assert (await leader.get(address, params={"resolution": 12})).status_code == 422
    assert (await leader.get("/tiles/cells/3/9/0.mvt")).status_code == 404
