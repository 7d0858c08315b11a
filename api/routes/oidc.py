"""The round trip of a browser to the identity provider and back."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from api.access import Action
from api.auth import allowed
from api.oidc import CALLBACK_PATH, PATH, OidcProvider, RoundTrip
from api.routes.queries import Text
from api.service import Service, TheService
from api.session_cookies import is_secure, set_session
from api.session_token import SESSION_COOKIE
from api.sign_in import Opened, account_of, open_session
from api.sign_in_desk import SignInDesk, TheDesk
from gis.errors import BadInput, NotFound, WanggeError
from gis.store.accounts import find_by_identity

TRIP_COOKIE = "wangge_oidc"
TRIP_S = 600

router = APIRouter(tags=["session"])

_log = logging.getLogger("wangge.oidc")


@router.get(PATH, response_class=RedirectResponse, status_code=302, **allowed(Action.SIGN_IN))
async def begin(service: TheService, desk: TheDesk, request: Request) -> RedirectResponse:
    """Send the browser to the identity provider."""
    trip = RoundTrip.new()
    provider = _provider(desk)
    try:
        there = await provider.address_to_ask_at(trip, back_to=_callback(service, request))
    except WanggeError as error:
        return _came_to_nothing(error)
    answer = RedirectResponse(there, status_code=302)
    answer.set_cookie(
        TRIP_COOKIE,
        trip.word,
        max_age=TRIP_S,
        path=PATH,
        httponly=True,
        secure=is_secure(request),
        samesite="lax",
    )
    return answer


@router.get(
    CALLBACK_PATH, response_class=RedirectResponse, status_code=303, **allowed(Action.SIGN_IN)
)
async def come_back(
    service: TheService,
    desk: TheDesk,
    request: Request,
    code: Annotated[Text, Query(description="from the provider")] = "",
    state: Annotated[Text, Query(description="what we sent along")] = "",
    iss: Annotated[Text | None, Query(description="the provider's issuer")] = None,
) -> RedirectResponse:
    """Take the browser back from the provider and open its session, or say why not."""
    provider = _provider(desk)
    now = datetime.now(UTC)
    try:
        trip = RoundTrip(request.cookies.get(TRIP_COOKIE, ""))
        if not (trip.word and code):
            raise BadInput("oidc_failed", "The provider gave no code, or it took too long.")
        subject = await provider.subject(
            trip, code=code, state=state, said_issuer=iss, back_to=_callback(service, request)
        )
        opened = await _open(service, provider, subject, request, now)
    except WanggeError as error:
        answer = _came_to_nothing(error)
    else:
        answer = RedirectResponse("/", status_code=303)
        set_session(request, answer, opened, at=now)
    answer.delete_cookie(TRIP_COOKIE, path=PATH)
    return answer


async def _open(
    service: Service, provider: OidcProvider, subject: str, request: Request, now: datetime
) -> Opened:
    async with service.transaction() as tx:
        row = await find_by_identity(tx, provider.issuer, subject)
        if row is None:
            raise NotFound("oidc_account_unknown", "No account here is this person's.")
        return await open_session(
            tx,
            service,
            account_of(row),
            via="oidc",
            replacing=request.cookies.get(SESSION_COOKIE),
            at=now,
        )


def _came_to_nothing(error: WanggeError) -> RedirectResponse:
    _log.warning("%s", error.message)
    return RedirectResponse(f"/?{urlencode({'sign_in': error.code})}", status_code=303)


def _provider(desk: SignInDesk) -> OidcProvider:
    if desk.provider is None:
        raise NotFound("oidc_not_set", "This city has no identity provider.")
    return desk.provider


def _callback(service: Service, request: Request) -> str:
    ours = service.settings.public_url or str(request.base_url)
    return ours.rstrip("/") + CALLBACK_PATH
