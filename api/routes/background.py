"""The city's own light basemap: rivers, lakes, hills, roads."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response

from api.access import Action
from api.auth import allowed
from api.request_transaction import Tx
from gis.store.background import background_geojson

MEDIA_TYPE = "application/geo+json"

router = APIRouter(prefix="/api/background", tags=["city"])


@router.get(
    "",
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {}}, "description": "A FeatureCollection, maybe empty."},
        304: {"description": "It is the one named by `If-None-Match`."},
    },
    **allowed(Action.READ_CITY),
)
async def background(request: Request, tx: Tx) -> Response:
    """What to draw below the grids, in this order; empty where the city has none of its own."""
    shapes = await background_geojson(tx)
    tag = f'"{hashlib.blake2b(shapes, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "public, max-age=300"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(shapes, media_type=MEDIA_TYPE, headers=headers)
