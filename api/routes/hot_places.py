"""Which places stand out in a period: hot cells that lie side by side, joined."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from api.access import Action
from api.analysis.asking import Asked, Viewpoint
from api.analysis.hot_place_figures import Area
from api.analysis.hot_places import HotPlaces, Look, PlaceFound, hot_places_of
from api.analysis.regions import Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import Tx
from api.routes.cell_hotspots import ChanceOut
from api.routes.cell_questions import Definition, OutlineVersion, Resolution, Rings, StepOfTime
from api.routes.queries import NarrowerCases
from api.service import TheService
from gis.hotspots import Lack

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])

MOST_STEPS = 60


class AreaOut(BaseModel):
    """A community or township."""

    code: str
    name: str


class CategoryCountOut(BaseModel):
    """How many cases have a category."""

    code: str
    count: int


class HotPlaceOut(BaseModel):
    """Hot cells that lie side by side.

    `lng` and `lat` are the middle of the `peak`, the cell that stands out most; `z`, `q` and `bin`
    are the peak's. `community` and `township` are those most of its cases lie in today. `ratio` is
    the `count` over the one `before`, `low` and `high` the ends of its interval of 95 %, null
    where there is none. `by_step` counts the cases of each step, and `class` is what all of its
    cells together are in these; `starts` are the first days of them.
    """

    peak: str
    cells: list[str]
    lng: float
    lat: float
    community: AreaOut | None
    township: AreaOut | None
    count: int
    before: int
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    z: float | None
    q: float
    bin: int
    class_in_time: str | None = Field(serialization_alias="class")
    categories: list[CategoryCountOut]
    starts: list[str]
    by_step: list[int]


class PeriodOut(BaseModel):
    """Days of the city's calendar, or instants; `to` is no more in it."""

    from_: str = Field(serialization_alias="from")
    to: str


class HotPlacesOut(PeriodOut):
    """The places of a period, strongest first, 50 at most; `before` is the period before it.

    `not_enough_data` says why nothing can be told.
    """

    resolution: int
    version: int | None
    before: PeriodOut
    chance: ChanceOut
    not_enough_data: Lack | None
    withheld: list[str]
    places: list[HotPlaceOut]


@router.get("/places", **allowed(Action.ANALYSE))
async def hot_places(
    request: Request,
    service: TheService,
    tx: Tx,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    resolution: Resolution,
    k: Rings = 1,
    steps: Annotated[
        int, Query(ge=1, le=MOST_STEPS, description="of time, that end with `to`")
    ] = 12,
    step: StepOfTime = "week",
    variant: Definition = "esri-new",
    version: OutlineVersion = None,
) -> HotPlacesOut:
    """Which places have more cases of a filter than chance would give, and what changed there."""
    regions: Regions = request.app.state.regions
    found = await hot_places_of(
        service,
        regions,
        tx,
        Viewpoint(account, scope, datetime.now(UTC)),
        wanted,
        Asked("cell", resolution, version or None),
        Look(k, step, steps, variant),
    )
    start, stop = found.compared.after.told()
    before_start, before_stop = found.compared.before.told()
    return HotPlacesOut(
        from_=start,
        to=stop,
        resolution=resolution,
        version=found.version,
        before=PeriodOut(from_=before_start, to=before_stop),
        chance=found.found.chance,
        not_enough_data=found.found.lack,
        withheld=list(found.withheld),
        places=[_told(place, found) for place in found.places],
    )


def _told(place: PlaceFound, of: HotPlaces) -> HotPlaceOut:
    figures = place.figures
    return HotPlaceOut(
        peak=place.peak_name,
        cells=list(place.cells),
        lng=round(place.lng, 6),
        lat=round(place.lat, 6),
        community=_area(figures.community),
        township=_area(figures.township),
        count=figures.count,
        before=figures.before,
        ratio=_finite(figures.ratio),
        low=_finite(figures.low),
        high=_finite(figures.high),
        p=_finite(figures.p),
        z=_finite(round(float(of.found.z[place.peak]), 4)),
        q=float(of.found.q[place.peak]),
        bin=int(of.found.bin[place.peak]),
        class_in_time=place.class_in_time,
        categories=[CategoryCountOut(code=code, count=n) for code, n in figures.categories],
        starts=list(of.starts),
        by_step=list(place.by_step),
    )


def _area(area: Area | None) -> AreaOut | None:
    return None if area is None else AreaOut(code=area.code, name=area.name)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
