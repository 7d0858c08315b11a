"""Cases to put on tiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import shapely

from gis.cells import CASE_RESOLUTION, cells_of
from gis.store.copying import copy_into, ewkb
from gis.store.engine import Transaction

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
STATES = ("received", "handling", "closed")
KINDS = ("event", "dispute")
CATEGORIES = ("fire_lane", "noise", "噪声")


def case_frame(lng: np.ndarray, lat: np.ndarray) -> pd.DataFrame:
    """One case a place (degrees), an hour apart; the other values go round in turn."""
    turn = np.arange(len(lng))
    return pd.DataFrame(
        {
            "number": turn + 1,
            "kind": np.take(KINDS, turn % 2),
            "state": np.take(STATES, turn % 3),
            "urgency": np.take(("normal", "urgent"), turn // 2 % 2),
            "category": np.take(CATEGORIES, turn // 3 % 3),
            "occurred_at": [FIRST + timedelta(hours=int(hour)) for hour in turn],
            "lng": lng,
            "lat": lat,
        }
    )


async def add_cases(tx: Transaction, cases: pd.DataFrame) -> None:
    """Store cases; all of them outside the grids."""
    columns = ["number", "kind", "state", "urgency", "category", "occurred_at"]
    await copy_into(
        tx,
        "cases",
        {
            **{column: cases[column] for column in columns},
            "received_at": cases["occurred_at"],
            "channel": ["web"] * len(cases),
            "point": ewkb(shapely.points(cases["lng"], cases["lat"]), 4326),
            "cell": cells_of(cases["lng"], cases["lat"], CASE_RESOLUTION).astype(np.int64),
            "grid_reason": ["outside"] * len(cases),
        },
    )
