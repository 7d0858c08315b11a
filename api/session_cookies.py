"""The cookies of a session: set when it opens, taken away when it ends."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request, Response

from api.session_token import CSRF_COOKIE, SESSION_COOKIE
from api.sign_in import Opened


def set_session(request: Request, response: Response, opened: Opened, *, at: datetime) -> None:
    """Give the browser its session, out of reach of scripts, and the word scripts send back."""
    for name, value, is_hidden in (
        (SESSION_COOKIE, opened.token, True),
        (CSRF_COOKIE, opened.csrf, False),
    ):
        response.set_cookie(
            name,
            value,
            max_age=int((opened.until - at).total_seconds()),
            httponly=is_hidden,
            secure=is_secure(request),
            samesite="lax",
        )


def clear_session(request: Request, response: Response) -> None:
    """Take the cookies away."""
    for name in (SESSION_COOKIE, CSRF_COOKIE):
        response.delete_cookie(name, secure=is_secure(request), samesite="lax")


def is_secure(request: Request) -> bool:
    """Whether the browser speaks https with us or with the proxy before us."""
    return request.url.scheme == "https"
