"""No request body may be larger than the service is willing to hold."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

LARGEST_BYTES = 10 * 2**20


class _TooLarge(Exception):
    """More came than is taken."""


class BodyLimit:
    """Answers 413 to a body over ``largest_bytes``.

    One that announces its size is refused before a byte of it is read; one that does not
    is counted as it comes. Whatever the application makes of the interrupted body, 413 is
    what is answered.
    """

    def __init__(self, app: ASGIApp, largest_bytes: int = LARGEST_BYTES) -> None:
        self._app = app
        self._largest_bytes = largest_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 413."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > self._largest_bytes:
            await self._refuse(scope, receive, send)
            return
        came = 0
        is_too_large = has_begun = False

        async def counted() -> Message:
            nonlocal came, is_too_large
            message = await receive()
            if message["type"] == "http.request":
                came += len(message.get("body", b""))
                if came > self._largest_bytes:
                    is_too_large = True
                    raise _TooLarge
            return message

        async def unless_refused(message: Message) -> None:
            nonlocal has_begun
            if is_too_large and not has_begun:
                return
            has_begun = True
            await send(message)

        try:
            await self._app(scope, counted, unless_refused)
        except Exception:
            # The framework may have dressed _TooLarge as an error of its own.
            if not is_too_large:
                raise
        if is_too_large and not has_begun:
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = problem(
            413,
            "body_too_large",
            f"A request may hold {self._largest_bytes // 2**20} MB.",
            {"largest_bytes": self._largest_bytes},
        )
        # The rest of the body is not read, so nothing else can follow on this connection.
        refused.headers["Connection"] = "close"
        await refused(scope, receive, send)
