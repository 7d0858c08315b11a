"""Answering only to names that are this service's own."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem
from api.settings import LOOPBACK, Settings


@dataclass(frozen=True, slots=True)
class Known:
    """The names to answer to; ``addresses`` takes any bare IP address too."""

    names: frozenset[str]
    addresses: bool

    def answers_to(self, host: str | None) -> bool:
        """Whether a Host without its port is ours."""
        return host is not None and (host in self.names or (self.addresses and _is_address(host)))


def known_hosts(settings: Settings) -> Known:
    """This machine's names, that of ``WANGGE_PUBLIC_URL``, and, when served to others, any address.

    An address in the Host cannot be a trick: only a name can be made to point elsewhere.
    """
    names = set(LOOPBACK)
    if settings.public_url is not None:
        names.add(str(urlsplit(settings.public_url).hostname))
    is_local = settings.host in LOOPBACK
    if not is_local:
        names.add(settings.host.lower())
    return Known(frozenset(names), addresses=not is_local)


class KnownHosts:
    """Refuses a request whose Host is no name of this service.

    A page elsewhere on the web can make its own name point to our address (DNS rebinding);
    without this check a visitor's browser would then read the city for it.
    """

    def __init__(self, app: ASGIApp, known: Known) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 400."""
        if scope["type"] == "http" and not self._known.answers_to(_host(scope)):
            refused = problem(
                400,
                "host_unknown",
                "This service does not answer to that name; WANGGE_PUBLIC_URL gives it one.",
            )
            await refused(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _host(scope: Scope) -> str | None:
    try:
        return urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
