"""Counts for everybody: what was released, as files and as the cells of a map."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from api.access import Action
from api.analysis.regions import Ground, Regions
from api.auth import allowed
from api.locators import Locator
from api.open_data.asking import OpenData, OpenQuestion, etag, open_data_of, question
from api.open_data.files import MEDIA_TYPES, Format, file_name, written
from api.open_data.kept_answers import KeptAnswers
from api.open_data.map_cells import MapCells, tables_of
from api.open_data.months import begin_of, month_after, name_of
from api.open_data.townships import Township, TownshipsOfCells
from api.request_transaction import Tx
from api.routes.queries import Text
from api.routes.tiles import is_known
from api.service import Service, TheService
from gis.cells import Cells
from gis.errors import BadInput
from gis.patterns.open_sums import open_sums
from gis.store.open_data import Release

KEPT = "public, max-age=600"
"""A release is not in a hurry; what is kept for ten minutes is asked for again by its ETag."""

router = APIRouter(prefix="/api/open", tags=["open data"])

From = Annotated[Text | None, Query(alias="from", description="first month, YYYY-MM")]
To = Annotated[Text | None, Query(alias="to", description="last month, YYYY-MM")]
OfCategory = Annotated[Text | None, Query(description="comma list of public categories")]


class OpenCategoryOut(BaseModel):
    """A category that is counted for everybody."""

    code: str
    zh: str
    en: str


class OpenMonthOut(BaseModel):
    """A released month, by which rules, and of which categories."""

    month: str
    released_at: datetime
    least: int
    coarsest: int
    finest: int
    wait_days: int
    categories: list[str]


class OpenRulesOut(BaseModel):
    """The rules of the next release: see `docs/open-data.md`."""

    least: int
    coarsest: int
    finest: int
    wait_days: int


class NextMonthOut(BaseModel):
    """The month that is told next, and from when on."""

    month: str
    not_before: datetime


class OpenDataOut(BaseModel):
    """What is told to everybody of the city's cases."""

    city: str
    name: str
    generated: bool
    timezone: str
    licence: str | None
    categories: list[OpenCategoryOut]
    rules: OpenRulesOut
    months: list[OpenMonthOut]
    next: NextMonthOut | None


@router.get("", response_model=OpenDataOut, **allowed(Action.READ_CITY))
async def open_data(request: Request, service: TheService, tx: Tx) -> Response:
    """The months that were released, the categories, and the rules."""
    data = await open_data_of(tx, service.profile)
    rules = service.profile.open_data
    headers = {"ETag": etag(data, "open", rules, service.profile.timezone), "Cache-Control": KEPT}
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    told = OpenDataOut(
        city=service.settings.city,
        name=service.settings.city if data.city is None else data.city.name,
        generated=data.city is not None and data.city.generated,
        timezone=service.profile.timezone,
        licence=rules.licence,
        categories=[
            OpenCategoryOut(code=c.code, zh=c.zh, en=c.en)
            for c in service.profile.categories
            if c.public
        ],
        rules=OpenRulesOut.model_validate(rules, from_attributes=True),
        months=[_month_out(service, release) for release in data.releases],
        next=_next(service, data),
    )
    return Response(told.model_dump_json(), media_type="application/json", headers=headers)


@router.get(
    "/counts.{form}",
    response_class=Response,
    responses={
        200: {
            "description": "The rows, as a file.",
            "content": {media_type: {} for media_type in MEDIA_TYPES.values()},
        },
        304: {"description": "The file is the one named by `If-None-Match`."},
    },
    **allowed(Action.READ_CITY),
)
async def open_counts_file(
    form: Format,
    request: Request,
    service: TheService,
    tx: Tx,
    first: From = None,
    last: To = None,
    category: OfCategory = None,
) -> Response:
    """The rows of months and categories: month, category, cell, count."""
    data = await open_data_of(tx, service.profile)
    asked = question(data, first, last, category)
    headers = _headers(data, asked, form)
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)

    async def made() -> bytes:
        rows = await asked.rows(tx)
        # A tenth of a second for a year as GeoParquet.
        return await asyncio.to_thread(written, form, rows, data, asked)

    kept: KeptAnswers = request.app.state.open_answers
    body = await kept.of(headers["ETag"], made)
    headers["Content-Disposition"] = f'attachment; filename="{file_name(form, data)}"'
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


@router.get(
    "/cells",
    response_class=Response,
    responses={
        200: {
            "description": "GeoJSON: cells with the sum of the rows in each.",
            "content": {MEDIA_TYPES["geojson"]: {}},
        },
        304: {"description": "The answer is the one named by `If-None-Match`."},
    },
    **allowed(Action.READ_CITY),
)
async def open_cells(
    request: Request,
    service: TheService,
    tx: Tx,
    first: From = None,
    last: To = None,
    category: OfCategory = None,
    resolution: Annotated[
        int | None, Query(ge=0, le=15, description="of the smallest cells shown")
    ] = None,
) -> Response:
    """The cells of a map: of months and categories the sums of rows, where some are told."""
    data = await open_data_of(tx, service.profile)
    asked = question(data, first, last, category)
    rules = service.profile.open_data
    coarsest = min([release.coarsest for release in asked.releases], default=rules.coarsest)
    finest = max([release.finest for release in asked.releases], default=rules.finest)
    if resolution is not None and not coarsest <= resolution <= finest:
        raise BadInput(
            "resolution_invalid",
            f"These counts have the resolutions {coarsest} to {finest}.",
            field="resolution",
            resolution=resolution,
        )
    smallest = finest if resolution is None else resolution
    today = next(iter(await service.locators.at(tx, datetime.now(UTC))), None)
    version = None if today is None else today.version.id
    headers = _headers(data, asked, "cells", smallest, version)
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    townships: TownshipsOfCells = request.app.state.townships_of_cells

    async def made() -> bytes:
        ground = await _ground(request, tx, today, coarsest)
        rows = await asked.rows(tx)
        every_month = await OpenQuestion(data.releases, asked.categories).rows(tx)

        def drawn() -> bytes:
            sums = open_sums(tables_of(rows, asked), ground, smallest)
            places: list[Township | None] = [None] * len(sums.cells)
            if today is not None:
                places = townships.of(sums.cells, today)
            number = None if today is None else today.version.number
            return MapCells(data, asked, every_month, sums, places, number).written()

        # 40 ms for a year.
        return await asyncio.to_thread(drawn)

    kept: KeptAnswers = request.app.state.open_answers
    body = await kept.of(headers["ETag"], made)
    return Response(body, media_type=MEDIA_TYPES["geojson"], headers=headers)


async def _ground(request: Request, tx: Tx, today: Locator | None, resolution: int) -> Cells:
    """The cells that overlap the city as it is now."""
    if today is None:
        return np.empty(0, np.uint64)
    regions: Regions = request.app.state.regions
    return (await regions.of(tx, Ground(today.version), today, resolution)).cells


def _headers(data: OpenData, asked: OpenQuestion, *more: object) -> dict[str, str]:
    months = [name_of(release.month) for release in asked.releases]
    return {"ETag": etag(data, months, asked.categories, *more), "Cache-Control": KEPT}


def _month_out(service: Service, release: Release) -> OpenMonthOut:
    return OpenMonthOut(
        month=name_of(release.month),
        released_at=release.released_at,
        least=release.least,
        coarsest=release.coarsest,
        finest=release.finest,
        wait_days=release.wait_days,
        categories=[code for code in service.profile.public if code in release.categories],
    )


def _next(service: Service, data: OpenData) -> NextMonthOut | None:
    month = data.next_month
    if month is None:
        return None
    over = begin_of(month_after(month), service.profile.zone)
    wait = timedelta(days=service.profile.open_data.wait_days)
    return NextMonthOut(month=name_of(month), not_before=over + wait)
