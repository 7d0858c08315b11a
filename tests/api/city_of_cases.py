"""The small city with cases that differ in what decides who may see them.

======  =====================  ======================  =====
number  grid (township)        category (department)   held
======  =====================  ======================  =====
1       g00 (t0)               garbage (urban)         no
2       g11 (t0)               flooding (water)        no
3       g22 (t1)               garbage                 no
4       outside                garbage                 no
5       g00 (t0)               garbage                 yes
6       g00 (t0)               neighbour_dispute (sensitive, justice)  no
7       g22 (t1)               property_dispute (sensitive, housing)   no
8       g01, today g21 (t1)    flooding                no
======  =====================  ======================  =====

``W0`` is worker of g22, ``L0`` grid lead of community c0, ``E0`` was a worker of g00 once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from gis.cells import CASE_RESOLUTION, cells_of
from gis.store import staff
from gis.store.engine import Transaction
from tests.small_city import NOON, SOUTH, STEP, WEST, publish_small_city

URBAN, WATER, JUSTICE = "urban_management", "water", "justice"


@dataclass(frozen=True)
class MadeCase:
    """A case by what decides who sees it; ``grid`` of today, ``then`` of its own time."""

    number: int
    grid: str | None
    category: str
    held: bool = False
    then: str | None = None

    @property
    def place(self) -> tuple[float, float]:
        """Longitude and latitude in its grid of today, each case at a spot of its own."""
        offset = (self.number + 1) * STEP / 20
        if self.grid is None:
            return WEST - STEP, SOUTH + offset
        column, row = int(self.grid[1]), int(self.grid[2])
        return WEST + column * STEP + offset, SOUTH + row * STEP + offset


CASES = (
    MadeCase(1, "g00", "garbage"),
    MadeCase(2, "g11", "flooding"),
    MadeCase(3, "g22", "garbage"),
    MadeCase(4, None, "garbage"),
    MadeCase(5, "g00", "garbage", held=True),
    MadeCase(6, "g00", "neighbour_dispute"),
    MadeCase(7, "g22", "property_dispute"),
    MadeCase(8, "g21", "flooding", then="g01"),
)
SENSITIVE = {6, 7}


async def make_city_of_cases(tx: Transaction) -> None:
    """Publish the small city, with its staff and the cases above."""
    await publish_small_city(tx)
    areas = await staff.area_ids(tx)
    await staff.put_staff(tx, {"W0": "甲", "L0": "乙", "E0": "丙"})
    await staff.add_assignments(
        tx,
        [
            staff.Post("W0", "worker", *areas["g22"], NOON, None),
            staff.Post("L0", "grid_lead", *areas["c0"], NOON, None),
            staff.Post("E0", "worker", *areas["g00"], NOON - timedelta(days=9), NOON),
        ],
    )
    for case in CASES:
        lng, lat = case.place
        await tx.execute(
            text(
                """
                INSERT INTO cases (number, kind, state, category, channel, occurred_at,
                    received_at, point, cell, version_id, grid_id, grid_reason, today_grid_id,
                    held_at)
                OVERRIDING SYSTEM VALUE
                SELECT :number, 'event', 'received', :category, 'web', :at, :at,
                    ST_SetSRID(ST_MakePoint(:lng, :lat), 4326), :cell,
                    CASE WHEN :grid = '' THEN NULL ELSE (SELECT id FROM boundary_versions) END,
                    (SELECT id FROM grids WHERE code = :then),
                    CASE WHEN :grid = '' THEN 'outside' ELSE 'inside' END,
                    (SELECT id FROM grids WHERE code = :grid),
                    CASE WHEN :held THEN CAST(:at AS timestamptz) END
                """
            ),
            {
                "number": case.number,
                "category": case.category,
                "at": NOON + timedelta(minutes=case.number),
                "lng": lng,
                "lat": lat,
                "cell": int(cells_of([lng], [lat], CASE_RESOLUTION)[0]),
                "grid": case.grid or "",
                "then": case.then or case.grid or "",
                "held": case.held,
            },
        )
        await tx.execute(
            text(
                """
                INSERT INTO reports (case_number, channel, external_id, content_hash, category,
                    given_x, given_y, given_datum, received_at, occurred_at, point, grid_reason)
                SELECT number, 'web', number, 'h', category, ST_X(point), ST_Y(point), 'wgs84',
                    received_at, occurred_at, point, grid_reason
                FROM cases WHERE number = :number
                """
            ),
            {"number": case.number},
        )
