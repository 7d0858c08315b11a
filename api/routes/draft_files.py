"""Drafts as files: one made of a coverage that was edited elsewhere, one handed out."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, status
from pydantic import BaseModel

from api.access import Account, Action
from api.auth import SignedIn, allowed
from api.draft_import import import_draft
from api.planning import refuse_grids_outside
from api.request_transaction import Tx
from api.routes.draft_held import DraftId, TheDrafts, found, who_of
from api.routes.queries import Text
from api.service import TheService
from boundaries.comparing.asked import asked
from boundaries.comparing.steps import Step
from boundaries.draft_coverage import DraftCoverage
from boundaries.exchange import UTF_8, export_grids
from boundaries.files.edited_file import EditedFile, EditedFileOptions, read_edited
from boundaries.files.uploaded_file import lay_down
from boundaries.operations import Applied
from gis.datum import Datum

router = APIRouter(prefix="/api/drafts", tags=["drafts"])

Format = Literal["gpkg", "geojson", "fgb", "shp"]
MEDIA_TYPES: dict[Format, str] = {
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "fgb": "application/flatgeobuf",
    "shp": "application/zip",
}
Column = Annotated[Text | None, Query(max_length=200, description="default the one of that name")]


Crs = Annotated[
    Text | None,
    Query(pattern=r"^[A-Za-z]{2,12}:[0-9]{1,7}$", description="by its code, as EPSG:4549"),
]


class FoundOut(BaseModel):
    """How many grids are what in the file, and how many corners were brought to the base."""

    unchanged: int
    redrawn: int
    recoded: int
    renamed: int
    community_changed: int
    kind_changed: int
    added: int
    retired: int
    corners_snapped: int


class FoundOperation(BaseModel):
    """An operation of the draft: the codes it names, and the rows of the file it comes from."""

    op: str
    grids: list[str]
    retired: list[str]
    rows: list[int]


class FromFileOut(BaseModel):
    """The draft that was begun, its operations, and what was assumed in reading the file."""

    id: int
    base_version: int
    revision: int
    operations: list[FoundOperation]
    found: FoundOut
    notes: list[str]


@router.post(
    "/from-file",
    status_code=status.HTTP_201_CREATED,
    **allowed(Action.PLAN, body="application/octet-stream"),
)
async def begin_from_file(
    request: Request,
    service: TheService,
    tx: Tx,
    drafts: TheDrafts,
    account: SignedIn,
    response: Response,
    name: Annotated[Text, Query(min_length=1, max_length=80)],
    base_version: int | None = None,
    code: Column = None,
    name_column: Column = None,
    kind: Column = None,
    community: Column = None,
    layer: Annotated[Text | None, Query(max_length=200)] = None,
    crs: Crs = None,
    datum: Datum | None = None,
    allow_community_change: bool = False,
) -> FromFileOut:
    """Begin a draft with what was done to its base in the file that is the body."""
    options = EditedFileOptions(code, name_column, kind, community, layer, crs, datum)
    file = await asyncio.to_thread(_read, await request.body(), options)
    made = await import_draft(
        tx,
        drafts,
        file,
        service.profile,
        name=name,
        onto=base_version,
        who=who_of(account),
        allowed=lambda step, before, applied: _refuse_outside(account, step, before, applied),
        allow_community_change=allow_community_change,
    )
    response.headers["ETag"] = f'"{made.revision}"'
    return FromFileOut(
        id=made.draft_id,
        base_version=made.base_version,
        revision=made.revision,
        operations=[_told(step) for step in made.compared.steps],
        found=FoundOut(**asdict(made.compared.found)),
        notes=list(file.notes),
    )


@router.get(
    "/{draft_id}/file",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA_TYPES.values()}}},
    **allowed(Action.READ_DRAFTS),
)
async def draft_file(
    tx: Tx,
    drafts: TheDrafts,
    draft_id: DraftId,
    format: Annotated[Format, Query()] = "gpkg",  # noqa: A002 - what the query calls it
    crs: Crs = None,
    encoding: Annotated[Text, Query(description="of a shapefile")] = UTF_8,
) -> Response:
    """The grids of a draft as a file; a shapefile in a zip archive."""
    coverage = await drafts.coverage(tx, await found(tx, draft_id))
    content = await asyncio.to_thread(_file, coverage, format, crs, encoding.upper())
    ending = "zip" if format == "shp" else format
    words = f'attachment; filename="draft-{draft_id}.{ending}"'
    return Response(content, media_type=MEDIA_TYPES[format], headers={"Content-Disposition": words})


def _read(content: bytes, options: EditedFileOptions) -> EditedFile:
    with tempfile.TemporaryDirectory() as folder:
        return read_edited(lay_down(content, Path(folder)), options)


def _file(coverage: DraftCoverage, form: Format, crs: str | None, encoding: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "grids"
        written.mkdir()
        path = written / f"grids.{form}"
        export_grids(coverage.frame(), path, crs=crs, encoding=encoding)
        if form == "shp":
            path = Path(shutil.make_archive(str(Path(folder) / "packed"), "zip", written))
        return path.read_bytes()


def _refuse_outside(account: Account, step: Step, before: DraftCoverage, applied: Applied) -> None:
    """Refuse what is outside the account's area; grids beside it may get a corner."""
    named = {row.code for row in step.rows if row.code} | set(applied.retired)
    for coverage in (before, applied.coverage):
        refuse_grids_outside(account, coverage, named & coverage.grids.keys())


def _told(step: Step) -> FoundOperation:
    given: dict[str, Any] = asked(step.operation)
    grids = [given["grid"]] if "grid" in given else []
    grids += [each["code"] for each in given.get("grids", ()) if "code" in each]
    return FoundOperation(
        op=given["op"],
        grids=grids,
        retired=given.get("retire", []),
        rows=[row.row for row in step.rows],
    )
