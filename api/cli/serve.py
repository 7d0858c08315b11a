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
from api.demo.accounts import demo_accounts
from api.gathered_writes import GatheringProtocol
from api.oidc import OidcProvider
from api.profile import read_profile
from api.serving_lock import serving_lock
from api.settings import LOOPBACK, Settings, read_settings
from gis.errors import Misconfigured
from gis.store.engine import open_engine, transaction

GRACE_S = 5


def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
    demo: Annotated[
        bool, typer.Option("--demo", help="First fill an empty city with generated data.")
    ] = False,
) -> None:
    """Serve the city of WANGGE_CITY at WANGGE_HOST:WANGGE_PORT until Ctrl-C."""
    settings = read_settings()
    read_profile(settings.profile)
    OidcProvider.of(settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    with serving_lock(settings, address), database_url(settings, say) as url:
        if demo:
            asyncio.run(fill_demo(DEFAULT_SEED))
        asyncio.run(check_migrated(url, settings.city))
        asyncio.run(_refuse_demo_to_others(url, settings))
        _refuse_unusable(settings)
        say(f"Wangge serves city {settings.city} at {settings.public_url or address}.")
        uvicorn.run(
            "api.served_app:served_app",
            factory=True,
            host=settings.host,
            port=settings.port,
            workers=workers,
            http=GatheringProtocol,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
        )


async def _refuse_demo_to_others(url: str, settings: Settings) -> None:
    """Keep accounts whose password everybody knows to this machine."""
    if settings.host in LOOPBACK and settings.public_url is None:
        return
    engine = open_engine(url, settings.city, pool_size=1)
    try:
        async with transaction(engine) as tx:
            known = [name for name, _ in await demo_accounts(tx)]
    finally:
        await engine.dispose()
    if known:
        variable = "WANGGE_PUBLIC_URL" if settings.host in LOOPBACK else "WANGGE_HOST"
        raise Misconfigured(
            "demo_is_local",
            f"{variable}: city {settings.city} is a demo city, and everybody knows the password"
            f" of {', '.join(known)}. Serve it on a loopback address only, or end them with"
            " `wangge users disable`.",
            variable=variable,
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
