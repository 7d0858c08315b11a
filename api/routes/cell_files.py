"""Which cells stand out of a filter's counts, as a file."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from api.access import Account, Action
from api.analysis.asking import Asked, Viewpoint
from api.analysis.cell_files import Format, statistic_of, written
from api.analysis.cell_hotspots import CellHotspots, hotspots_of_cells
from api.analysis.counts import Counts, counts_of
from api.analysis.regions import Regions
from api.auth import Scope, SignedIn, allowed
from api.request_transaction import TheTransaction
from api.routes.cell_questions import OutlineVersion, Resolution, Rings
from api.routes.queries import NarrowerCases
from api.service import TheService
from gis.store.case_filter import CaseFilter
from gis.store.cities import CityRow, cases_occurred, get_city

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])

MEDIA_TYPES: dict[Format, str] = {
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}
_FILTERS = (
    "bbox", "state", "kind", "category", "channel", "grid", "from", "to", "hour", "weekday",
    "within", "cell",
)  # fmt: skip


@router.get(
    "/cells.{form}",
    response_class=Response,
    responses={
        200: {
            "description": "The cells, as a file.",
            "content": {media_type: {} for media_type in MEDIA_TYPES.values()},
        }
    },
    **allowed(Action.ANALYSE),
)
async def cell_file(
    form: Format,
    request: Request,
    service: TheService,
    asked: TheTransaction,
    account: SignedIn,
    scope: Scope,
    wanted: NarrowerCases,
    resolution: Resolution,
    k: Rings = 1,
    version: OutlineVersion = None,
) -> Response:
    """The cells of `GET /api/hotspots/cells` as a file, with their outlines."""
    regions: Regions = request.app.state.regions
    now = datetime.now(UTC)
    tx = await asked.begun()
    counted = await counts_of(
        service,
        regions,
        tx,
        Viewpoint(account, scope, now),
        wanted,
        Asked("cell", resolution, version or None),
    )
    city = await get_city(tx) or CityRow(service.settings.city, service.settings.city, False)
    occurred = await cases_occurred(tx)
    await asked.end()
    facts = {
        "city": city.code,
        "city_name": city.name,
        "generated": city.generated,
        "filter": _filter(request),
        "area": _area(account),
        "rings": k,
        "asked_at": now.isoformat(),
        "last_case": None if occurred is None else occurred[1].isoformat(),
    }
    content = await asyncio.to_thread(_file, form, counted, k, facts)
    name = f'attachment; filename="{_name(form, city, resolution, wanted)}"'
    return Response(content, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": name})


def _file(form: Format, counted: Counts, k: int, facts: dict[str, Any]) -> bytes:
    found: CellHotspots = hotspots_of_cells(counted, k)
    return written(form, found, facts | statistic_of(found))


def _filter(request: Request) -> dict[str, str]:
    asked = request.query_params
    return {name: asked[name] for name in _FILTERS if asked.get(name)}


def _area(account: Account) -> str | None:
    return None if account.area is None else account.area.code


def _day(instant: datetime, zone: ZoneInfo) -> str:
    try:
        return instant.astimezone(zone).date().isoformat()
    except OverflowError:
        # Beyond the years 1 to 9999 on the city's clock, though not in UTC.
        return instant.date().isoformat()


def _name(form: Format, city: CityRow, resolution: int, wanted: CaseFilter) -> str:
    """Made-up data says so; an open end is left out."""
    parts = [city.code, "hotspots", f"r{resolution}"]
    for word, instant in (("from", wanted.occurred_from), ("to", wanted.occurred_to)):
        if instant is not None:
            parts += [word, _day(instant, ZoneInfo(wanted.zone))]
    return "-".join([*parts, *(["demo-data"] if city.generated else [])]) + f".{form}"
