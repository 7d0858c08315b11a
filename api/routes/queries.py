"""Query parameters several routes understand alike: bbox, comma lists, cursors."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from gis.errors import BadInput
from gis.store.case_filter import CaseFilter

PAGE_ROWS = 50
LONGEST_PAGE_ROWS = 500

Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE_ROWS)]


def case_filter(
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees")] = None,
    state: Annotated[str | None, Query(description="comma list of states")] = None,
    kind: Annotated[str | None, Query(description="comma list of kinds")] = None,
    category: Annotated[str | None, Query(description="comma list of category codes")] = None,
    grid: Annotated[str | None, Query(description="code of the grid at the case's time")] = None,
    occurred_from: Annotated[datetime | None, Query(alias="from")] = None,
    occurred_to: Annotated[datetime | None, Query(alias="to")] = None,
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


def decode_cursor(cursor: str, *kinds: type) -> list[str | int]:
    """What ``encode_cursor`` was given, checked to be of ``kinds``.

    Raises
    ------
    BadInput
        ``cursor_invalid``.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        position = json.loads(base64.urlsafe_b64decode(padded))
        if [type(part) for part in position] == list(kinds):
            return list(position)
    except (ValueError, TypeError):
        pass
    raise BadInput("cursor_invalid", "cursor is not one this service gave.", field="cursor")


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
