"""The city's outline, for maps that show the city alone."""

from __future__ import annotations

from datetime import UTC, datetime

import shapely
from fastapi import APIRouter, Request, Response

from api.access import Action
from api.auth import allowed
from api.request_transaction import Tx
from gis.store.succession import outline_of_version
from gis.store.versions import version_at, version_chain

MEDIA_TYPE = "application/geo+json"
STEP_DEGREES = 1e-5
"""About a metre: a line of a page's map is wider at any zoom it is drawn at."""

router = APIRouter(prefix="/api/outline", tags=["city"])


@router.get(
    "",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {}}, "description": "A Feature; null before any version."},
        304: {"description": "It is the one named by `If-None-Match`."},
    },
    **allowed(Action.READ_CITY),
)
async def outline(request: Request, tx: Tx) -> Response:
    """The outline of the boundary version in force, rounded to about a metre."""
    chain = await version_chain(tx)
    version = version_at(chain, datetime.now(UTC)) or (chain[0] if chain else None)
    tag = f'"{0 if version is None else version.id}"'
    headers = {"ETag": tag, "Cache-Control": "public, no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    geometry = "null"
    if version is not None:
        shape = shapely.set_precision(await outline_of_version(tx, version.id), STEP_DEGREES)
        geometry = shapely.to_geojson(shape)
    body = f'{{"type":"Feature","properties":{{}},"geometry":{geometry}}}'
    return Response(body, media_type=MEDIA_TYPE, headers=headers)
