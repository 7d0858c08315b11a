"""An account that is bound to a grid sees, after new versions, what its people answer for."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from gis.store.account_areas import grids_of_area
from gis.store.engine import Transaction
from tests.api.handed_over import make_city, post, publish, redrawn
from tests.small_city import NOON, nine_grids

CELLS = list(nine_grids()["code"])
HOUR = timedelta(hours=1)
VERSIONS = 3


async def codes_of_area(tx: Transaction, code: str, hours: int) -> set[str]:
    ids = await grids_of_area(tx, "grid", code, at=NOON + hours * HOUR)
    rows = await tx.execute(
        text("SELECT code FROM grids WHERE id = ANY(CAST(:ids AS int[]))"), {"ids": list(ids)}
    )
    return set(rows.scalars())


async def codes_of_posts(tx: Transaction, person: str, hours: int) -> set[str]:
    rows = await tx.execute(
        text(
            "SELECT grids.code FROM assignments AS post JOIN grids ON grids.id = post.grid_id"
            " JOIN staff ON staff.id = post.staff_id"
            " WHERE staff.code = :person AND post.valid @> CAST(:at AS timestamptz)"
        ),
        {"person": person, "at": NOON + hours * HOUR},
    )
    return set(rows.scalars())


@pytest.mark.parametrize("seed", range(3))
async def test_an_area_passes_on_as_a_post_in_it_does(tx: Transaction, seed: int) -> None:
    """Cells change their grids at random, some to grids that are new, over three versions."""
    rng = random.Random(seed)
    await make_city(tx)
    for code in CELLS:
        await post(tx, "assignments", f"of {code}", code, NOON - HOUR, None)
    owner = {cell: cell for cell in CELLS}
    for version in range(VERSIONS):
        for cell in rng.sample(CELLS, 3):
            owner[cell] = rng.choice([*owner.values(), f"n{version}{rng.randrange(2)}"])
        made = {
            code: [cell for cell in CELLS if owner[cell] == code] for code in set(owner.values())
        }
        await publish(tx, redrawn(nine_grids(), made), now=NOON + version * HOUR)
        for code in CELLS:
            seen = await codes_of_area(tx, code, version)
            assert seen == await codes_of_posts(tx, f"of {code}", version)


async def test_a_version_that_is_not_in_force_yet_passes_nothing_on(tx: Transaction) -> None:
    await make_city(tx)
    merged = redrawn(nine_grids(), {"m": ["g00", "g10"]})
    await publish(tx, merged, effective_at=NOON + 2 * HOUR)
    assert await codes_of_area(tx, "g00", 1) == {"g00"}
    assert await codes_of_area(tx, "g00", 2) == {"m"}
    assert await codes_of_area(tx, "nobody's", 2) == set()
