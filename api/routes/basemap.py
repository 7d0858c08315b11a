"""The basemap file of WANGGE_BASEMAP, read by the page in ranges."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from api.access import Action
from api.auth import allowed
from api.service import TheService
from gis.errors import NotFound

router = APIRouter(tags=["city"])


@router.get("/basemap.pmtiles", response_class=FileResponse, **allowed(Action.READ_CITY))
def basemap(service: TheService) -> FileResponse:
    """The PMTiles archive; the page asks for byte ranges of it."""
    source = service.settings.basemap
    if source is None or not source.endswith(".pmtiles") or not Path(source).is_file():
        raise NotFound("basemap_not_found", "This city has no basemap file.")
    return FileResponse(source, media_type="application/vnd.pmtiles")
