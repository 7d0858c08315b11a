"""The secret word of a session: made, carried by a request, and what of it is kept.

The store keeps only the hash of a token. The word against forged requests (CSRF) is
derived from the token, so it needs no place to be kept, fits one session only, and tells
nothing of the token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

SESSION_COOKIE = "wangge_session"
CSRF_COOKIE = "wangge_csrf"
CSRF_HEADER = "X-CSRF-Token"
TOKEN_BYTES = 32
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Presented:
    """A token as a request carried it: as bearer, or in the cookie beside a CSRF word."""

    token: str
    is_bearer: bool
    csrf: str


def new_token() -> str:
    """A token nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """What is kept of a token: SHA-256, enough for a word that is random."""
    return hashlib.sha256(token.encode()).digest()


def csrf_of(token: str) -> str:
    """The word that a page must send back with every change."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def csrf_matches(token: str, given: str) -> bool:
    """Compares in a time that tells nothing."""
    return hmac.compare_digest(csrf_of(token).encode(), given.encode())


def presented(headers: Mapping[str, str], cookies: Mapping[str, str]) -> Presented | None:
    """The token of a request; a bearer token goes before the cookie."""
    scheme, _, word = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Presented(word.strip()[:LONGEST_TOKEN], is_bearer=True, csrf="")
    if token := cookies.get(SESSION_COOKIE):
        return Presented(
            token[:LONGEST_TOKEN], is_bearer=False, csrf=headers.get(CSRF_HEADER.lower(), "")
        )
    return None
