"""One error body for the whole service: RFC 9457 problem details with a stable ``code``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from gis.errors import (
    BadInput,
    Conflict,
    Misconfigured,
    NotFound,
    TooLarge,
    Unavailable,
    WanggeError,
)


class SignInNeeded(WanggeError):
    """Nobody is signed in, or no longer."""

    def __init__(self, message: str, *, code: str = "sign_in_needed") -> None:
        super().__init__(code, message)


class KeyUnknown(SignInNeeded):
    """The key of a channel that came along is none, or was taken back."""

    def __init__(self) -> None:
        super().__init__("X-API-Key is no key of this city.", code="key_unknown")


class NotYours(WanggeError):
    """The account that asks may not do this."""


class SlowDown(WanggeError):
    """Too much at once from one; ``retry_after_s`` says when to come back."""

    def __init__(self, code: str, message: str, *, retry_after_s: int) -> None:
        super().__init__(code, message, retry_after_s=retry_after_s)
        self.retry_after_s = retry_after_s


STATUS: Mapping[type[WanggeError], HTTPStatus] = {
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    Misconfigured: HTTPStatus.INTERNAL_SERVER_ERROR,
    SignInNeeded: HTTPStatus.UNAUTHORIZED,
    NotYours: HTTPStatus.FORBIDDEN,
    SlowDown: HTTPStatus.TOO_MANY_REQUESTS,
}
RETRY_AFTER_S = 2

_log = logging.getLogger("wangge.errors")


class Problem(BaseModel):
    """The body of every error; further members say where it went wrong."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str


def problem(
    status: int,
    code: str,
    detail: str,
    where: Mapping[str, object] | None = None,
    *,
    retry_after_s: int = RETRY_AFTER_S,
) -> JSONResponse:
    """A problem-details answer; 429 and 503 say when to come back, 401 how to sign in."""
    body = {
        **(where or {}),
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    headers = {}
    if status in {429, 503}:
        headers["Retry-After"] = str(retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body, status_code=status, headers=headers, media_type="application/problem+json"
    )


def install_error_handlers(app: FastAPI) -> None:
    """Make every failure of ``app`` answer with the one body."""
    app.add_exception_handler(WanggeError, _domain_error)
    app.add_exception_handler(RequestValidationError, _malformed_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _bug)


async def _domain_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, WanggeError)  # noqa: S101 - registered for this type only
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    retry_after_s = error.retry_after_s if isinstance(error, SlowDown) else RETRY_AFTER_S
    return problem(status, error.code, error.message, error.where, retry_after_s=retry_after_s)


async def _malformed_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return problem(422, "malformed", f"{field}: {first['msg']}.", {"field": field})


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    words = {
        404: ("not_found", "There is nothing here."),
        405: ("method_not_allowed", "This address does not take that method."),
    }
    code, detail = words.get(error.status_code, ("refused", str(error.detail)))
    return problem(error.status_code, code, detail)


async def _bug(request: Request, error: Exception) -> JSONResponse:
    _log.exception("unexpected error at %s", request.url.path, exc_info=error)
    return problem(500, "bug", "This is a bug of the service; nothing was saved.")
