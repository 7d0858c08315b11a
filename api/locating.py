"""One point: its grid, the grids it may lie in, and who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from api.cases.duty import NO_ID, Roster
from api.cases.placement import Placed, grid_today, place, version_of
from api.locators import Locator
from api.service import Service
from gis.datum import Datum
from gis.locate import Reason
from gis.store.engine import Transaction
from gis.store.staff import posts_during


@dataclass(frozen=True, slots=True)
class Answer:
    """Who answers, in which role, by which of the five rules and which row."""

    staff_id: int
    code: str
    name: str
    role: str
    rule: int
    row_id: int


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point belongs.

    Attributes
    ----------
    lng, lat
        WGS84 degrees.
    locator
        Of the version it was placed in; None for a city without grids.
    grid
        Position of the grid in the locator; None outside.
    today_grid_id
        Id of the grid it lies in today.
    candidates
        Codes of the grids its circle of accuracy meets, nearest first.
    """

    lng: float
    lat: float
    locator: Locator | None
    grid: int | None
    today_grid_id: int | None
    reason: Reason
    candidates: list[str]
    answer: Answer | None

    @property
    def grid_code(self) -> str | None:
        """Code of the grid; None outside."""
        if self.locator is None or self.grid is None:
            return None
        return self.locator.index.codes[self.grid]

    @property
    def grid_id(self) -> int | None:
        """Id of the grid; None outside."""
        if self.locator is None or self.grid is None:
            return None
        return int(self.locator.grid_ids[self.grid])


async def locate_point(
    tx: Transaction,
    service: Service,
    lng: float,
    lat: float,
    datum: Datum,
    *,
    accuracy_m: float | None,
    occurred_at: datetime,
    received_at: datetime,
    now: datetime,
) -> Located:
    """Place one point as everything is placed; degrees in ``datum``, aware instants.

    Grid and version go by ``occurred_at``, the person by ``received_at``.
    """
    locators = await service.locators.at(tx, occurred_at, now)
    happened = np.array([utc(occurred_at)])
    placed = place(locators, np.array([lng]), np.array([lat]), datum, happened)
    grid = int(placed.grid[0])
    locator = locators[int(version_of(locators, happened)[0])] if locators else None
    point = float(placed.lng[0]), float(placed.lat[0])
    candidates = locator.index.candidates(*point, accuracy_m or 0.0) if locator else []
    today = int(grid_today(locators, placed, utc(now))[0])
    return Located(
        *point,
        locator=locator,
        grid=None if grid < 0 else grid,
        today_grid_id=None if today == NO_ID else today,
        reason=Reason(int(placed.reason[0])),
        candidates=[locator.index.codes[at] for at in candidates] if locator else [],
        answer=await _answer(tx, service.profile.duty.roles, placed, received_at),
    )


def utc(instant: datetime) -> np.datetime64:
    """An aware instant as numpy keeps it: datetime64[us], UTC."""
    return np.datetime64(instant.astimezone(UTC).replace(tzinfo=None), "us")


async def _answer(
    tx: Transaction, roles: Sequence[str], placed: Placed, at: datetime
) -> Answer | None:
    def area(ids: NDArray[np.int64]) -> int:
        return int(ids[0])

    if area(placed.grid_id) == NO_ID:
        return None
    posts = await posts_during(
        tx,
        at,
        at,
        grid_id=area(placed.grid_id),
        community_id=area(placed.community_id),
        township_id=area(placed.township_id),
    )
    found = placed.answered_by(Roster.build(posts, roles), np.array([utc(at)]))
    if found.post[0] < 0:
        return None
    post = posts.iloc[int(found.post[0])]
    return Answer(
        staff_id=int(post["staff_id"]),
        code=str(post["staff_code"]),
        name=str(post["staff_name"]),
        role=str(post["role"]),
        rule=int(found.rule[0]),
        row_id=int(post["row_id"]),
    )
