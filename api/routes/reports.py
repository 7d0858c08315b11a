"""Taking in reports."""

from __future__ import annotations

import asyncio
import secrets
import time
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Receive, Scope, Send

from api.access import Action
from api.auth import allowed, viewer
from api.cases.channels import OPEN_CHANNEL, channel_of
from api.cases.intake import IncomingReport
from api.intake.service import Intake
from api.intake.submission import Received, Submission
from api.request_transaction import RequestTransaction
from api.routes.queries import Text
from gis.datum import Datum
from gis.errors import BadInput, TooLarge
from gis.store.channel_keys import hash_of_key

RECEIPT_COOKIE = "wangge_receipt"
RECEIPT_COOKIE_AGE_S = 365 * 86_400
LONGEST_COOKIE = 64
LONGEST_HEADER = 200
LARGEST_REPORT_BYTES = 64 * 1024
"""Four times what 4,000 characters take in UTF-8."""
HeaderWord = Annotated[Text | None, Header(min_length=1, max_length=LONGEST_HEADER)]
WIDE_CIRCLE_M = 200.0
"""From here on the grids around are looked for in a thread: up to 2 ms below it."""


class ReportIn(BaseModel):
    """A report: where, in which datum, what; ``occurred_at`` is the client's own time."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    lng: float
    lat: float
    datum: Datum = Datum.WGS84
    category: Annotated[str, Field(min_length=1, max_length=80)]
    description: str = ""
    occurred_at: datetime | None = None
    accuracy: Annotated[float | None, Field(description="radius in metres")] = None


class ReceivedOut(BaseModel):
    """What became of a report; ``receipt`` is the reporter's secret word for it."""

    id: int
    case: int
    grid: str | None
    reason: str
    candidates: list[str]
    receipt: str


class _ReportRoute(APIRoute):
    """Documented as any route, but read by hand.

    FastAPI's own reading of a request takes as long as storing the report; see decision 0012.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, call the endpoint, send what it answers."""
        if scope["method"] != "POST":
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = await post_report(
            request,
            await _read_report(request),
            _read_header(request, "Idempotency-Key"),
            _read_header(request, "X-API-Key"),
        )
        await answer(scope, receive, send)


router = APIRouter(prefix="/api/reports", tags=["reports"], route_class=_ReportRoute)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=ReceivedOut,
    **allowed(Action.REPORT),
)
async def post_report(
    request: Request,
    report: ReportIn,
    idempotency_key: HeaderWord = None,
    x_api_key: HeaderWord = None,
) -> Response:
    """Store a report and open its case; the same report under the same key answers 200 again."""
    intake: Intake = request.app.state.intake
    # Ended before the wait for the batch, which has a connection of its own.
    async with RequestTransaction(request.app.state.service) as asked:
        account = await viewer(request, asked)
    channel = channel_of(account)
    is_open = x_api_key is None and channel == OPEN_CHANNEL
    cookie = _receipt_cookie(request) if is_open else None
    held = False
    if is_open:
        address = request.client.host if request.client else ""
        held = intake.limits.exceeded(cookie, address, time.monotonic())
    received = await intake.queue.submit(
        Submission(
            IncomingReport(
                lng=report.lng,
                lat=report.lat,
                datum=report.datum,
                category=report.category,
                description=report.description,
                occurred_at=report.occurred_at,
                accuracy_m=report.accuracy,
            ),
            channel=channel,
            actor=channel if account is None else account.name,
            received_at=datetime.now(UTC),
            idempotency_key=idempotency_key,
            key_hash=None if x_api_key is None else hash_of_key(x_api_key),
            held=held,
        )
    )
    told = ReceivedOut(
        id=received.report_id,
        case=received.case_number,
        grid=received.grid_code,
        reason=received.reason.word,
        candidates=await _candidates(received),
        receipt=received.receipt,
    )
    answer = Response(
        told.model_dump_json(),
        status_code=status.HTTP_200_OK if received.is_replay else status.HTTP_201_CREATED,
        media_type="application/json",
    )
    if is_open and cookie is None:
        answer.set_cookie(
            RECEIPT_COOKIE,
            secrets.token_urlsafe(16),
            max_age=RECEIPT_COOKIE_AGE_S,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
    return answer


async def _read_report(request: Request) -> ReportIn:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise HTTPException(415, "A report is JSON: Content-Type application/json.")
    body = await request.body()
    if len(body) > LARGEST_REPORT_BYTES:
        raise TooLarge(
            "body_too_large", f"A report has at most {LARGEST_REPORT_BYTES:,} bytes of JSON."
        )
    try:
        return ReportIn.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        raise RequestValidationError(
            [{**fault, "loc": ("body", *fault["loc"])} for fault in faults]
        ) from error


def _read_header(request: Request, name: str) -> str | None:
    word = request.headers.get(name)
    if word is None or (0 < len(word) <= LONGEST_HEADER and "\0" not in word):
        return word
    raise BadInput("malformed", f"{name} has 1 to {LONGEST_HEADER} characters.", field=name.lower())


def _receipt_cookie(request: Request) -> str | None:
    """The browser's word for itself; anything that cannot be one of ours is none."""
    cookie = request.cookies.get(RECEIPT_COOKIE, "")
    return cookie if 0 < len(cookie) <= LONGEST_COOKIE else None


async def _candidates(received: Received) -> list[str]:
    if (received.accuracy_m or 0.0) < WIDE_CIRCLE_M:
        return received.candidates()
    return await asyncio.to_thread(received.candidates)
