"""How far the demo city's cases have come: the older, the further; long-settled ones are closed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOUR_S, DAY_S = 3_600, 86_400
STATES = (
    "received", "registered", "dispatched", "handling", "suspended", "fed_back", "verified",
    "evaluated", "closed", "rejected",
)  # fmt: skip
# Until this age in seconds: shares of the states in their order.
STAGES: tuple[tuple[float, tuple[float, ...]], ...] = (
    (1 * HOUR_S, (0.60, 0.22, 0.13, 0.05, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00)),
    (3 * HOUR_S, (0.18, 0.22, 0.35, 0.20, 0.00, 0.05, 0.00, 0.00, 0.00, 0.00)),
    (8 * HOUR_S, (0.04, 0.07, 0.22, 0.42, 0.01, 0.16, 0.03, 0.00, 0.04, 0.01)),
    (1 * DAY_S, (0.01, 0.02, 0.09, 0.33, 0.03, 0.15, 0.09, 0.05, 0.21, 0.02)),
    (3 * DAY_S, (0.00, 0.00, 0.02, 0.14, 0.04, 0.06, 0.07, 0.07, 0.57, 0.03)),
    (7 * DAY_S, (0.00, 0.00, 0.00, 0.04, 0.03, 0.01, 0.02, 0.05, 0.815, 0.035)),
    (30 * DAY_S, (0.00, 0.00, 0.00, 0.002, 0.009, 0.00, 0.00, 0.009, 0.945, 0.035)),
    (np.inf, (0.00, 0.00, 0.00, 0.00, 0.0005, 0.00, 0.00, 0.00, 0.9645, 0.035)),
)
# An urgent case of an hour is where another is after two.
URGENT_IS_OLDER_BY = 2.0


def drawn_states(
    rng: np.random.Generator, age_s: NDArray[np.float64], urgent: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """A state for each case by its age since receipt; urgent ones have come further."""
    age = np.where(urgent, age_s * URGENT_IS_OLDER_BY, age_s)
    stage = np.searchsorted([until for until, _ in STAGES], age, side="right")
    shares = np.cumsum([row for _, row in STAGES], axis=1)
    chosen = (rng.random(len(age))[:, None] >= shares[stage]).sum(axis=1)
    found: NDArray[np.object_] = np.array(STATES, dtype=object)[np.minimum(chosen, len(STATES) - 1)]
    return found
