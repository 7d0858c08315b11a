"""What publishing a draft would change, before anybody does: as JSON, GeoPackage and page."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from api.access import Action
from api.auth import allowed
from api.impact import impact_of
from api.pages import built
from api.request_transaction import Tx
from api.routes.draft_held import DraftId, TheDrafts, found
from api.routes.queries import Instant
from api.service import Service, TheService
from boundaries.drafts import Drafts
from boundaries.succession.impact import Impact, by_person
from boundaries.succession.impact_file import write_impact
from boundaries.succession.impact_words import Language
from gis.errors import Conflict
from gis.store.cases import numbers_of_categories
from gis.store.engine import Transaction
from gis.store.versions import version_chain

router = APIRouter(prefix="/api/drafts", tags=["drafts"])

At = Annotated[Instant | None, Query(description="when it would take effect; default now")]
MEDIA_TYPE = "application/geopackage+sqlite3"


class _Told(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class PersonTold(_Told):
    """A member of staff."""

    code: str
    name: str


class MoveOut(_Told):
    """Something bound to a grid that is bound to another one afterwards; null is nobody."""

    holder: str
    row_id: int
    person_from: PersonTold | None
    person_to: PersonTold | None
    role: str | None
    grid_from: str | None
    grid_to: str | None
    start: datetime | None
    stop: datetime | None


class HandedOut(_Told):
    """How many things of one list go from one person to another."""

    holder: str
    person_from: PersonTold | None
    person_to: PersonTold | None
    count: int


class FiguresOut(_Told):
    """A grid as planners weigh it; null where nobody counted, `load` of the last year."""

    code: str
    name: str
    kind: str
    community: str
    township: str
    area_m2: float
    households: float | None
    population: float | None
    load: int
    staff: int


class DescentOut(_Told):
    """Ground of an old grid in a new one, with its shares of the old."""

    old: str
    new: str
    area_m2: float
    area_share: float
    households_share: float | None


class ImpactOut(_Told):
    """What would change: the grids that are others, before and after, and who gets what."""

    at: datetime
    before: list[FiguresOut]
    after: list[FiguresOut]
    lineage: list[DescentOut]
    by_person: list[HandedOut]
    moves: list[MoveOut]


@router.get("/{draft_id}/impact", **allowed(Action.READ_DRAFTS))
async def impact(
    service: TheService, tx: Tx, drafts: TheDrafts, draft_id: DraftId, at: At = None
) -> ImpactOut:
    """Everything that would change hands, by person, and the figures of the grids."""
    told = await _impact(tx, service, drafts, draft_id, at)
    return ImpactOut.model_validate(
        {
            "at": told.at,
            "before": told.before,
            "after": told.after,
            "lineage": told.lineage,
            "by_person": by_person(told.moves),
            "moves": told.moves,
        }
    )


@router.get(
    "/{draft_id}/impact.gpkg",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}}},
    **allowed(Action.READ_DRAFTS),
)
async def impact_file(
    service: TheService, tx: Tx, drafts: TheDrafts, draft_id: DraftId, at: At = None
) -> Response:
    """The same as a GeoPackage; cases of sensitive categories have no place in it."""
    told = await _to_give_away(tx, service, drafts, draft_id, at)
    content = await asyncio.to_thread(_geopackage, told)
    return _file(content, MEDIA_TYPE, f"draft-{draft_id}-impact.gpkg")


@router.get(
    "/{draft_id}/impact.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
    **allowed(Action.READ_DRAFTS),
)
async def impact_html(
    service: TheService,
    tx: Tx,
    drafts: TheDrafts,
    draft_id: DraftId,
    at: At = None,
    language: Annotated[Language, Query(description="of the page")] = "zh",
) -> Response:
    """The same as one page with a map, which needs no network and no service to be read."""
    # Nobody else needs the drawing library, which takes 0.3 s to load.
    from boundaries.succession.impact_page import Leaflet, impact_page

    draft = await found(tx, draft_id)
    told = await _to_give_away(tx, service, drafts, draft_id, at)
    leaflet = Leaflet(built("impact/leaflet.js"), built("impact/leaflet.css"))
    instant = told.at.astimezone(ZoneInfo(service.profile.timezone)).strftime("%Y-%m-%d %H:%M")
    page = await asyncio.to_thread(
        impact_page, told, title=draft.name, instant=instant, language=language, leaflet=leaflet
    )
    return _file(page.encode(), "text/html", f"draft-{draft_id}-impact.html")


def _file(content: bytes, media_type: str, name: str) -> Response:
    # Never shown in place: what is written for a reader's own disk has scripts in it.
    disposition = f'attachment; filename="{name}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


async def _to_give_away(
    tx: Transaction, service: Service, drafts: Drafts, draft_id: int, at: datetime | None
) -> Impact:
    """The impact without the places of sensitive cases."""
    told = await _impact(tx, service, drafts, draft_id, at)
    numbers = [move.row_id for move in told.moves_of("cases")]
    placeless = await numbers_of_categories(tx, numbers, service.profile.sensitive)
    moves = tuple(
        replace(move, place=None) if move.row_id in placeless else move for move in told.moves
    )
    return replace(told, moves=moves)


async def _impact(
    tx: Transaction, service: Service, drafts: Drafts, draft_id: int, at: datetime | None
) -> Impact:
    draft = await found(tx, draft_id)
    latest = (await version_chain(tx))[-1]
    if draft.base_version_id != latest.id:
        raise Conflict(
            "version_moved",
            f"Version {latest.number} was published meanwhile: put the draft on it to see what"
            " it would change.",
            latest=latest.number,
        )
    coverage = await drafts.coverage(tx, draft)
    now = datetime.now(UTC)
    return await impact_of(
        tx, coverage.frame(), profile=service.profile, now=now, at=max(at or now, now)
    )


def _geopackage(told: Impact) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "impact.gpkg"
        write_impact(told, path)
        return path.read_bytes()
