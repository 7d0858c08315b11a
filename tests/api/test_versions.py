"""The versions of the city and their grids, for holding a draft against any of them."""

from __future__ import annotations

from datetime import timedelta

import shapely

from gis.store.engine import Transaction
from tests.api.conftest import SignedIn
from tests.api.handed_over import make_city, publish, redrawn
from tests.small_city import NOON, nine_grids, publish_small_city


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


async def test_grids_of_any_version_are_as_they_were_published_whatever_follows(
    tx: Transaction, signed_in: SignedIn
) -> None:
    frames = [nine_grids()]
    for name, gone in (("m", ["g00", "g10"]), ("o", ["m", "g01"])):
        frames.append(redrawn(frames[-1], {name: gone}))
    await make_city(tx, frames[0])
    day = timedelta(days=1)
    await publish(tx, frames[1], now=NOON)
    await publish(tx, frames[2], now=NOON, effective_at=NOON + day)
    planner = await signed_in("planner")
    # One after the other and back again: none is taken for another.
    for number in (1, 2, 3, 2, 1):
        told = (await planner.get(f"/api/versions/{number}/grids")).json()
        assert told["revision"] == number
        shapes = {
            each["properties"]["code"]: shapely.geometry.shape(each["geometry"])
            for each in told["grids"]["features"]
        }
        frame = frames[number - 1].set_index("code")
        assert shapes.keys() == set(frame.index)
        assert all(shapely.equals(shape, frame.geometry[code]) for code, shape in shapes.items())
