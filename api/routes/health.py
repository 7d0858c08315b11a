"""Is the process alive, and can it serve?"""

from __future__ import annotations

from fastapi import APIRouter

from api.access import Action
from api.auth import allowed
from api.service import TheService
from gis.errors import Unavailable
from gis.store.engine import transaction
from gis.store.versions import version_chain

router = APIRouter(tags=["health"])


@router.get("/healthz", **allowed(Action.HEALTH))
async def healthz() -> dict[str, str]:
    """Alive: answers without asking the database."""
    return {"status": "ok"}


@router.get("/readyz", **allowed(Action.HEALTH))
async def readyz(service: TheService) -> dict[str, str]:
    """Ready: the database answers and the city has a boundary version; else 503."""
    async with transaction(service.engine) as tx:
        if not await version_chain(tx):
            raise Unavailable("city_empty", f"City {service.settings.city} has no grids yet.")
    return {"status": "ready"}
