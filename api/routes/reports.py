"""Taking in reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.cases.intake import IncomingReport
from api.report_intake import receive
from api.routes.queries import Text
from api.service import TheService, Tx
from gis.datum import Datum

CHANNEL = "web"

router = APIRouter(prefix="/api/reports", tags=["reports"])


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


@router.post("", status_code=status.HTTP_201_CREATED)
async def post_report(
    service: TheService,
    tx: Tx,
    report: ReportIn,
    response: Response,
    idempotency_key: Annotated[Text | None, Header(min_length=1, max_length=200)] = None,
) -> ReceivedOut:
    """Store a report and open its case; the same report under the same key answers 200 again."""
    received = await receive(
        tx,
        service,
        IncomingReport(
            lng=report.lng,
            lat=report.lat,
            datum=report.datum,
            category=report.category,
            description=report.description,
            occurred_at=report.occurred_at,
            accuracy_m=report.accuracy,
        ),
        channel=CHANNEL,
        idempotency_key=idempotency_key,
        received_at=datetime.now(UTC),
    )
    if received.is_replay:
        response.status_code = status.HTTP_200_OK
    return ReceivedOut(
        id=received.report_id,
        case=received.case_number,
        grid=received.located.grid_code,
        reason=received.located.reason.word,
        candidates=received.located.candidates,
        receipt=received.receipt,
    )
