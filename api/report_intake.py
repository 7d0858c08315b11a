"""One incoming report: checked, placed, stored with its case, journalled, in one transaction."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from api.cases.intake import IncomingReport, TakenReport, take_in
from api.cases.sealing import new_key, seal
from api.known_categories import known_categories
from api.locating import Located, locate_point
from api.locators import city_bounds
from api.service import Service
from gis.errors import Conflict
from gis.store import journal, reports
from gis.store.engine import Transaction
from gis.store.tile_shapes import bump


@dataclass(frozen=True, slots=True)
class Received:
    """What the reporter is told; ``is_replay`` when the same report was here before."""

    report_id: int
    case_number: int
    located: Located
    receipt: str
    is_replay: bool


async def receive(
    tx: Transaction,
    service: Service,
    report: IncomingReport,
    *,
    channel: str,
    idempotency_key: str | None,
    received_at: datetime,
) -> Received:
    """Store one report and open its case; a replay of the same report stores nothing.

    Raises
    ------
    BadInput
        What ``take_in`` raises.
    Conflict
        ``key_reused``: the key came before with another body.
    """
    known = await known_categories(tx, service.profile)
    taken = take_in(
        report,
        received_at=received_at,
        zone=service.profile.zone,
        categories=known.by_code,
        bounds=city_bounds(await service.locators.at(tx, received_at)),
    )
    located = await locate_point(
        tx,
        service,
        report.lng,
        report.lat,
        report.datum,
        accuracy_m=report.accuracy_m,
        occurred_at=taken.occurred_at,
        received_at=taken.received_at,
        now=received_at,
    )
    if idempotency_key is not None:
        replayed = await _replayed(tx, channel, idempotency_key, taken)
        if replayed is not None:
            report_id, case_number, receipt = replayed
            return Received(report_id, case_number, located, receipt, is_replay=True)
    key = new_key()
    external_id = idempotency_key or str(uuid4())
    category = known.get(report.category)
    receipt = _receipt(key)
    report_id, case_number = await reports.add_report(
        tx,
        case={
            "kind": category.kind,
            "state": "received",
            "urgency": category.urgency,
            "today_grid_id": located.today_grid_id,
            "staff_role": located.answer and located.answer.role,
        },
        report={
            "external_id": external_id,
            "content_hash": taken.content_hash(key),
            "receipt_hash": hashlib.sha256(receipt.encode()).digest(),
            "given_x": report.lng,
            "given_y": report.lat,
            "given_datum": report.datum.value,
            "accuracy_m": report.accuracy_m,
            "client_time": taken.client_time,
            "time_flag": taken.time_flag,
        },
        shared={
            "channel": channel,
            "category": report.category,
            "occurred_at": taken.occurred_at,
            "received_at": taken.received_at,
            "version_id": located.locator and located.locator.version.id,
            "grid_id": located.grid_id,
            "grid_reason": located.reason.word,
            "staff_id": located.answer and located.answer.staff_id,
            "staff_rule": located.answer and located.answer.rule,
            "staff_row": located.answer and located.answer.row_id,
        },
        lng=located.lng,
        lat=located.lat,
    )
    sealed = seal(report.description, key, f"{channel}/{external_id}")
    await reports.add_text(tx, report_id, sealed=sealed, key=key)
    await journal.append(
        tx,
        actor=channel,
        kind="report.received",
        subject=f"case/{case_number}",
        after={
            "report": report_id,
            "category": report.category,
            "grid": located.grid_code,
            "reason": located.reason.word,
            "rule": located.answer and located.answer.rule,
        },
    )
    await bump(tx, ["cases"])
    return Received(report_id, case_number, located, receipt, is_replay=False)


async def _replayed(
    tx: Transaction, channel: str, key: str, taken: TakenReport
) -> tuple[int, int, str] | None:
    """Report, case and receipt of an earlier report under the same key; None for a new one."""
    await reports.lock_key(tx, channel, key)
    known = (await reports.known_reports(tx, channel, [key])).get(key)
    if known is None:
        return None
    opened = await reports.sealed_text(tx, known.report_id)
    if opened is None or taken.content_hash(opened[1]) != known.content_hash:
        raise Conflict(
            "key_reused",
            f"Idempotency-Key {key} came before with another report.",
            case=known.case_number,
        )
    return known.report_id, known.case_number, _receipt(opened[1])


def _receipt(key: bytes) -> str:
    """The reporter's secret word for this report: made of its key, so a replay gets it again."""
    digest = hashlib.blake2b(b"receipt", key=key, digest_size=16).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
