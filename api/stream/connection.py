"""The connection under a response: to cut a client that does not read, to tell many at once.

ASGI has no word for cutting: a response that is closed in the usual way first waits until
all that is buffered was read. And a piece sent the usual way wakes a task for every client.
Uvicorn's ``receive`` is a method of the object that has the transport; other middleware may
wrap it, so this one must be the first that is asked.
"""

from __future__ import annotations

from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send

from api.stream.listener import Connection

_KEY = "wangge.connection"


class KnownConnection:
    """Notes in the scope of each request the transport it came on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note it and pass the request on."""
        cycle = getattr(receive, "__self__", None)
        scope[_KEY] = getattr(cycle, "transport", None)
        await self._app(scope, receive, send)


def connection_of(scope: Scope) -> Connection | None:
    """The connection of a request; None where the server is not Uvicorn."""
    return cast("Connection | None", scope.get(_KEY))
