"""A report as the store keeps it: its columns made of what came in and what was found."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode

from api.cases.intake import TakenReport
from api.cases.sealing import seal
from api.intake.placing import Spot
from api.profile import Category
from gis.store.intake import NewReport
from gis.store.on_duty import HeldPost


def report_row(
    taken: TakenReport,
    spot: Spot,
    who: tuple[HeldPost, int] | None,
    *,
    channel: str,
    actor: str,
    external_id: str,
    category: Category,
    key: bytes,
    held: bool,
    cell: int,
) -> NewReport:
    """The row of one report: ``who`` answers for it and by which rule, ``key`` seals its words.

    ``cell`` is that of its place (``gis.cells.CASE_RESOLUTION``).
    """
    given = taken.given
    post, rule = who or (None, None)
    locator, grid = spot.locator, spot.grid
    journalled = {
        "category": given.category,
        "grid": None if locator is None or grid is None else locator.index.codes[grid],
        "reason": spot.reason.word,
        "rule": rule,
    }
    if held:
        journalled["held"] = True
    return NewReport(
        channel=channel,
        external_id=external_id,
        content_hash=taken.content_hash(key),
        receipt_hash=hashlib.sha256(receipt_of(key).encode()).digest(),
        category=given.category,
        given_x=given.lng,
        given_y=given.lat,
        given_datum=given.datum.value,
        accuracy_m=given.accuracy_m,
        client_time=taken.client_time,
        time_flag=taken.time_flag,
        occurred_at=taken.occurred_at,
        received_at=taken.received_at,
        lng=spot.lng,
        lat=spot.lat,
        cell=cell,
        version_id=None if locator is None else locator.version.id,
        grid_id=None if spot.area is None else spot.area.grid_id,
        grid_reason=spot.reason.word,
        staff_id=None if post is None else post.staff_id,
        staff_rule=rule,
        staff_row=None if post is None else post.row_id,
        kind=category.kind,
        urgency=category.urgency,
        today_grid_id=spot.today_grid_id,
        staff_role=None if post is None else post.role,
        held_at=taken.received_at if held else None,
        sealed=seal(given.description, key, f"{channel}/{external_id}"),
        key=key,
        actor=actor,
        journalled=json.dumps(journalled),
    )


def receipt_of(key: bytes) -> str:
    """The reporter's secret word for a report: made of its key, so a replay gets it again."""
    digest = hashlib.blake2b(b"receipt", key=key, digest_size=16).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
