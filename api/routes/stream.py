"""The live stream: changes as they happen."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel

from api.access import Action
from api.auth import Scope, allowed
from api.request_transaction import RequestTransaction, TheTransaction
from api.routes.cases import CaseOut, case_out
from api.routes.queries import Text
from api.session_token import presented, token_hash
from api.stream.audience import Audience, Wanted
from api.stream.events import Encode
from api.stream.feed import Feed
from api.stream.response import EventStream
from api.stream.resume import read_last_event_id
from gis.errors import BadInput, Unavailable
from gis.store.area_grids import grids_of_areas
from gis.store.cases import CaseInView
from gis.store.stamped_journal import Change
from gis.store.tables.staff import STAFF_ROLES

_KIND = re.compile(r"[a-z][a-z_.]{0,79}")

router = APIRouter(prefix="/api/stream", tags=["stream"])


class ChangeOut(BaseModel):
    """A change: which, when, by whom, about what; with the case as lists show it now."""

    position: int
    at: datetime
    kind: str
    subject: str
    actor: str
    case: CaseOut | None


def change_encoder(placeless: Collection[str]) -> Encode:
    """Writes changes as the stream tells them; ``placeless`` categories without a place."""

    def encode(change: Change, case: CaseInView | None) -> str:
        return ChangeOut(
            position=change.position,
            at=change.at,
            kind=change.kind,
            subject=change.subject,
            actor=change.actor,
            case=None if case is None else case_out(case.case, placeless=placeless),
        ).model_dump_json()

    return encode


def _feed(request: Request) -> Feed:
    feed: Feed | None = getattr(request.app.state, "feed", None)
    if feed is None:
        raise Unavailable("stream_not_ready", "The stream does not run here.")
    return feed


TheFeed = Annotated[Feed, Depends(_feed)]


@router.get(
    "",
    status_code=200,
    response_class=EventStream,
    responses={200: {"model": ChangeOut, "description": "data of each `change` event"}},
    **allowed(Action.READ_CASES),
)
async def stream(
    request: Request,
    asked: TheTransaction,
    feed: TheFeed,
    scope: Scope,
    area: Annotated[Text, Query(description="comma list of codes of areas")] = "",
    kind: Annotated[Text, Query(description="comma list of beginnings of journal kinds")] = "",
    role: Annotated[Text, Query(description="comma list of staff roles that answer")] = "",
    last_event_id: Annotated[
        Text | None, Query(description="as the header, for a first connection")
    ] = None,
    last_event_id_header: Annotated[Text | None, Header(alias="Last-Event-ID")] = None,
) -> EventStream:
    """Server-Sent Events: `hello`, then a `change` for each change; `reset` when lost."""
    wanted = await _wanted(asked, area, kind, role)
    # The feed is waited for, and asks the database over a connection of its own.
    await asked.end()
    await feed.ready()
    after, reset = await _resumed(feed, last_event_id_header or last_event_id)
    given = presented(request.headers, request.cookies)
    return EventStream(
        feed,
        Audience(scope, wanted),
        after=after,
        reset=reset,
        session=None if given is None else token_hash(given.token),
    )


async def _wanted(asked: RequestTransaction, area: str, kind: str, role: str) -> Wanted:
    grids = None
    if areas := _words(area):
        grids = await grids_of_areas(await asked.begun(), areas, at=datetime.now(UTC))
    for word in _words(kind):
        if not _KIND.fullmatch(word):
            raise BadInput(
                "kind_invalid", f"{word!r} cannot begin a journal kind.", field="kind", value=word
            )
    for word in _words(role):
        if word not in STAFF_ROLES:
            raise BadInput(
                "role_unknown",
                f"role {word!r} is not one of {', '.join(STAFF_ROLES)}.",
                field="role",
                value=word,
            )
    return Wanted(grids, tuple(_words(kind)), frozenset(_words(role)))


async def _resumed(feed: Feed, word: str | None) -> tuple[int, str | None]:
    """Position to go on from, and why it is not the one asked for (None when it is)."""
    if not word:
        return feed.flushed, None
    heard = read_last_event_id(word)
    if heard.city not in (None, feed.city):
        return feed.flushed, "other_city"
    if not await feed.reached(heard.position):
        return feed.flushed, "future"
    return heard.position, None


def _words(value: str) -> list[str]:
    return sorted({word.strip() for word in value.split(",") if word.strip()})
