"""One batch of reports in one transaction: admitted, checked, placed, stored, journalled."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from api.cases.intake import TakenReport, take_in
from api.cases.on_duty import PostsNearby
from api.cases.sealing import new_key, seal
from api.errors import KeyUnknown
from api.intake.placing import Spot, spots_of
from api.intake.submission import Received, Submission
from api.known_categories import KnownCategories, known_among
from api.locators import city_bounds
from api.service import Service
from gis.errors import Conflict, WanggeError
from gis.store import intake as store
from gis.store.channel_keys import KeyHolder, holders_of_keys
from gis.store.engine import Transaction
from gis.store.on_duty import HeldPost, posts_held

Outcome = Received | WanggeError
Who = tuple[HeldPost, int] | None


@dataclass(frozen=True, slots=True)
class _Admitted:
    """A report that may be stored: position in the batch, channel and actor, place."""

    position: int
    submission: Submission
    channel: str
    actor: str
    taken: TakenReport
    spot: Spot

    def received(self, report_id: int, case_number: int, key: bytes, *, replay: bool) -> Received:
        spot = self.spot
        return Received(
            report_id,
            case_number,
            receipt_of(key),
            replay,
            (spot.lng, spot.lat),
            self.taken.given.accuracy_m,
            spot.locator,
            spot.grid,
            spot.reason,
        )


async def take_batch(
    tx: Transaction, service: Service, submissions: Sequence[Submission]
) -> list[Outcome]:
    """Store reports and open their cases; what became of each, in their order.

    What is wrong with one report (``take_in``, ``key_reused``, ``channel_key_unknown``) is
    its own outcome and does not touch the others. An error of the database is raised:
    then nothing of the batch is stored.
    """
    city = await store.city_now(tx)
    known = known_among(service.profile, city.added_categories)
    now = max(submission.received_at for submission in submissions)
    (today,) = await service.locators.of_chain(tx, city.versions, [now]) or (None,)
    bounds = city_bounds([today] if today else [])
    hashes = {given.key_hash for given in submissions if given.key_hash is not None}
    holders = await holders_of_keys(tx, hashes) if hashes else {}

    outcomes: dict[int, Outcome] = {}
    checked: list[tuple[int, KeyHolder, TakenReport]] = []
    for position, submission in enumerate(submissions):
        try:
            holder = _holder(submission, holders)
            taken = take_in(
                submission.report,
                received_at=submission.received_at,
                zone=service.profile.zone,
                categories=known.by_code,
                bounds=bounds,
            )
        except WanggeError as error:
            outcomes[position] = error
        else:
            checked.append((position, holder, taken))

    instants = {now, *(taken.occurred_at for _, _, taken in checked)}
    locators = await service.locators.of_chain(tx, city.versions, instants)
    spots = spots_of(locators, [taken for _, _, taken in checked], now)
    admitted = [
        _Admitted(position, submissions[position], holder.channel, holder.name, taken, spot)
        for (position, holder, taken), spot in zip(checked, spots, strict=True)
    ]
    while admitted:
        admitted = await _settle(tx, service, known, admitted, outcomes)
    return [outcomes[position] for position in range(len(submissions))]


async def _settle(
    tx: Transaction,
    service: Service,
    known: KnownCategories,
    admitted: Sequence[_Admitted],
    outcomes: dict[int, Outcome],
) -> list[_Admitted]:
    """Answer replays and store what is new; answers what must be looked at again.

    That is the second of two reports under one key, and one whose key another transaction
    stored in the meantime: now both are replays, or conflicts.
    """
    new = await _without_replays(tx, admitted, outcomes)
    firsts: dict[tuple[str, str], _Admitted] = {}
    for each in new:
        firsts.setdefault((each.channel, each.submission.idempotency_key or str(uuid4())), each)
    if not firsts:
        return []
    answering = await _who_answers(tx, service, list(firsts.values()))
    keys = [new_key() for _ in firsts]
    rows = [
        _row(each, external_id, known, who, key)
        for ((_, external_id), each), who, key in zip(firsts.items(), answering, keys, strict=True)
    ]
    stored = await store.store_reports(tx, rows)
    for place, (each, key) in enumerate(zip(firsts.values(), keys, strict=True)):
        if place in stored:
            ids = stored[place]
            outcomes[each.position] = each.received(
                ids.report_id, ids.case_number, key, replay=False
            )
    return [each for each in new if each.position not in outcomes]


async def _without_replays(
    tx: Transaction, admitted: Sequence[_Admitted], outcomes: dict[int, Outcome]
) -> list[_Admitted]:
    """Those not here before; the others get their outcome."""
    asked = [
        (each, each.submission.idempotency_key)
        for each in admitted
        if each.submission.idempotency_key is not None
    ]
    if not asked:
        return list(admitted)
    found = await store.known_reports(tx, [(each.channel, key) for each, key in asked])
    for place, before in found.items():
        each, idempotency_key = asked[place]
        if before.key is None or each.taken.content_hash(before.key) != before.content_hash:
            outcomes[each.position] = Conflict(
                "key_reused",
                f"Idempotency-Key {idempotency_key} came before with another report.",
                case=before.case_number,
            )
        else:
            outcomes[each.position] = each.received(
                before.report_id, before.case_number, before.key, replay=True
            )
    return [each for each in admitted if each.position not in outcomes]


async def _who_answers(
    tx: Transaction, service: Service, reports: Sequence[_Admitted]
) -> list[Who]:
    """Who is on duty where each report lies, at the instant it came in."""
    areas = [each.spot.area for each in reports]
    inside = [area for area in areas if area is not None]
    if not inside:
        return [None] * len(reports)
    instants = [each.taken.received_at for each in reports]
    posts = await posts_held(
        tx,
        min(instants),
        max(instants),
        grid_ids={area.grid_id for area in inside},
        community_ids={area.community_id for area in inside},
        township_ids={area.township_id for area in inside},
    )
    nearby = PostsNearby(posts, service.profile.duty.roles)
    return [
        None if area is None else nearby.at(area, instant)
        for area, instant in zip(areas, instants, strict=True)
    ]


def _row(
    each: _Admitted, external_id: str, known: KnownCategories, who: Who, key: bytes
) -> store.NewReport:
    taken, spot, given = each.taken, each.spot, each.taken.given
    category = known.get(given.category)
    post, rule = who or (None, None)
    locator, grid = spot.locator, spot.grid
    journalled = {
        "category": given.category,
        "grid": None if locator is None or grid is None else locator.index.codes[grid],
        "reason": spot.reason.word,
        "rule": rule,
    }
    if each.submission.held:
        journalled["held"] = True
    return store.NewReport(
        channel=each.channel,
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
        held_at=taken.received_at if each.submission.held else None,
        sealed=seal(given.description, key, f"{each.channel}/{external_id}"),
        key=key,
        actor=each.actor,
        journalled=json.dumps(journalled),
    )


def _holder(submission: Submission, holders: dict[bytes, KeyHolder]) -> KeyHolder:
    if submission.key_hash is None:
        return KeyHolder(submission.actor, submission.channel)
    holder = holders.get(submission.key_hash)
    if holder is None:
        raise KeyUnknown
    return holder


def receipt_of(key: bytes) -> str:
    """The reporter's secret word for a report: made of its key, so a replay gets it again."""
    digest = hashlib.blake2b(b"receipt", key=key, digest_size=16).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
