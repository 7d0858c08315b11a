"""Cases on the H3 cells in and around the small city, for what everybody may know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import h3
import numpy as np
import pyarrow as pa
from h3ronpy.vector import cells_to_coordinates
from sqlalchemy import text

from api.profile import CityProfile, OpenData
from gis.cells import CASE_RESOLUTION, Cells
from gis.store.copying import copy_into, ewkb_points
from gis.store.engine import Transaction
from tests.small_city import SOUTH, STEP, WEST

ROOT = h3.latlng_to_cell(SOUTH + STEP, WEST + STEP, 6)
SEPTEMBER, OCTOBER = datetime(2026, 9, 10, tzinfo=UTC), datetime(2026, 10, 10, tzinfo=UTC)
"""Instants in months that are over."""
NOVEMBER = datetime(2026, 11, 10, tzinfo=UTC)
RELEASED = datetime(2026, 11, 20, 4, tzinfo=UTC)
"""When September and October of 2026 may be told, and November may not."""


@dataclass(frozen=True)
class Cases:
    """So many cases of a category in the middle of a cell (by its name), from an instant on."""

    cell: str
    count: int
    category: str = "garbage"
    since: datetime = OCTOBER
    state: str = "closed"
    held: bool = False


def children(cell: str, resolution: int) -> list[str]:
    """The cells of a finer resolution that belong to a cell, in order."""
    return sorted(h3.cell_to_children(cell, resolution))


async def add_cases(tx: Transaction, many: Sequence[Cases]) -> None:
    """Store them; each a minute after the one before."""
    each = [
        replace(cases, count=1, since=cases.since + timedelta(minutes=minute))
        for cases in many
        for minute in range(cases.count)
    ]
    if not each:
        return
    names = [h3.cell_to_center_child(cases.cell, CASE_RESOLUTION) for cases in each]
    cells: Cells = np.array([h3.str_to_int(name) for name in names], dtype=np.uint64)
    middles = pa.record_batch(cells_to_coordinates(pa.array(cells)))
    times = np.array([cases.since.replace(tzinfo=None) for cases in each], dtype="datetime64[us]")
    instants = pa.array(times, pa.timestamp("us", "UTC"))
    held = [time if case.held else None for time, case in zip(times.tolist(), each, strict=True)]
    await copy_into(
        tx,
        "cases",
        {
            "kind": ["event"] * len(each),
            "state": [cases.state for cases in each],
            "urgency": ["normal"] * len(each),
            "category": [cases.category for cases in each],
            "channel": ["web"] * len(each),
            "occurred_at": instants,
            "received_at": instants,
            "held_at": pa.array(held, pa.timestamp("us", "UTC")),
            "point": ewkb_points(middles["lng"].to_numpy(), middles["lat"].to_numpy()),
            "cell": cells.astype(np.int64),
            "grid_reason": ["outside"] * len(each),
        },
    )


async def correct_all_cases(tx: Transaction) -> None:
    """Change whatever a release may have counted: category, place, state, and that it is there."""
    for change in (
        "UPDATE cases SET category = 'noise' WHERE number % 5 = 0",
        "UPDATE cases SET state = 'rejected' WHERE number % 5 = 1",
        "UPDATE cases SET held_at = now() WHERE number % 5 = 2",
        "UPDATE cases SET cell = (SELECT min(cell) FROM cases) WHERE number % 5 = 3",
        "DELETE FROM cases WHERE number % 5 = 4",
    ):
        await tx.execute(text(change))


def with_rules(profile: CityProfile, **rules: Any) -> CityProfile:
    """The profile with other rules for the counts that are told."""
    return altered(profile, open_data=OpenData(**rules))


def altered(profile: CityProfile, **changes: Any) -> CityProfile:
    """The profile with other fields."""
    fields = {name: getattr(profile, name) for name in CityProfile.model_fields}
    return CityProfile.model_validate(fields | changes)
