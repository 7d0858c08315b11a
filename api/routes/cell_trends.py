"""What cells are in time: new hotspots, growing ones, former ones."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel

from api.access import Action
from api.analysis.asking import Asked, Viewpoint
from api.analysis.cell_trends import CellTrends, trends_of_cells
from api.analysis.kept_trends import KeptTrends
from api.analysis.regions import Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.cell_questions import Definition, OutlineVersion, Resolution, StepOfTime
from api.routes.nulls import nulled
from api.routes.queries import NarrowerCases
from api.service import TheService
from gis.patterns.steps import Step
from gis.patterns.time_classes import Variant
from gis.trends import EmergingOptions

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


class EmergingOut(BaseModel):
    """Cells and what they are in time; aligned lists.

    `classes` are `new-hot`, `intensifying-cold` … or `none`; `hot` and `cold` in how many of the
    `steps` a cell is significantly so, `runs` for how many of the last without a break (below zero:
    cold). `trend_z` and `trend_p` are Mann and Kendall's test of the deviates of its steps.
    `starts` are the first days of the steps, `end` the day after the last; `left_out` counts cases
    in no whole step. `not_enough_data` says why no class can be told; all lists that
    need one are empty then.
    """

    resolution: int
    version: int | None
    step: Step
    variant: Variant
    level: float
    starts: list[str]
    end: str | None
    left_out: int
    keys: list[str]
    counts: list[int]
    last: list[int]
    classes: list[str]
    hot: list[int]
    cold: list[int]
    runs: list[int]
    trend_z: list[float | None]
    trend_p: list[float | None]
    not_enough_data: str | None
    withheld: list[str]


@router.get("/emerging", **allowed(Action.ANALYSE))
async def emerging(
    request: Request,
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    resolution: Resolution,
    step: StepOfTime = "week",
    variant: Definition = "esri-new",
    version: OutlineVersion = None,
) -> EmergingOut:
    """What each cell of a filter is in time, by its hotspots step by step."""
    regions: Regions = request.app.state.regions
    kept: KeptTrends = request.app.state.kept_trends
    options = EmergingOptions(variant)
    found = await trends_of_cells(
        service,
        regions,
        kept,
        tx,
        Viewpoint(account, scope, datetime.now(UTC)),
        wanted,
        Asked("cell", resolution, version or None),
        step,
        options,
    )
    trend = None if found.found is None else found.found.trend
    return EmergingOut(
        resolution=resolution,
        version=found.version,
        step=step,
        variant=variant,
        level=options.level,
        starts=[str(day) for day in found.starts],
        end=None if found.end is None else str(found.end),
        left_out=int(found.left_out.sum()),
        keys=found.cells,
        counts=found.cube.sum(axis=1).tolist(),
        last=found.cube[:, -1].tolist() if found.cube.size else [],
        classes=[] if found.found is None else found.found.classes.tolist(),
        hot=_times(found, 1, options.level),
        cold=_times(found, -1, options.level),
        runs=[] if found.found is None else found.runs(options.level).tolist(),
        trend_z=[] if trend is None else nulled(trend.z, 6),
        trend_p=[] if trend is None else nulled(trend.p, 6),
        not_enough_data=found.lack,
        withheld=list(found.withheld),
    )


def _times(found: CellTrends, side: int, level: float) -> list[int]:
    return [] if found.found is None else found.hot(side, level).sum(axis=1).tolist()
