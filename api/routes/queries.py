"""Parameters several routes understand alike: text, instants, bbox, comma lists, cursors."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from gis.errors import BadInput
from gis.store.case_filter import CaseFilter

PAGE_ROWS = 50
LONGEST_PAGE_ROWS = 500

Position = TypeVar("Position")


def _storable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError("text", "the NUL character is no text")
    return text


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError(
            "instant", "the instant must lie in the years 1 to 9999 of UTC"
        ) from None


Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE_ROWS)]
Text = Annotated[str, AfterValidator(_storable)]
"""Text as PostgreSQL takes it: without NUL."""
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant given with its zone, in UTC."""
AsOf = Annotated[Instant | None, Query(description="instant; default now")]
CaseNumber = Annotated[int, Field(ge=1, lt=2**63)]


def case_filter(
    bbox: Annotated[Text | None, Query(description="west,south,east,north in degrees")] = None,
    state: Annotated[Text | None, Query(description="comma list of states")] = None,
    kind: Annotated[Text | None, Query(description="comma list of kinds")] = None,
    category: Annotated[Text | None, Query(description="comma list of category codes")] = None,
    grid: Annotated[Text | None, Query(description="code of the grid at the case's time")] = None,
    occurred_from: Annotated[Instant | None, Query(alias="from")] = None,
    occurred_to: Annotated[Instant | None, Query(alias="to")] = None,
) -> CaseFilter:
    """The case filter of a query string; ``from`` and ``to`` bound ``occurred_at``."""
    return CaseFilter(
        bbox=None if not bbox else _bbox(bbox),
        states=_words(state),
        kinds=_words(kind),
        categories=_words(category),
        grid=grid or None,
        occurred_from=occurred_from,
        occurred_to=occurred_to,
    )


WantedCases = Annotated[CaseFilter, Depends(case_filter)]


def encode_cursor(*position: str | int) -> str:
    """A page's end as an opaque word for the next request."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, position: TypeAdapter[Position]) -> Position:
    """What ``encode_cursor`` was given, checked to be a ``position``.

    Raises
    ------
    BadInput
        ``cursor_invalid``.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return position.validate_json(base64.urlsafe_b64decode(padded))
    except ValueError:
        raise BadInput(
            "cursor_invalid", "cursor is not one this service gave.", field="cursor"
        ) from None


def _words(value: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (value or "").split(",") if word.strip())


def _bbox(value: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        raise BadInput(
            "bbox_invalid", "bbox must be four numbers: west,south,east,north.", field="bbox"
        ) from None
    return west, south, east, north
