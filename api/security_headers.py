"""What browsers are told not to do with our pages and answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PRIVATE_PREFIX = "/api/"


def content_security_policy(basemap: str | None) -> str:
    """What a page may load: its own files, and tiles of the basemap's host.

    ``blob:`` is how MapLibre starts its workers; styles stand in the page because the
    map sets them on its markers and controls.
    """
    tiles = ""
    if basemap is not None and "://" in basemap:
        parts = urlsplit(basemap)
        tiles = f" {parts.scheme}://{parts.netloc}"
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "worker-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{tiles}",
            f"connect-src 'self'{tiles}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds them to every answer; what the API says is kept by nobody unless it says so itself."""

    def __init__(self, app: ASGIApp, basemap: str | None = None) -> None:
        self._app = app
        self._everywhere = [
            (b"content-security-policy", content_security_policy(basemap).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"geolocation=(self), camera=(self), microphone=()"),
        ]
        self._private = [*self._everywhere, (b"cache-control", b"private, no-store")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = self._private if scope["path"].startswith(PRIVATE_PREFIX) else self._everywhere

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                said = {name.lower() for name, _ in own}
                own += [header for header in added if header[0] not in said]
                message["headers"] = own
            await send(message)

        await self._app(scope, receive, with_headers)
