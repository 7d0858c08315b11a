"""What the stream says, in the form of Server-Sent Events."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gis.store.cases import CaseInView
from gis.store.stamped_journal import Change

RETRY_MS = 2_000
"""How long a browser waits before it connects again."""

_CHANGE_SCOPES = frozenset({"version", "staff"})


@dataclass(frozen=True, slots=True)
class Event:
    """A change as it is told; ``encoded`` once, and the same bytes for everybody.

    ``case`` is None where the change is not about a case.
    """

    position: int
    kind: str
    subject: str
    case: CaseInView | None
    encoded: bytes

    @property
    def noun(self) -> str:
        """First word of the kind."""
        return self.kind.partition(".")[0]

    @property
    def changes_scopes(self) -> bool:
        """Whether accounts may see other cases from now on."""
        return self.noun in _CHANGE_SCOPES


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes told in one go: the ``body`` itself, and ``framed`` as a chunk of HTTP/1.1."""

    body: bytes
    framed: bytes

    @classmethod
    def of(cls, body: bytes) -> Piece:
        """The piece with this body, which is not empty (an empty chunk ends a response)."""
        return cls(body, b"%x\r\n%b\r\n" % (len(body), body))


Encode = Callable[[Change, CaseInView | None], str]
"""A change and its case as one line of JSON."""


def event_id(city: str, position: int) -> str:
    """The id of a place in a city's journal: what ``Last-Event-ID`` brings back."""
    return f"{city}:{position}"


def encode_event(name: str, city: str, position: int, data: str) -> bytes:
    """One event; ``data`` is one line."""
    return f"event: {name}\nid: {event_id(city, position)}\ndata: {data}\n\n".encode()


def encode_hello(city: str, position: int) -> bytes:
    """The first event: from which position on this stream tells everything."""
    hello = encode_event("hello", city, position, _json({"position": position, "city": city}))
    return f"retry: {RETRY_MS}\n".encode() + hello


def encode_reset(city: str, position: int, reason: str) -> bytes:
    """The place asked for cannot be gone on from: load everything anew and go on from here."""
    return encode_event("reset", city, position, _json({"reason": reason, "position": position}))


def encode_heartbeat(city: str, position: int) -> bytes:
    """A comment; its id moves a listener on past changes it was not to hear of."""
    return f": still here\nid: {event_id(city, position)}\n\n".encode()


def _json(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
