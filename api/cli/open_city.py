"""What most commands begin with: settings, profile, database, engine of the city."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.cli.output import say
from api.database import database_url
from api.profile import CityProfile, read_profile
from api.settings import Settings, read_settings
from gis.errors import NotFound
from gis.store.engine import CityEngine, open_engine
from gis.store.migrate import current_revision, head_revision, migrate


@dataclass(frozen=True, slots=True)
class OpenCity:
    """The city a command works on."""

    settings: Settings
    profile: CityProfile
    url: str
    engine: CityEngine


@asynccontextmanager
async def open_city(*, create: bool = False) -> AsyncIterator[OpenCity]:
    """The city of ``WANGGE_CITY``, its schema at the head revision.

    Parameters
    ----------
    create
        Make and migrate the city when it is not there or behind; else that is an error.

    Raises
    ------
    NotFound
        ``city_not_there`` or ``city_behind``, saying what to run.
    """
    settings = read_settings()
    profile = read_profile(settings.profile)
    with database_url(settings, say) as url:
        if create:
            await migrate(url, settings.city)
        else:
            await check_migrated(url, settings.city)
        engine = open_engine(url, settings.city)
        try:
            yield OpenCity(settings, profile, url, engine)
        finally:
            await engine.dispose()


async def check_migrated(url: str, city: str) -> None:
    """Raise unless the city is there and its schema is the one this program needs."""
    revision = await current_revision(url, city)
    if revision is None:
        raise NotFound(
            "city_not_there",
            f"City {city} is not there yet: run `wangge demo` or `wangge import grids`.",
            city=city,
        )
    if revision != head_revision():
        raise NotFound(
            "city_behind",
            f"City {city} is at revision {revision}, this program needs {head_revision()}:"
            " run `wangge migrate`.",
            city=city,
        )
