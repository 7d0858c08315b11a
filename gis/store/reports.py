"""Writing chunks of a file's reports with their cases; reading reports.

What comes in just now is stored by ``gis.store.intake``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.cells import CASE_RESOLUTION, cells_of
from gis.store.copying import copy_into, ewkb_points
from gis.store.tables.cases import ReportKey, ReportText

SHARED_COLUMNS = (
    "channel", "category", "occurred_at", "received_at", "version_id", "grid_id", "grid_reason",
    "staff_id", "staff_rule", "staff_row",
)  # fmt: skip
CASE_COLUMNS = ("kind", "state", "urgency", "today_grid_id", "staff_role")
REPORT_COLUMNS = (
    "external_id", "content_hash", "given_x", "given_y", "given_datum", "accuracy_m",
    "client_time", "time_flag",
)  # fmt: skip

_STORED = frozenset(SHARED_COLUMNS + CASE_COLUMNS + REPORT_COLUMNS)


@dataclass(frozen=True, slots=True)
class KnownReport:
    """A report already stored under the same channel and key."""

    report_id: int
    case_number: int
    content_hash: bytes


async def add_reports(tx: AsyncConnection, rows: pd.DataFrame) -> NDArray[np.int64]:
    """Store a chunk of reports, each opening a case of its own; answers the case numbers.

    Parameters
    ----------
    rows
        ``SHARED_COLUMNS``, ``CASE_COLUMNS``, ``REPORT_COLUMNS``, and ``lng``,
        ``lat`` (WGS84 degrees). Ids that are absent are NA, ``content_hash`` is
        bytes, times are aware. Ids not stored yet (see ``known_reports``).
    """
    numbers = await _next_case_numbers(tx, len(rows))
    cases, stored = await asyncio.to_thread(_columns, rows, numbers)
    await copy_into(tx, "cases", cases)
    await copy_into(tx, "reports", stored)
    return numbers


def _columns(
    rows: pd.DataFrame, numbers: NDArray[np.int64]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of the cases and of the reports."""
    column = {name: pa.Array.from_pandas(rows[name]) for name in rows.columns if name in _STORED}
    shared = {name: column[name] for name in SHARED_COLUMNS}
    lng, lat = rows["lng"].to_numpy(float), rows["lat"].to_numpy(float)
    shared["point"] = ewkb_points(lng, lat)
    of_case = {name: column[name] for name in CASE_COLUMNS}
    # An H3 index is below 2**63.
    of_case["cell"] = cells_of(lng, lat, CASE_RESOLUTION).astype(np.int64)
    return (
        {"number": numbers} | of_case | shared,
        {"case_number": numbers} | {name: column[name] for name in REPORT_COLUMNS} | shared,
    )


async def known_reports(
    tx: AsyncConnection, channel: str, external_ids: Sequence[str]
) -> dict[str, KnownReport]:
    """Which of these ids the channel has stored already, and with what content."""
    rows = await tx.execute(
        text(
            "SELECT external_id, id, case_number, content_hash FROM reports"
            " WHERE channel = :channel AND external_id = ANY(CAST(:ids AS text[]))"
        ),
        {"channel": channel, "ids": list(external_ids)},
    )
    return {row.external_id: KnownReport(row.id, row.case_number, row.content_hash) for row in rows}


async def report_ids(tx: AsyncConnection, case_numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ids of the reports of cases that have one each, in the order of ``case_numbers``."""
    found = await tx.execute(
        text(
            "SELECT array_agg(reports.id ORDER BY asked.place)"
            " FROM unnest(CAST(:numbers AS bigint[])) WITH ORDINALITY AS asked(number, place)"
            " JOIN reports ON reports.case_number = asked.number"
        ),
        {"numbers": case_numbers.tolist()},
    )
    return np.array(found.scalar_one() or [], dtype=np.int64)


async def add_texts(
    tx: AsyncConnection, ids: NDArray[np.int64], sealed: Sequence[bytes], keys: Sequence[bytes]
) -> None:
    """Keep reports' sealed words and, apart from them, the keys that open them."""
    await copy_into(tx, "report_texts", {"report_id": ids, "sealed": pa.array(sealed, pa.binary())})
    await copy_into(tx, "report_keys", {"report_id": ids, "key": pa.array(keys, pa.binary())})


async def sealed_text(tx: AsyncConnection, report_id: int) -> tuple[bytes, bytes] | None:
    """A report's sealed words and their key; None when there are none or the key is gone."""
    row = (
        await tx.execute(
            select(ReportText.sealed, ReportKey.key)
            .join(ReportKey, ReportKey.report_id == ReportText.report_id)
            .where(ReportText.report_id == report_id)
        )
    ).one_or_none()
    return None if row is None else (row.sealed, row.key)


async def export_reports(tx: AsyncConnection, *, after_id: int, limit: int) -> pd.DataFrame:
    """Reports by id with their placement, a page at a time.

    Columns ``id, external_id, lng, lat, category, occurred_at, grid_code,
    grid_reason, staff, staff_rule``; WGS84 degrees.
    """
    rows = await tx.execute(
        text(
            """
            SELECT reports.id, external_id, ST_X(point) AS lng, ST_Y(point) AS lat, category,
                   occurred_at, grids.code AS grid_code, grid_reason, staff.code AS staff,
                   staff_rule
            FROM reports
            LEFT JOIN grids ON grids.id = reports.grid_id
            LEFT JOIN staff ON staff.id = reports.staff_id
            WHERE reports.id > :after ORDER BY reports.id LIMIT :limit
            """
        ),
        {"after": after_id, "limit": limit},
    )
    return pd.DataFrame(rows.all(), columns=list(rows.keys()))


async def _next_case_numbers(tx: AsyncConnection, count: int) -> NDArray[np.int64]:
    # One array, not a row each: 66,000 rows take half a second to fetch, the array 10 ms.
    found = await tx.execute(
        text("SELECT array_agg(nextval('cases_number_seq')) FROM generate_series(1, :count)"),
        {"count": count},
    )
    return np.array(found.scalar_one() or [], dtype=np.int64)
