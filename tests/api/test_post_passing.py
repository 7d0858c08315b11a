"""Posts passed on, hour by hour, against the rule of inheritance applied to each hour alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from boundaries.succession.inheritance import Inheritance, inheritance
from boundaries.succession.lineage import changed_between, trace
from gis.store import staff
from gis.store.engine import CityEngine, Transaction
from gis.store.post_passing import pass_posts, passed_posts
from tests.api.handed_over import make_city
from tests.api.test_rejoin import frame_of
from tests.boundaries.two_versions import CRS, TwoVersions, two_versions
from tests.databases import rolled_back
from tests.small_city import NOON

HOURS = range(-6, 7)
Held = set[tuple[str, str, int]]
"""Person, grid, hour from noon."""


async def held(tx: Transaction, table: str, interval: str) -> Held:
    rows = await tx.execute(
        text(
            f"""
            SELECT staff.code, grids.code, hour FROM {table}
            JOIN staff ON staff.id = staff_id JOIN grids ON grids.id = grid_id
            JOIN generate_series({HOURS[0]}, {HOURS[-1]}) AS hour
              ON {interval} @> CAST(:noon AS timestamptz) + hour * interval '1 hour'
            """
        ),
        {"noon": NOON},
    )
    return {(str(person), str(grid), int(hour)) for person, grid, hour in rows}


def expected(before: Held, heirs: Inheritance) -> Held:
    found = {(p, grid, h) for p, grid, h in before if h < 0 or grid not in heirs.gone}
    for old, new in heirs.passed:
        found |= {(person, new, hour) for person, grid, hour in before if grid == old and hour >= 0}
    return found


async def give_posts(tx: Transaction, two: TwoVersions, seed: int) -> None:
    """Three people with shifts and standing posts, some of them in several grids at once."""
    rng = np.random.default_rng(seed)
    people = ("A", "B", "C")
    await staff.put_staff(tx, {person: person for person in people})
    areas = await staff.area_ids(tx)
    for add in (staff.add_assignments, staff.add_duties):
        posts = []
        for grid in two.before.codes:
            for person in people:
                first, middle, last = sorted(rng.choice(np.arange(-7, 9), 3, replace=False))
                opens, ends, *shifts = rng.random(4) < (0.15, 0.15, 0.4, 0.4)
                spans = [
                    (None if opens else at(first), at(middle)),
                    (at(middle), None if ends else at(last)),
                ]
                posts += [
                    staff.Post(person, "worker", *areas[str(grid)], *span)
                    for span, is_held in zip(spans, shifts, strict=True)
                    if is_held
                ]
        await add(tx, posts)


def at(hour: int) -> datetime:
    return NOON + int(hour) * timedelta(hours=1)


@settings(
    max_examples=max(settings().max_examples // 10, 1),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
async def test_at_every_hour_the_heirs_have_what_their_ancestors_had(
    engine: CityEngine, seed: int
) -> None:
    two = two_versions(seed)
    heirs = inheritance(changed_between(two.before, two.after), trace(two.before, two.after, CRS))
    async with rolled_back(engine) as tx:
        await make_city(tx, frame_of(two.before))
        await tx.execute(
            text(
                "INSERT INTO grids (code) SELECT unnest(CAST(:codes AS text[]))"
                " ON CONFLICT DO NOTHING"
            ),
            {"codes": [str(code) for code in two.after.codes]},
        )
        await give_posts(tx, two, seed)
        for table, interval in (("assignments", "valid"), ("duties", "during")):
            before = await held(tx, table, interval)
            told = await passed_posts(tx, table, heirs.passed, heirs.gone, NOON)
            await pass_posts(tx, table, heirs.passed, heirs.gone, NOON)
            assert await held(tx, table, interval) == expected(before, heirs)
            assert {row.grid_from for row in told} <= {old for old, _ in heirs.passed} | heirs.gone
            assert {row.grid_to for row in told if row.grid_to} <= {new for _, new in heirs.passed}
