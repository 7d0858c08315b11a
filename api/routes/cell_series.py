"""A cell step by step, or several that are one place, with the sentence that explains it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from api.access import Action
from api.analysis.asking import Viewpoint
from api.analysis.cell_series import CellSeries, series_of_cells
from api.analysis.kept_trends import KeptTrends
from api.analysis.regions import Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.cell_questions import Definition, OutlineVersion, StepOfTime
from api.routes.nulls import nulled
from api.routes.queries import NarrowerCases, Text
from api.service import TheService
from gis.patterns.steps import Step
from gis.patterns.time_classes import Variant
from gis.trends import EmergingOptions

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class ToldOut(BaseModel):
    """A sentence in Chinese and in English."""

    zh: str
    en: str


class CellSeriesOut(BaseModel):
    """A cell step by step, or `cells` that are taken for one place; aligned lists.

    `counts` are summed over the cells. `usual` is what the place would have if it took its share
    of the city's cases of each step, `low` to `high` the middle 95 % of what chance makes of that.
    `z` and `bins` are those of its neighbourhood in each step, as all cells are classed by;
    `class`, `hot`, `cold`, `run`, `trend_z` and `trend_p` are those of `/emerging`. `left_out`
    counts its cases in no whole step. `not_enough_data` says why no class can be told; `told` says
    what there is to say.
    """

    cell: str
    cells: list[str]
    resolution: int
    version: int | None
    step: Step
    variant: Variant
    level: float
    starts: list[str]
    end: str | None
    left_out: int
    counts: list[int]
    usual: list[float]
    low: list[float]
    high: list[float]
    z: list[float | None]
    bins: list[int]
    class_: str | None = Field(serialization_alias="class")
    hot: int
    cold: int
    run: int
    trend_z: float | None
    trend_p: float | None
    not_enough_data: str | None
    withheld: list[str]
    told: ToldOut


@router.get("/series", **allowed(Action.ANALYSE))
async def cell_series(
    request: Request,
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    of: Annotated[
        Text,
        Query(description="comma list of H3 cells of one resolution, as H3 writes them"),
    ],
    step: StepOfTime = "week",
    variant: Definition = "esri-new",
    version: OutlineVersion = None,
) -> CellSeriesOut:
    """Counts of a cell or a place step by step, what is usual there, and what it is in time."""
    regions: Regions = request.app.state.regions
    kept: KeptTrends = request.app.state.kept_trends
    options = EmergingOptions(variant)
    found = await series_of_cells(
        service,
        regions,
        kept,
        tx,
        Viewpoint(account, scope, datetime.now(UTC)),
        wanted,
        [name.strip() for name in of.split(",") if name.strip()],
        version or None,
        step,
        options,
    )
    return _told(found, step, options)


def _told(found: CellSeries, step: Step, options: EmergingOptions) -> CellSeriesOut:
    trends, usual, course = found.trends, found.usual, found.course
    steps = len(trends.starts)
    return CellSeriesOut(
        cell=found.cells[0],
        cells=list(found.cells),
        resolution=found.resolution,
        version=trends.version,
        step=step,
        variant=options.variant,
        level=options.level,
        starts=[str(day) for day in trends.starts],
        end=None if trends.end is None else str(trends.end),
        left_out=int(trends.left_out[found.at].sum()),
        counts=found.counts.tolist(),
        usual=[] if usual is None else np.round(usual.usual, 4).tolist(),
        low=[] if usual is None else usual.low.tolist(),
        high=[] if usual is None else usual.high.tolist(),
        z=[None] * steps if course is None else nulled(course.z, 4),
        bins=[0] * steps if course is None else course.bin.tolist(),
        class_=found.facts.class_,
        hot=found.facts.hot,
        cold=found.facts.cold,
        run=found.facts.run,
        trend_z=None if course is None else nulled(course.trend.z, 6)[0],
        trend_p=None if course is None else nulled(course.trend.p, 6)[0],
        not_enough_data=trends.lack,
        withheld=list(trends.withheld),
        told=ToldOut(zh=found.told.zh, en=found.told.en),
    )
