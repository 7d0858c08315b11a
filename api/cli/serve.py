"""``wangge serve``: one city, one address."""

from __future__ import annotations

import asyncio
import socket
from typing import Annotated

import typer
import uvicorn

from api.cli.demo import DEFAULT_SEED, fill_demo
from api.cli.open_city import check_migrated
from api.cli.output import say
from api.database import database_url
from api.profile import read_profile
from api.serving_lock import serving_lock
from api.settings import LOOPBACK, Settings, read_settings
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
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    with serving_lock(settings, address), database_url(settings, say) as url:
        if demo:
            asyncio.run(fill_demo(DEFAULT_SEED))
        asyncio.run(check_migrated(url, settings.city))
        _refuse_unusable(settings)
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


def _refuse_unusable(settings: Settings) -> None:
    """Bind the address once, for Uvicorn would say what is wrong in words of its own."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        raise Misconfigured(
            "address_unusable",
            f"WANGGE_PORT={settings.port}: nothing can be served there on {settings.host}:"
            f" {error.strerror}.",
            variable="WANGGE_PORT",
        ) from error
