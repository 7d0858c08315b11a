"""``wangge serve``: one city, one address."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
import uvicorn

from api.cli.demo import DEFAULT_SEED, fill_demo
from api.cli.open_city import check_migrated
from api.cli.output import say
from api.database import database_url
from api.profile import read_profile
from api.serving_lock import serving_lock
from api.settings import LOOPBACK, read_settings
from gis.errors import Misconfigured

GRACE_S = 5


def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="First fill an empty city with generated data.")
    ] = False,
) -> None:
    """Serve the city of WANGGE_CITY at WANGGE_HOST:WANGGE_PORT until Ctrl-C."""
    settings = read_settings()
    if settings.host not in LOOPBACK:
        raise Misconfigured(
            "open_access_is_local",
            f"WANGGE_HOST={settings.host}: every page is open until sign-in exists,"
            " so only a loopback address (127.0.0.1, localhost, ::1) is served.",
            variable="WANGGE_HOST",
        )
    read_profile(settings.profile)
    address = f"http://{settings.host}:{settings.port}"
    with serving_lock(settings, address), database_url(settings, say) as url:
        if demo:
            asyncio.run(fill_demo(DEFAULT_SEED))
        asyncio.run(check_migrated(url, settings.city))
        say(f"Wangge serves city {settings.city} at {address} (open access, this machine only).")
        uvicorn.run(
            "api.app:create_app",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            log_level="warning",
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
        )
