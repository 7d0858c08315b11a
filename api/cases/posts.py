"""From a template's row to a post: a person bound to an area in a role for an interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

import numpy as np
import pandas as pd

from api.cases.template import BadRow, RowFault, TemplateRow
from gis.store.staff import Post

ROLE_WORDS = {
    "网格长": "grid_lead",
    "专职网格员": "worker",
    "微网格长": "micro_lead",
    "民情联络员": "liaison",
    "常驻": "stationed",
    "随叫随驻": "on_call",
}
"""Roles as the screen calls them in Chinese; files may use either."""

_ROLES = {role: role for role in ROLE_WORDS.values()} | ROLE_WORDS
_FIRST, _LAST = np.datetime64("1900-01-01", "us"), np.datetime64("9999-12-31", "us")
_ENDLESS = datetime.max.replace(tzinfo=UTC)
_BEGINNINGLESS = datetime.min.replace(tzinfo=UTC)

Areas = Mapping[str, tuple[str, int]]
"""Code of a grid, community or township → level and id."""


def post_of(row: TemplateRow, staff_code: str, areas: Areas, *, open_ends: bool) -> Post:
    """The post one row describes.

    Raises
    ------
    BadRow
        ``role_unknown``, ``area_unknown``, ``time_missing``, ``time_unreadable``,
        ``to_before_from``.
    """
    role, area = row.cells["role"], row.cells["area"]
    if role not in _ROLES:
        raise BadRow("role_unknown", f"{role!r} is none of {', '.join(ROLE_WORDS.values())}")
    if area not in areas:
        raise BadRow("area_unknown", f"no grid, community or township has the code {area!r}")
    start, end = (_instant(row, name, open_ends=open_ends) for name in ("from", "to"))
    if start and end and end <= start:
        raise BadRow(
            "to_before_from",
            f"to ({row.cells['to']}) is not after from ({row.cells['from']})",
        )
    level, area_id = areas[area]
    return Post(staff_code, _ROLES[role], level, area_id, start, end)


def _instant(row: TemplateRow, name: str, *, open_ends: bool) -> datetime | None:
    at = row.start if name == "from" else row.end
    if at is None:
        if not open_ends:
            raise BadRow("time_missing", f"{name} is empty")
        return None
    if np.isnat(at) or not _FIRST <= at < _LAST:
        raise BadRow(
            "time_unreadable", f"{name} is no time such as 2026-03-01 08:05: {row.cells[name]!r}"
        )
    return pd.Timestamp(at, tz=UTC).to_pydatetime()


def overlap_faults(posts: Sequence[tuple[int, Post]]) -> list[RowFault]:
    """Rows (line, post) that put one person in one role in one area twice at the same time."""

    def key(entry: tuple[int, Post]) -> tuple[str, str, str, int]:
        post = entry[1]
        return post.staff_code, post.role, post.level, post.area_id

    def order(entry: tuple[int, Post]) -> tuple[datetime, int]:
        return entry[1].start or _BEGINNINGLESS, entry[0]

    faults = []
    for _, group in groupby(sorted(posts, key=key), key):
        last_line, last_end = 0, _BEGINNINGLESS
        for line, post in sorted(group, key=order):
            start, end = post.start or _BEGINNINGLESS, post.end or _ENDLESS
            if last_line and start < last_end:
                first, second = sorted((last_line, line))
                faults.append(
                    RowFault(
                        second,
                        "overlapping_rows",
                        f"{post.staff_code} has the same role in the same area on line {first},"
                        " at a time that overlaps",
                    )
                )
            if end > last_end or not last_line:
                last_line, last_end = line, end
    return faults
