"""Answering only to names of this machine, while every page is open."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem
from api.settings import LOOPBACK


class LocalHosts:
    """Refuses a request whose Host is no name of this machine.

    A page elsewhere on the web can make its own name point to 127.0.0.1; without
    this check a visitor's browser would read the city for it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if urlsplit(f"//{host}").hostname not in LOOPBACK:
                refused = problem(400, "host_unknown", "This service answers to this machine only.")
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)
