"""One batch of reports: admitted, checked, placed, stored, journalled.

One statement whatever the size stores all there is to store of every report. What reports
are checked, placed and answered by is kept from batch to batch (``Basis``); the statement
stores nothing when that no longer holds. Then, and where a report is refused, was stored
before, or lies where nobody asked yet, another statement asks first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from api.cases.intake import TakenReport, take_in
from api.cases.sealing import new_key
from api.errors import KeyUnknown
from api.intake.basis import Basis
from api.intake.placing import Spot, spots_of
from api.intake.rows import receipt_of, report_row
from api.intake.submission import Received, Submission
from api.known_categories import known_among
from api.locators import city_bounds
from api.service import Service
from gis.cells import CASE_RESOLUTION, cells_of
from gis.errors import Conflict, WanggeError
from gis.store.channel_keys import KeyHolder
from gis.store.engine import Transaction
from gis.store.intake import store_reports
from gis.store.intake_lookup import (
    CityNow,
    KnownReport,
    Question,
    Repeat,
    look_up,
    sum_up_revision,
)

MOST_REVISION_ROWS = 200
"""Beyond these the sum is made anew, so that every batch reads a page or two for it."""

Outcome = Received | WanggeError


@dataclass(frozen=True, slots=True)
class _Checked:
    """A report that may be stored: its position in the batch, what came in, where it lies."""

    position: int
    submission: Submission
    taken: TakenReport
    spot: Spot


@dataclass(frozen=True, slots=True)
class _Looked:
    """Reports checked and placed by a basis; what was stored before, where that was asked."""

    basis: Basis
    checked: list[_Checked]
    refused: dict[int, Outcome]
    known: dict[int, KnownReport]


class Batches:
    """Takes batches for a service, one after the other or several at once."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._basis = Basis.unknown(service.profile.duty.roles)

    async def take(self, tx: Transaction, submissions: Sequence[Submission]) -> list[Outcome]:
        """Store reports and open their cases; what became of each, in their order.

        What is wrong with one report (``take_in``, ``key_unknown``, ``key_reused``) is its
        own outcome and does not touch the others. An error of the database is raised: then
        no report without an outcome is stored. ``tx`` may be a connection whose statements
        commit by themselves.
        """
        outcomes: dict[int, Outcome] = {}
        asked_first = False
        # Once more for what came before, in this batch or in another; and for all when the
        # basis has changed.
        while len(outcomes) < len(submissions):
            waiting = [at for at in range(len(submissions)) if at not in outcomes]
            looked = await self._look_at(tx, submissions, waiting, ask=asked_first)
            outcomes |= looked.refused
            new = _admitted(looked, outcomes)
            await self._store(tx, new, looked.basis, outcomes)
            asked_first = True
        return [outcomes[position] for position in range(len(submissions))]

    async def _look_at(
        self,
        tx: Transaction,
        submissions: Sequence[Submission],
        waiting: Sequence[int],
        *,
        ask: bool,
    ) -> _Looked:
        """Check and place by what is known, and ``ask`` whether it holds; else only if need be."""
        while True:
            basis = self._basis
            checked, refused = await self._check(tx, basis.city, submissions, waiting)
            question = _question(basis, submissions, waiting, checked)
            if not (ask or refused) and basis.answers(question):
                return _Looked(basis, checked, refused, {})
            found = await look_up(tx, question)
            if found.revision_rows > MOST_REVISION_ROWS:
                await sum_up_revision(tx)
            self._basis = after = basis.with_answers(question, found)
            if found.city == basis.city:
                return _Looked(after, checked, refused, found.known)

    async def _check(
        self,
        tx: Transaction,
        city: CityNow,
        submissions: Sequence[Submission],
        waiting: Sequence[int],
    ) -> tuple[list[_Checked], dict[int, Outcome]]:
        known = known_among(self._service.profile, city.added_categories)
        locators = self._service.locators
        # Not only when they came in: a version may have taken effect while they waited.
        now = max(datetime.now(UTC), *(submissions[at].received_at for at in waiting))
        bounds = city_bounds(await locators.of_chain(tx, city.versions, [now]))
        taken: dict[int, TakenReport] = {}
        refused: dict[int, Outcome] = {}
        for at in waiting:
            try:
                taken[at] = take_in(
                    submissions[at].report,
                    received_at=submissions[at].received_at,
                    zone=self._service.profile.zone,
                    categories=known.by_code,
                    bounds=bounds,
                )
            except WanggeError as error:
                refused[at] = error
        instants = {now, *(each.occurred_at for each in taken.values())}
        in_force = await locators.of_chain(tx, city.versions, instants)
        spots = spots_of(in_force, list(taken.values()), now)
        checked = [
            _Checked(at, submissions[at], each, spot)
            for (at, each), spot in zip(taken.items(), spots, strict=True)
        ]
        return checked, refused

    async def _store(
        self,
        tx: Transaction,
        new: Iterable[tuple[_Checked, KeyHolder]],
        basis: Basis,
        outcomes: dict[int, Outcome],
    ) -> None:
        """Store the first report under each key."""
        known = known_among(self._service.profile, basis.city.added_categories)
        firsts: dict[tuple[str, str], tuple[_Checked, KeyHolder]] = {}
        for each, holder in new:
            external_id = each.submission.idempotency_key or str(uuid4())
            firsts.setdefault((holder.channel, external_id), (each, holder))
        if not firsts:
            return
        keys = [new_key() for _ in firsts]
        spots = [each.spot for each, _ in firsts.values()]
        cells = cells_of(
            [spot.lng for spot in spots], [spot.lat for spot in spots], CASE_RESOLUTION
        ).tolist()
        rows = [
            report_row(
                each.taken,
                each.spot,
                None
                if (area := each.spot.area) is None
                else basis.on_duty(area, each.taken.received_at),
                channel=channel,
                actor=holder.name,
                external_id=external_id,
                category=known.get(each.taken.given.category),
                key=key,
                held=each.submission.held,
                cell=cell,
            )
            for ((channel, external_id), (each, holder)), key, cell in zip(
                firsts.items(), keys, cells, strict=True
            )
        ]
        stored = await store_reports(tx, rows, basis.revision)
        for place, ((each, _), key) in enumerate(zip(firsts.values(), keys, strict=True)):
            if place in stored:
                ids = stored[place]
                outcomes[each.position] = _received(
                    each, ids.report_id, ids.case_number, key, is_replay=False
                )


def _question(
    basis: Basis,
    submissions: Sequence[Submission],
    waiting: Sequence[int],
    checked: Sequence[_Checked],
) -> Question:
    areas = {each.spot.area for each in checked if each.spot.area is not None}
    return Question(
        *basis.while_of([submissions[at].received_at for at in waiting]),
        key_hashes={
            each.submission.key_hash for each in checked if each.submission.key_hash is not None
        },
        repeats=[
            Repeat(
                each.position,
                each.submission.idempotency_key,
                each.submission.channel,
                each.submission.key_hash,
            )
            for each in checked
            if each.submission.idempotency_key is not None
        ],
        grid_ids={area.grid_id for area in areas},
        community_ids={area.community_id for area in areas},
        township_ids={area.township_id for area in areas},
    )


def _admitted(looked: _Looked, outcomes: dict[int, Outcome]) -> list[tuple[_Checked, KeyHolder]]:
    """Those that are new, each with who sent it; the others get their outcome."""
    new = []
    for each in looked.checked:
        submission = each.submission
        holder: KeyHolder | None = KeyHolder(submission.actor, submission.channel)
        if submission.key_hash is not None:
            holder = looked.basis.holders.get(submission.key_hash)
        if holder is None:
            outcomes[each.position] = KeyUnknown()
        elif each.position in looked.known:
            outcomes[each.position] = _replayed(each, looked.known[each.position])
        else:
            new.append((each, holder))
    return new


def _replayed(each: _Checked, before: KnownReport) -> Outcome:
    if before.key is None or each.taken.content_hash(before.key) != before.content_hash:
        return Conflict(
            "key_reused",
            f"Idempotency-Key {each.submission.idempotency_key} came before with another report.",
            case=before.case_number,
        )
    return _received(each, before.report_id, before.case_number, before.key, is_replay=True)


def _received(
    each: _Checked, report_id: int, case_number: int, key: bytes, *, is_replay: bool
) -> Received:
    return Received(
        report_id,
        case_number,
        receipt_of(key),
        is_replay,
        (each.spot.lng, each.spot.lat),
        each.taken.given.accuracy_m,
        each.spot.locator,
        each.spot.grid,
        each.spot.reason,
    )
