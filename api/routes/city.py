"""What a page needs to know of the city before it draws anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import Action, decide
from api.auth import Viewer, allowed
from api.request_transaction import Tx
from api.service import Service, TheService
from gis.store import cities, grids
from gis.store.versions import version_at, version_chain

router = APIRouter(prefix="/api", tags=["city"])


class VersionOut(BaseModel):
    """The boundary version in force."""

    number: int
    effective_at: datetime


class CountsOut(BaseModel):
    """How much there is of everything; of cases only for who may read them."""

    townships: int
    communities: int
    grids: int
    staff: int


class CategoryOut(BaseModel):
    """A category in both languages; cases of a sensitive one are never shown as points."""

    code: str
    zh: str
    en: str
    sensitive: bool


class PeriodOut(BaseModel):
    """First and last instant a case occurred."""

    first: datetime = Field(serialization_alias="from")
    last: datetime = Field(serialization_alias="to")


class BasemapOut(BaseModel):
    """What lies under the city's own layers."""

    kind: Literal["pmtiles", "raster"]
    url: str


class CityOut(BaseModel):
    """The city at a glance; ``bounds`` is west, south, east, north in degrees."""

    code: str
    name: str
    timezone: str
    bounds: tuple[float, float, float, float] | None
    boundary_version: VersionOut | None
    generated: bool
    counts: CountsOut
    categories: list[CategoryOut]
    occurred: PeriodOut | None
    basemap: BasemapOut | None


@router.get("/city", **allowed(Action.READ_CITY))
async def city(service: TheService, tx: Tx, account: Viewer) -> CityOut:
    """The city, its version in force, its categories; who reads cases hears when they happened.

    Everybody else would hear of each case that comes in, by asking again and again.
    """
    row = await cities.get_city(tx)
    version = version_at(await version_chain(tx), datetime.now(UTC))
    levels, bounds = (0, 0, 0), None
    if version is not None:
        levels = await grids.count_levels(tx, version.id)
        bounds = await grids.city_bounds(tx, version.id)
    period = None
    if decide(account, Action.READ_CASES).allowed:
        period = await cities.cases_occurred(tx)
    return CityOut(
        code=service.settings.city,
        name=service.settings.city if row is None else row.name,
        timezone=service.profile.timezone,
        bounds=bounds,
        boundary_version=None
        if version is None
        else VersionOut(number=version.number, effective_at=version.effective_at),
        generated=row is not None and row.generated,
        counts=CountsOut(
            townships=levels[0],
            communities=levels[1],
            grids=levels[2],
            staff=await cities.count_staff(tx),
        ),
        categories=await _categories(service, tx),
        occurred=None if period is None else PeriodOut(first=period[0], last=period[1]),
        basemap=_basemap(service),
    )


async def _categories(service: Service, tx: Tx) -> list[CategoryOut]:
    own = [
        CategoryOut(code=c.code, zh=c.zh, en=c.en, sensitive=c.sensitive)
        for c in service.profile.categories
    ]
    added = await cities.added_categories(tx)
    known = {category.code for category in own}
    return own + [
        CategoryOut(code=code, zh=zh, en=en, sensitive=False)
        for code, (zh, en) in sorted(added.items())
        if code not in known
    ]


def _basemap(service: Service) -> BasemapOut | None:
    source = service.settings.basemap
    if source is None:
        return None
    if source.endswith(".pmtiles"):
        return BasemapOut(kind="pmtiles", url="/basemap.pmtiles")
    return BasemapOut(kind="raster", url=source)
