"""How guessing passwords is slowed: the rule, pure.

Attempts are counted before the password is looked at, so that a hundred sent at once count
as a hundred, for three subjects: the address, the name, and the name from that address.

- The same name from the same address: 5 attempts free, then 1, 2, 4 … seconds each, up to
  15 minutes. This is who guesses one person's password.
- An address, whatever the names: 20 free, then growing likewise. This is who tries one
  password on everybody.
- A name, wherever from: 10 free, then growing up to 1 minute, but only for an address
  that failed on this name itself. So a crowd of guessing machines gets one attempt each,
  and it never keeps out the owner, who comes from elsewhere with the right password; after
  a slip of their own they wait that minute, counted from the slip.

A success takes back what was counted for the name from that address, as its owner's slips.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime

from gis.store.sign_in_failures import Failures

FREE_OF_PAIR, FREE_OF_ADDRESS, FREE_OF_NAME = 5, 20, 10
LONGEST_S, LONGEST_OF_NAME_S = 900, 60
IPV6_NETWORK = 64
"""One household or machine has as many IPv6 addresses as it likes, of one such network."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """What an attempt is counted for, as hashes: neither names nor addresses are kept."""

    pair: bytes
    address: bytes
    name: bytes

    @classmethod
    def of(cls, name: str, address: str) -> Subjects:
        """The subjects of an attempt to sign in as ``name`` from ``address``."""
        place = _network(address)
        return cls(
            pair=_hash("pair", f"{place}\n{name}"),
            address=_hash("address", place),
            name=_hash("name", name),
        )


def wait_s(pair: Failures, address: Failures, name: Failures, *, at: datetime) -> int:
    """Whole seconds until another attempt may be made; 0 is now."""
    waits = [
        _left_s(delay_s(pair.count, free=FREE_OF_PAIR), pair, at),
        _left_s(delay_s(address.count, free=FREE_OF_ADDRESS), address, at),
    ]
    if pair.count > 0:
        waits.append(
            _left_s(delay_s(name.count, free=FREE_OF_NAME, longest_s=LONGEST_OF_NAME_S), pair, at)
        )
    return max(0, *waits)


def delay_s(failures: int, *, free: int, longest_s: int = LONGEST_S) -> int:
    """The pause after so many failures in a row: none, then doubling from a second."""
    if failures < free:
        return 0
    return min(longest_s, 1 << min(failures - free, 30))


def _left_s(delay: int, since: Failures, at: datetime) -> int:
    if delay == 0 or since.last_at is None:
        return 0
    return max(0, math.ceil(delay - (at - since.last_at).total_seconds()))


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, IPV6_NETWORK), strict=False))
    return str(ip)


def _hash(kind: str, word: str) -> bytes:
    return hashlib.sha256(f"{kind}\n{word}".encode()).digest()
