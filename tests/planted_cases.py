"""Cases that gather where they were planted, in the three versions of the small city.

Rain of half a year, and in its last four weeks three clusters: floods at a corner of four grids
of two communities, garbage in one grid, and disputes, which are sensitive, in a third place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.counted_cases import EDGES, SENSITIVE, grids_of, random_cases
from tests.small_city import SOUTH, STEP, WEST

BEGIN, END = pd.Timestamp("2026-05-31T16:00Z"), pd.Timestamp("2026-11-15T16:00Z")
LAST_WEEKS = 4
FLOODS, GARBAGE, DISPUTES = (0.0201, 0.0103), (0.0045, 0.0262), (0.0262, 0.0262)
"""Middles of the clusters, in degrees from the city's lower left corner."""
CLUSTERS = ((FLOODS, 60, "flooding"), (GARBAGE, 45, "garbage"), (DISPUTES, 60, "neighbour_dispute"))


def planted_cases(seed: int, rain: int = 300) -> pd.DataFrame:
    """Cases as ``random_cases`` has them, in 24 weeks and with clusters."""
    rng = np.random.default_rng(seed)
    cases = random_cases(seed, rain + sum(count for _, count, _ in CLUSTERS))
    x, y = rng.uniform(0.0002, 3 * STEP - 0.0002, (2, len(cases)))
    weeks = rng.uniform(0, 24, len(cases))
    category = np.where(rng.random(len(cases)) < 0.8, "other", "garbage").astype(object)
    first = rain
    for (east, north), count, word in CLUSTERS:
        here = slice(first, first + count)
        x[here] = east + rng.normal(0, 0.0008, count)
        y[here] = north + rng.normal(0, 0.0008, count)
        weeks[here] = 24 - rng.uniform(0, LAST_WEEKS, count)
        some = np.where(rng.random(count) < 0.85, word, "other")
        category[here] = word if word in SENSITIVE else some
        first += count
    at = BEGIN + pd.to_timedelta((weeks * 7 * 86_400).astype(int), unit="s")
    cases["occurred_at"] = cases["received_at"] = at
    cases["category"] = category
    cases["lng"], cases["lat"] = np.round(WEST + x, 9), np.round(SOUTH + y, 9)
    for version in EDGES:
        cases[f"in_{version}"] = grids_of(x, y, version)
    return cases
