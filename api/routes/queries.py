"""Parameters several routes understand alike: text, instants, bbox, comma lists, cursors."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError

from api.service import TheService
from gis.cells import cell_named
from gis.errors import BadInput
from gis.store.case_filter import CaseFilter

PAGE_ROWS = 50
LONGEST_PAGE_ROWS = 500

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

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


def _written_as_a_day(word: object) -> object:
    # Else an instant at midnight, given without its zone, would pass for a day.
    if not (isinstance(word, str) and _DAY.fullmatch(word)):
        raise PydanticCustomError("day", "a day is written as YYYY-MM-DD")
    return word


Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE_ROWS)]
Text = Annotated[str, AfterValidator(_storable)]
"""Text as PostgreSQL takes it: without NUL."""
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant given with its zone, in UTC."""
AsOf = Annotated[Instant | None, Query(description="instant; default now")]
Day = Annotated[date, BeforeValidator(_written_as_a_day)]
Moment = Annotated[
    Instant | Day,
    Field(
        union_mode="left_to_right",
        description="an instant, or a day of the city's calendar: its beginning",
    ),
]
CaseNumber = Annotated[int, Field(ge=1, lt=2**63)]


def case_filter(
    service: TheService,
    bbox: Annotated[Text | None, Query(description="west,south,east,north in degrees")] = None,
    state: Annotated[Text | None, Query(description="comma list of states")] = None,
    kind: Annotated[Text | None, Query(description="comma list of kinds")] = None,
    category: Annotated[Text | None, Query(description="comma list of category codes")] = None,
    grid: Annotated[Text | None, Query(description="code of the grid at the case's time")] = None,
    occurred_from: Annotated[Moment | None, Query(alias="from")] = None,
    occurred_to: Annotated[Moment | None, Query(alias="to")] = None,
) -> CaseFilter:
    """The case filter of a query string; ``from`` and ``to`` bound ``occurred_at``."""
    return CaseFilter(
        bbox=None if not bbox else _bbox(bbox),
        states=_words(state),
        kinds=_words(kind),
        categories=_words(category),
        grid=grid or None,
        occurred_from=instant_of("from", occurred_from, service.profile.zone),
        occurred_to=instant_of("to", occurred_to, service.profile.zone),
    )


WantedCases = Annotated[CaseFilter, Depends(case_filter)]


def narrower_case_filter(
    service: TheService,
    wanted: WantedCases,
    channel: Annotated[Text | None, Query(description="comma list of channels")] = None,
    hour: Annotated[
        Text | None, Query(description="comma list of hours of the city's clock, 0 to 23")
    ] = None,
    weekday: Annotated[
        Text | None, Query(description="comma list of weekdays, 1 (Monday) to 7")
    ] = None,
    within: Annotated[
        Text | None, Query(description="corners of a drawn area: lng,lat,lng,lat,… in degrees")
    ] = None,
    cell: Annotated[
        Text | None,
        Query(description="comma list of H3 cells of resolution 11 or coarser, as H3 writes them"),
    ] = None,
) -> CaseFilter:
    """What lists and counts are narrowed by beside ``case_filter``; tiles are not."""
    return replace(
        wanted,
        channels=_words(channel),
        hours=_numbers("hour", hour),
        weekdays=_numbers("weekday", weekday),
        zone=service.profile.timezone,
        within=_corners(within) if within else (),
        cells=tuple(cell_named(name) for name in _words(cell)),
    )


NarrowerCases = Annotated[CaseFilter, Depends(narrower_case_filter)]


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


def _numbers(field: str, value: str | None) -> tuple[int, ...]:
    words = _words(value)
    if not all(word.isascii() and word.isdigit() and len(word) <= 2 for word in words):
        raise BadInput(
            f"{field}_unknown", f"{field} must be a comma list of whole numbers.", field=field
        )
    return tuple(int(word) for word in words)


def _corners(value: str) -> tuple[tuple[float, float], ...]:
    try:
        numbers = [float(part) for part in value.split(",")]
        return tuple(zip(numbers[::2], numbers[1::2], strict=True))
    except ValueError:
        raise BadInput(
            "within_invalid", "within must be pairs of numbers: lng,lat,lng,lat,…", field="within"
        ) from None


def instant_of(field: str, moment: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    """An instant, or the one at which a day of the zone's calendar begins.

    Raises
    ------
    BadInput
        ``time_invalid``.
    """
    if moment is None or isinstance(moment, datetime):
        return moment
    try:
        return datetime.combine(moment, time(), zone).astimezone(UTC)
    except OverflowError:
        raise BadInput(
            "time_invalid", f"{field} must lie in the years 1 to 9999 of UTC.", field=field
        ) from None


def _bbox(value: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        raise BadInput(
            "bbox_invalid", "bbox must be four numbers: west,south,east,north.", field="bbox"
        ) from None
    return west, south, east, north
