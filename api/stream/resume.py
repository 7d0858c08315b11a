"""Where a client was: the id of the last event it heard."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gis.errors import BadInput

_ID = re.compile(r"(?:([a-z0-9_]{1,43}):)?([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class LastHeard:
    """A position in a city's journal; ``city`` is None when only a number was given."""

    city: str | None
    position: int


def read_last_event_id(word: str) -> LastHeard:
    """``<city>:<position>``, or a bare position.

    Raises
    ------
    BadInput
        ``last_event_id_invalid``.
    """
    found = _ID.fullmatch(word.strip())
    if found is None:
        raise BadInput(
            "last_event_id_invalid",
            "Last-Event-ID must be the id of an event, like 330281:1204.",
            field="Last-Event-ID",
        )
    return LastHeard(found[1], int(found[2]))
