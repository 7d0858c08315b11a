"""What lies on a piece of ground: the figures under a planner's hand while it is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

import numpy as np
import shapely
from fastapi import APIRouter, Query
from numpy.typing import NDArray
from pydantic import BaseModel

from api.access import Action
from api.auth import allowed
from api.impact import LOAD_DAYS
from api.request_transaction import Tx
from api.routes.draft_held import DraftId, TheDrafts, found
from api.routes.queries import Text
from api.service import TheService
from boundaries.succession.counted import Counted, counts_of_grids
from gis.crs import objects
from gis.errors import BadInput
from gis.store.building_counts import CountsNear, counts_near
from gis.store.engine import Transaction
from gis.store.report_load import case_places

router = APIRouter(prefix="/api/drafts", tags=["drafts"])

MOST = 24
"""More than these nobody compares."""
MOST_POINTS = 2_000
ITS = np.array(["it"], dtype=object)
"""The one code there is when an area is counted by itself."""

Codes = Annotated[list[Text], Query(max_length=MOST, description="code of a grid of the draft")]
Areas = Annotated[list[Text], Query(max_length=MOST, description="a polygon in degrees, as WKT")]


class FiguresHere(BaseModel):
    """What was counted on a piece of ground; null where nobody did. `load` is of the last year."""

    households: float | None
    population: float | None
    load: int


class LimitsOut(BaseModel):
    """Between what a grid should be, by the city's profile; null without a limit."""

    smallest_m2: float
    largest_m2: float | None
    households: int | None


class FiguresHereOut(BaseModel):
    """The figures of grids by code, and of areas in the order they were given."""

    grids: dict[str, FiguresHere]
    areas: list[FiguresHere]
    limits: LimitsOut


@router.get("/{draft_id}/figures", **allowed(Action.READ_DRAFTS))
async def figures(
    tx: Tx,
    drafts: TheDrafts,
    service: TheService,
    draft_id: DraftId,
    grid: Codes = [],  # noqa: B006 - FastAPI makes a new one each time
    area: Areas = [],  # noqa: B006
) -> FiguresHereOut:
    """What is counted in grids of a draft, and in areas that are not part of it yet."""
    coverage = await drafts.coverage(tx, await found(tx, draft_id))
    codes = [code for code in grid if code in coverage.grids]
    shapes = objects([*(coverage.grids[code].geometry for code in codes), *map(_read, area)])
    told = await _figures(tx, shapes)
    limits = service.profile.planning
    return FiguresHereOut(
        grids=dict(zip(codes, told, strict=False)),
        areas=told[len(codes) :],
        limits=LimitsOut(
            smallest_m2=limits.smallest_m2,
            largest_m2=limits.largest_m2,
            households=limits.households,
        ),
    )


async def _figures(tx: Transaction, shapes: NDArray[np.object_]) -> list[FiguresHere]:
    if not len(shapes):
        return []
    counts = await counts_near(tx, shapes)
    since = datetime.now(UTC) - timedelta(days=LOAD_DAYS)
    lng, lat = await case_places(tx, shapely.bounds(shapes), since)
    return await asyncio.to_thread(_summed, shapes, counts, lng, lat)


def _summed(
    shapes: NDArray[np.object_],
    counts: CountsNear,
    lng: NDArray[np.float64],
    lat: NDArray[np.float64],
) -> list[FiguresHere]:
    """Each area by itself: what lies on the edge of two counts in both."""
    shapely.prepare(shapes)

    def of(shape: shapely.Geometry, figure: Sequence[float] | None) -> float | None:
        counted = None if figure is None else Counted.of(counts.geometries, figure)
        return counts_of_grids(ITS, objects([shape]), counted)[ITS[0]]

    return [
        FiguresHere(
            households=of(shape, counts.households),
            population=of(shape, counts.population),
            load=int(shapely.intersects_xy(shape, lng, lat).sum()),
        )
        for shape in shapes
    ]


def _read(wkt: str) -> shapely.Geometry:
    """The polygon of a text.

    Raises
    ------
    BadInput
        ``area_invalid``.
    """
    try:
        shape = shapely.from_wkt(wkt)
    except shapely.errors.GEOSException:
        shape = None
    corners = shapely.get_coordinates(shape)
    is_told = 0 < len(corners) <= MOST_POINTS and (np.abs(corners) <= (180, 90)).all()
    if not is_told or not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        raise BadInput(
            "area_invalid",
            f"An area is a polygon in degrees as WKT, of at most {MOST_POINTS} corners.",
            field="area",
        )
    # A line that crosses itself while it is drawn encloses something all the same.
    return shape if shape.is_valid else shapely.make_valid(shape, method="structure")
