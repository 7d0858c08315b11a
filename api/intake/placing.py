"""Where the reports of a batch lie: their grids, all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from api.cases.duty import NO_ID
from api.cases.intake import TakenReport
from api.cases.on_duty import AskedArea
from api.cases.placement import grid_today, place, version_of
from api.locating import utc
from api.locators import Locator
from gis.datum import Datum
from gis.locate import Reason


@dataclass(frozen=True, slots=True)
class Spot:
    """A report's place: WGS84 degrees, version, grid and reason; None where there is none."""

    lng: float
    lat: float
    locator: Locator | None
    grid: int | None
    reason: Reason
    area: AskedArea | None
    today_grid_id: int | None


def spots_of(
    locators: Sequence[Locator], reports: Sequence[TakenReport], now: datetime
) -> list[Spot]:
    """Place each report in the version of its own time, and in the one in force ``now``."""
    spots: list[Spot | None] = [None] * len(reports)
    by_datum = defaultdict[Datum, list[int]](list)
    for position, report in enumerate(reports):
        by_datum[report.given.datum].append(position)
    for datum, chosen in by_datum.items():
        happened = np.array([utc(reports[at].occurred_at) for at in chosen])
        placed = place(
            locators,
            np.array([reports[at].given.lng for at in chosen], float),
            np.array([reports[at].given.lat for at in chosen], float),
            datum,
            happened,
        )
        today = grid_today(locators, placed, utc(now)).tolist()
        version = version_of(locators, happened).tolist()
        columns = zip(
            chosen,
            placed.lng.tolist(),
            placed.lat.tolist(),
            placed.grid.tolist(),
            placed.reason.tolist(),
            placed.grid_id.tolist(),
            placed.community_id.tolist(),
            placed.township_id.tolist(),
            today,
            version,
            strict=True,
        )
        for at, lng, lat, grid, reason, *ids, today_id, version_at in columns:
            inside = grid >= 0
            spots[at] = Spot(
                lng,
                lat,
                locators[version_at] if locators else None,
                grid if inside else None,
                Reason(reason),
                AskedArea(*ids) if inside else None,
                None if today_id == NO_ID else today_id,
            )
    return [spot for spot in spots if spot is not None]
