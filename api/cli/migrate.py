"""``wangge migrate``: bring city schemas to the revision this program needs."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from api.cli.output import AsJson, counted, result, say
from api.database import database_url
from api.settings import read_settings
from gis.store import migrate as store


def migrate(
    every: Annotated[bool, typer.Option("--all", help="Every city of the server.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create the city's schema when it is new, and bring it up to date."""
    asyncio.run(_migrate(every, as_json))


async def _migrate(every: bool, as_json: bool) -> None:
    settings = read_settings()
    with database_url(settings, say) as url:
        cities = await store.list_cities(url) if every else [settings.city]
        changed = [city for city in cities if await store.migrate(url, city)]
    result(
        {"cities": cities, "changed": changed, "revision": store.head_revision()},
        as_json=as_json,
        words=f"{counted(len(cities), 'city', 'cities')}, {len(changed)} changed,"
        f" at {store.head_revision()}.",
    )
