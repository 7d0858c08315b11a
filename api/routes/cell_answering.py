"""Which grids lie in some cells, and who answers for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import Action
from api.analysis.asking import Viewpoint
from api.analysis.cell_answering import GridOfCells, answering_for
from api.auth import Scope, SignedIn, allowed
from api.locators import Locator
from api.request_transaction import Tx
from api.routes.cases import StaffOut
from api.routes.hot_places import AreaOut
from api.routes.queries import Text
from api.service import TheService
from gis.cells import Cells, cell_named
from gis.errors import BadInput

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])

MOST_CELLS = 1_000
"""An address of 16 kB."""


class AnsweringGridOut(BaseModel):
    """A grid of today; `share` is its part of the cells' ground within the city.

    `staff` and `staff_rule` are null where nobody answers, and for grids outside of the
    account's area.
    """

    code: str
    name: str
    kind: str
    community: AreaOut
    township: AreaOut
    share: float
    staff: StaffOut | None
    staff_rule: int | None


class AnsweringOut(BaseModel):
    """Grids, most ground first."""

    grids: list[AnsweringGridOut]


@router.get("/answering", **allowed(Action.ANALYSE))
async def answering(
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    cells: Annotated[Text, Query(description="comma list of H3 cells, as H3 writes them")],
) -> AnsweringOut:
    """The grids of today that share ground with some cells, and who answers for each now."""
    viewpoint = Viewpoint(account, scope, datetime.now(UTC))
    found = await answering_for(service, tx, viewpoint, _cells(cells))
    if found.locator is None:
        return AnsweringOut(grids=[])
    return AnsweringOut(grids=[_told(grid, found.locator) for grid in found.grids])


def _cells(given: str) -> Cells:
    named = [name.strip() for name in given.split(",") if name.strip()]
    if not 0 < len(named) <= MOST_CELLS:
        raise BadInput(
            "cells_invalid", f"cells must name 1 to {MOST_CELLS:,} cells of H3.", field="cells"
        )
    try:
        return np.array([cell_named(name) for name in named], dtype=np.uint64)
    except BadInput as error:
        raise BadInput(error.code, error.message, **{**error.where, "field": "cells"}) from None


def _told(grid: GridOfCells, locator: Locator) -> AnsweringGridOut:
    row = locator.grids.iloc[grid.row]
    return AnsweringGridOut(
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        community=AreaOut(code=row["community"], name=row["community_name"]),
        township=AreaOut(code=row["township"], name=row["township_name"]),
        share=round(grid.share, 6),
        staff=None
        if grid.post is None
        else StaffOut(code=grid.post.staff_code, name=grid.post.staff_name, role=grid.post.role),
        staff_rule=grid.rule,
    )
