"""How much the open channel takes before reports are held: by receipt cookie and by address."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Self

from api.cases.rate_limit import Buckets, Rate
from api.profile import IntakeLimits

NETWORK_BITS = 64
"""A household's or phone's share of IPv6; within it addresses change at will."""


class OpenChannelLimits:
    """Counts in this process's memory; no address is stored or logged."""

    def __init__(self, *, by_cookie: Rate, by_address: Rate) -> None:
        self._by_cookie = Buckets(by_cookie)
        self._by_address = Buckets(by_address)

    @classmethod
    def of(cls, limits: IntakeLimits) -> Self:
        """The limits of a profile."""
        return cls(
            by_cookie=Rate(limits.per_cookie_per_minute, limits.cookie_burst),
            by_address=Rate(limits.per_address_per_minute, limits.address_burst),
        )

    def exceeded(self, cookie: str | None, address: str, now_s: float) -> bool:
        """Count one report; whether it is over a limit.

        Many people share the address of a mobile network, so its limit is wide; one
        browser's is narrow. A first report has no cookie yet.
        """
        within = self._by_address.take(_network(address), now_s)
        if cookie is not None:
            within &= self._by_cookie.take(cookie, now_s)
        return not within


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address  # a unix socket's peer has none
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> (128 - NETWORK_BITS):x}/{NETWORK_BITS}"
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
