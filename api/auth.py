"""Who is asking, and whether the route is theirs: what every route declares.

``@router.get("", **allowed(Action.READ_CASES))`` declares a route's rule. A route that
needs to know who asks takes ``viewer: Viewer``, one that reads cases ``scope: Scope``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Request

from api.access import (
    NOTHING,
    PUBLIC,
    Account,
    Action,
    CaseScope,
    bound_by_posts,
    decide,
    scope_of,
)
from api.errors import NotYours, SignInNeeded
from api.request_transaction import RequestTransaction, TheTransaction
from api.service import TheService
from api.session_token import Presented, csrf_matches, presented, token_hash
from api.sign_in import account_of
from gis.store import account_areas, sessions

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def viewer(request: Request, asked: TheTransaction) -> Account | None:
    """The account of the session that the request carries; None for a visitor.

    Raises
    ------
    SignInNeeded
        For a bearer token that is no session's. A cookie may just be old: it makes a visitor.
    NotYours
        ``csrf_wrong``: a cookie came with a method that changes something, but without the
        word that only our own pages can read.
    """
    given = presented(request.headers, request.cookies)
    if given is None:
        return None
    tx = await asked.begun()
    row = await sessions.find_by_session(tx, token_hash(given.token), at=datetime.now(UTC))
    if row is None:
        if given.is_bearer:
            raise SignInNeeded("This token is not, or no longer, valid.")
        return None
    if request.method not in SAFE_METHODS:
        _refuse_forged(given)
    return account_of(row)


Viewer = Annotated[Account | None, Depends(viewer)]


async def _signed_in(account: Viewer) -> Account:
    if account is None:
        raise SignInNeeded("Sign in first.")
    return account


SignedIn = Annotated[Account, Depends(_signed_in)]
"""The viewer of a route that is for accounts only."""


async def viewer_scope(service: TheService, asked: TheTransaction, account: Viewer) -> CaseScope:
    """The cases the viewer may see, by the grids of now."""
    if account is None:
        return NOTHING
    return scope_of(account, service.profile, await _bound_to(asked, account))


async def _bound_to(asked: RequestTransaction, account: Account) -> frozenset[int] | None:
    at = datetime.now(UTC)
    if account.area is not None:
        area = account.area
        return await account_areas.grids_of_area(await asked.begun(), area.level, area.code, at=at)
    if bound_by_posts(account) and account.staff_id is not None:
        return await account_areas.grids_of_staff(await asked.begun(), account.staff_id, at=at)
    return None


Scope = Annotated[CaseScope, Depends(viewer_scope)]


class Rule(TypedDict):
    """What ``allowed`` gives to the decorator of a route."""

    dependencies: Sequence[Any]
    openapi_extra: dict[str, Any]


def allowed(action: Action, *, body: str | None = None) -> Rule:
    """The rule of a route, checked before anything else of it, and shown in the OpenAPI.

    ``body`` is the media type of one that the route reads by itself, as it came.
    """

    async def check(account: Viewer) -> None:
        decision = decide(account, action)
        if not decision.allowed:
            if account is None:
                raise SignInNeeded(decision.reason)
            raise NotYours("not_yours", decision.reason)

    # A public route does not ask the database who reads it.
    dependencies = [] if action in PUBLIC else [Depends(check)]
    extra: dict[str, Any] = {"x-access": action.value}
    if body is not None:
        content = {body: {"schema": {"type": "string", "format": "binary"}}}
        extra["requestBody"] = {"required": True, "content": content}
    return Rule(dependencies=dependencies, openapi_extra=extra)


def _refuse_forged(given: Presented) -> None:
    if not given.is_bearer and not csrf_matches(given.token, given.csrf):
        raise NotYours(
            "csrf_wrong", "The header X-CSRF-Token is missing or not this session's; reload."
        )
