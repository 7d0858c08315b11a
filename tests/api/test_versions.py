"""The versions of the city and their grids, for holding a draft against any of them."""

from __future__ import annotations

from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.small_city import nine_grids, publish_small_city


async def test_every_version_is_told_with_its_grids(tx: Transaction, signed_in: SignedIn) -> None:
    await publish_small_city(tx)
    planner = await signed_in("planner")
    (only,) = (await planner.get("/api/versions")).json()["versions"]
    assert (only["number"], only["in_force"]) == (1, True)
    told = await planner.get("/api/versions/1/grids")
    assert told.headers["ETag"] == '"1"'
    codes = {each["properties"]["code"] for each in told.json()["grids"]["features"]}
    assert codes == set(nine_grids()["code"])


async def test_a_version_that_never_was_is_not_found(tx: Transaction, signed_in: SignedIn) -> None:
    await publish_small_city(tx)
    missing = await (await signed_in("planner")).get("/api/versions/7/grids")
    assert (missing.status_code, missing.json()["code"]) == (404, "version_not_found")
