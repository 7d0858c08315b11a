"""Where a report belongs and who answers for it: one way for one point and for millions.

Coordinates as given → WGS84 → grid (of the boundary version in force when it
happened) → person (on duty when it was received).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.cases.duty import NO_ID, Answers, Roster
from api.cases.local_time import Instants
from api.locators import Locator
from gis.datum import Datum, to_wgs84
from gis.locate import NO_GRID, Reason

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Placed:
    """Places of points; arrays of one length.

    Parameters
    ----------
    lng, lat
        WGS84 degrees.
    version_id, grid_id, community_id, township_id
        int64; `NO_ID` for none (the last three together, where the reason is outside).
    grid
        int32, position of the grid in its version's locator; -1 for none.
    reason
        uint8, `gis.locate.Reason`.
    """

    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    version_id: Ints
    grid_id: Ints
    community_id: Ints
    township_id: Ints
    grid: NDArray[np.int32]
    reason: NDArray[np.uint8]

    def answered_by(self, roster: Roster, received_at: Instants) -> Answers:
        """Who answers for each point at its instant (datetime64[us] UTC)."""
        return roster.at(self.grid_id, self.community_id, self.township_id, received_at)


def place(
    locators: Sequence[Locator],
    lng: NDArray[np.float64],
    lat: NDArray[np.float64],
    datum: Datum,
    occurred_at: Instants,
) -> Placed:
    """Place points given in a datum.

    Parameters
    ----------
    locators
        Of all versions that may matter, in order of effect; what happened before the
        first one is placed in the first. Empty for a city without grids: all outside.
    lng, lat
        Degrees as given, finite and on the globe.
    occurred_at
        datetime64[us] UTC.
    """
    lng, lat = to_wgs84(lng, lat, datum)
    placed = _nowhere(lng, lat)
    version = version_of(locators, occurred_at)
    for number, locator in enumerate(locators):
        chosen = np.flatnonzero(version == number)
        if chosen.size == 0:
            continue
        found = locator.index.locate(lng[chosen], lat[chosen])
        placed.version_id[chosen] = locator.version.id
        placed.grid[chosen] = found.grid
        placed.reason[chosen] = found.reason
        within = chosen[found.grid != NO_GRID]
        grid = found.grid[found.grid != NO_GRID]
        placed.grid_id[within] = locator.grid_ids[grid]
        placed.community_id[within] = locator.community_ids[grid]
        placed.township_id[within] = locator.township_ids[grid]
    return placed


def grid_today(locators: Sequence[Locator], placed: Placed, now: np.datetime64) -> Ints:
    """Grid ids of points placed before in the version in force ``now`` (UTC); `NO_ID` for none."""
    if not locators:
        return placed.grid_id
    today = locators[int(version_of(locators, np.array([now], "datetime64[us]"))[0])]
    moved = placed.version_id != today.version.id
    grid_id = placed.grid_id.copy()
    if moved.any():
        grid = today.index.locate(placed.lng[moved], placed.lat[moved]).grid
        grid_id[moved] = np.append(today.grid_ids, NO_ID)[grid]
    return grid_id


def version_of(locators: Sequence[Locator], instants: Instants) -> Ints:
    """Position of the version in force at each instant (UTC), the first for all before it."""
    effective = np.array(
        [locator.version.effective_at.replace(tzinfo=None) for locator in locators],
        "datetime64[us]",
    )
    return np.maximum(np.searchsorted(effective, instants, side="right") - 1, 0)


def _nowhere(lng: NDArray[np.float64], lat: NDArray[np.float64]) -> Placed:
    def nothing() -> Ints:
        return np.full(len(lng), NO_ID, np.int64)

    return Placed(
        lng,
        lat,
        version_id=nothing(),
        grid_id=nothing(),
        community_id=nothing(),
        township_id=nothing(),
        grid=np.full(len(lng), NO_GRID, np.int32),
        reason=np.full(len(lng), Reason.OUTSIDE, np.uint8),
    )
