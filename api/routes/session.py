"""Signing in and out, and who one is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Account, Action, Level, may
from api.auth import SignedIn, allowed
from api.demo.accounts import DEMO_PASSWORD, demo_accounts
from api.oidc import PATH as OIDC_PATH
from api.request_transaction import Tx
from api.routes.queries import Text
from api.service import TheService
from api.session_cookies import clear_session, set_session
from api.session_token import SESSION_COOKIE, presented
from api.settings import LOOPBACK
from api.sign_in import close_session, sign_in
from api.sign_in_desk import TheDesk
from gis.store import accounts
from gis.store.account_areas import name_of_area

router = APIRouter(prefix="/api", tags=["session"])


class CredentialsIn(BaseModel):
    """A name and its password."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[Text, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(max_length=1_000)]


class AreaOut(BaseModel):
    """The area an account is bound to; ``name`` is null for one no longer in force."""

    level: Level
    code: str
    name: str | None


class PersonOut(BaseModel):
    """The staff member an account belongs to."""

    code: str
    name: str


class AccountOut(BaseModel):
    """Who is signed in."""

    name: str
    role: str
    area: AreaOut | None
    department: str | None
    staff: PersonOut | None


class MeOut(AccountOut):
    """The same with everything the account may do."""

    may: list[Action]


class SessionOut(BaseModel):
    """A session: ``token`` for programs, ``csrf`` for the header of pages."""

    token: str
    csrf: str
    expires_at: datetime
    account: AccountOut


class DemoAccountOut(BaseModel):
    """An account everybody may use."""

    name: str
    role: str


class OidcOut(BaseModel):
    """An identity provider by the name of its host, and where to begin."""

    name: str
    url: str


class SignInOut(BaseModel):
    """The ways to sign in beside an account of one's own."""

    demo_accounts: list[DemoAccountOut]
    demo_password: str | None
    oidc: OidcOut | None


@router.get("/sign-in", **allowed(Action.SIGN_IN))
async def ways_to_sign_in(service: TheService, tx: Tx, desk: TheDesk) -> SignInOut:
    """What the page of signing in offers; demo accounts only to this machine."""
    shown = await demo_accounts(tx) if service.settings.host in LOOPBACK else []
    provider = desk.provider
    return SignInOut(
        demo_accounts=[DemoAccountOut(name=name, role=role) for name, role in shown],
        demo_password=DEMO_PASSWORD if shown else None,
        oidc=None if provider is None else OidcOut(name=provider.name, url=OIDC_PATH),
    )


@router.post("/session", **allowed(Action.SIGN_IN))
async def open_session(
    service: TheService,
    desk: TheDesk,
    request: Request,
    response: Response,
    credentials: CredentialsIn,
) -> SessionOut:
    """Sign in: a token for programs, cookies for the browser."""
    now = datetime.now(UTC)
    opened = await sign_in(
        service,
        desk.passwords,
        name=credentials.username,
        password=credentials.password,
        address=request.client.host if request.client else "",
        replacing=request.cookies.get(SESSION_COOKIE),
        at=now,
    )
    set_session(request, response, opened, at=now)
    async with service.transaction() as tx:
        account = await _account(tx, opened.account, now)
    return SessionOut(
        token=opened.token, csrf=opened.csrf, expires_at=opened.until, account=account
    )


@router.delete("/session", status_code=status.HTTP_204_NO_CONTENT, **allowed(Action.SELF))
async def end_session(tx: Tx, account: SignedIn, request: Request, response: Response) -> None:
    """Sign out: the token and the cookies are worth nothing from now on."""
    given = presented(request.headers, request.cookies)
    if given is not None:
        await close_session(tx, account, given.token)
    clear_session(request, response)


@router.get("/me", **allowed(Action.SELF))
async def me(tx: Tx, account: SignedIn) -> MeOut:
    """Who is signed in, bound to what, and what that account may do."""
    told = await _account(tx, account, datetime.now(UTC))
    return MeOut(**told.model_dump(), may=list(may(account)))


async def _account(tx: Tx, account: Account, at: datetime) -> AccountOut:
    area = None
    if account.area is not None:
        name = await name_of_area(tx, account.area.level, account.area.code, at=at)
        area = AreaOut(level=account.area.level, code=account.area.code, name=name)
    staff = None
    if account.staff_id is not None:
        code, person = await accounts.staff_of(tx, account.staff_id)
        staff = PersonOut(code=code, name=person)
    return AccountOut(
        name=account.name,
        role=account.role,
        area=area,
        department=account.department,
        staff=staff,
    )
