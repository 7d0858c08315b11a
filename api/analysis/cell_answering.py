"""Which of today's grids lie in some cells, and who answers for each of them now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.access import Action, decide
from api.analysis.asking import Viewpoint
from api.cases.on_duty import AskedArea, PostsNearby
from api.locators import Locator
from api.service import Service
from gis.cell_overlap import overlap_m2
from gis.cells import Cells
from gis.crs import metric_crs
from gis.store.engine import Transaction
from gis.store.on_duty import HeldPost, posts_held

# What only touches a cell has rounding in common with it.
_LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class GridOfCells:
    """A grid by its row in the locator, and its share of the cells' ground within all grids.

    ``post`` and ``rule`` are None where nobody answers, or where the viewer is not told.
    """

    row: int
    share: float
    post: HeldPost | None
    rule: int | None


@dataclass(frozen=True, slots=True)
class Answering:
    """Grids in order of their shares, the greatest first; ``locator`` has their rows."""

    locator: Locator | None
    grids: Sequence[GridOfCells]


async def answering_for(
    service: Service, tx: Transaction, viewpoint: Viewpoint, cells: Cells
) -> Answering:
    """The grids of today that share ground with the cells, and who answers for them now.

    Who answers is told of grids within the viewer's area, as for a point.
    """
    today = await service.locators.at(tx, viewpoint.now)
    if not today:
        return Answering(None, ())
    (locator,) = today
    shares = await asyncio.to_thread(_shares, locator, cells, service.profile.metric_crs)
    rows = np.flatnonzero(shares > _LEAST_SHARE)
    rows = rows[np.argsort(-shares[rows], kind="stable")]
    on_duty = await _on_duty(service, tx, viewpoint, locator, rows)
    may_read = decide(viewpoint.account, Action.READ_STAFF).allowed
    found = []
    for row in rows.tolist():
        answer = None
        if may_read and viewpoint.scope.covers(int(locator.grid_ids[row])):
            answer = on_duty.at(_area(locator, row), viewpoint.now)
        post, rule = answer or (None, None)
        found.append(GridOfCells(row, float(shares[row]), post, rule))
    return Answering(locator, found)


def _shares(locator: Locator, cells: Cells, metric: str | None) -> NDArray[np.float64]:
    west, south, east, north = locator.bounds
    crs = metric_crs((west + east) / 2, (south + north) / 2, metric)
    ground = overlap_m2(cells, locator.grids.geometry.to_numpy(), crs)
    shares: NDArray[np.float64] = ground / max(ground.sum(), 1e-9)
    return shares


def _area(locator: Locator, row: int) -> AskedArea:
    return AskedArea(
        int(locator.grid_ids[row]),
        int(locator.community_ids[row]),
        int(locator.township_ids[row]),
    )


async def _on_duty(
    service: Service,
    tx: Transaction,
    viewpoint: Viewpoint,
    locator: Locator,
    rows: NDArray[np.int64],
) -> PostsNearby:
    areas = [_area(locator, row) for row in rows.tolist()]
    posts = await posts_held(
        tx,
        viewpoint.now,
        viewpoint.now,
        grid_ids={area.grid_id for area in areas},
        community_ids={area.community_id for area in areas},
        township_ids={area.township_id for area in areas},
    )
    return PostsNearby(posts, service.profile.duty.roles)
