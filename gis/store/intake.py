"""Storing the reports of a moment: one statement for all tables, one row a report in each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.driver import fetch
from gis.store.intake_lookup import REVISION


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report with its case, as the columns of ``reports`` and ``cases`` hold them.

    ``lng``, ``lat`` are WGS84 degrees, ``cell`` is their H3 index, times are aware.
    ``journalled`` is the JSON object that the journal keeps of it, beside the report's id.
    """

    channel: str
    external_id: str
    content_hash: bytes
    receipt_hash: bytes
    category: str
    given_x: float
    given_y: float
    given_datum: str
    accuracy_m: float | None
    client_time: datetime | None
    time_flag: str | None
    occurred_at: datetime
    received_at: datetime
    lng: float
    lat: float
    cell: int
    version_id: int | None
    grid_id: int | None
    grid_reason: str
    staff_id: int | None
    staff_rule: int | None
    staff_row: int | None
    kind: str
    urgency: str
    today_grid_id: int | None
    staff_role: str | None
    held_at: datetime | None
    sealed: bytes
    key: bytes
    actor: str
    journalled: str


@dataclass(frozen=True, slots=True)
class Stored:
    """Ids a report got."""

    report_id: int
    case_number: int


_ARRAYS = {
    bytes: "bytea[]",
    float: "float8[]",
    int: "bigint[]",
    str: "text[]",
    datetime: "timestamptz[]",
}


def _array_of(annotation: str) -> str:
    word = annotation.removesuffix(" | None")
    return next(sent for kind, sent in _ARRAYS.items() if kind.__name__ == word)


_COLUMNS = tuple(field.name for field in fields(NewReport))
_GIVEN = ", ".join(
    f"${place}::{_array_of(str(field.type))}"
    for place, field in enumerate(fields(NewReport), start=1)
)
_OF_BOTH = """
    channel, category, occurred_at, received_at, point, version_id, grid_id, grid_reason,
    staff_id, staff_rule, staff_row
"""
# The reports go in by key, so that two batches with the same keys wait for each other in
# one order. Foreign keys are looked at when the statement ends: a case may follow its report.
_STORE = f"""
    WITH given AS MATERIALIZED (
        SELECT nextval('city.cases_number_seq') AS number,
               ST_SetSRID(ST_MakePoint(lng, lat), 4326) AS point, *
        FROM unnest({_GIVEN}) WITH ORDINALITY AS given({", ".join(_COLUMNS)}, place)
        WHERE {REVISION} = ${len(_COLUMNS) + 1}
    ), stored AS (
        INSERT INTO city.reports (
            case_number, external_id, content_hash, receipt_hash, given_x, given_y, given_datum,
            accuracy_m, client_time, time_flag, {_OF_BOTH})
        SELECT number, external_id, content_hash, receipt_hash, given_x, given_y, given_datum,
            accuracy_m, client_time, time_flag, {_OF_BOTH}
        FROM given ORDER BY channel, external_id
        ON CONFLICT (channel, external_id) DO NOTHING
        RETURNING id AS report_id, case_number
    ), fresh AS (
        SELECT * FROM given JOIN stored ON stored.case_number = given.number
    ), opened AS (
        INSERT INTO city.cases (
            number, kind, state, urgency, cell, today_grid_id, staff_role, held_at, {_OF_BOTH})
        SELECT number, kind, 'received', urgency, cell, today_grid_id, staff_role, held_at,
            {_OF_BOTH}
        FROM fresh
    ), texts AS (
        INSERT INTO city.report_texts (report_id, sealed) SELECT report_id, sealed FROM fresh
    ), keys AS (
        INSERT INTO city.report_keys (report_id, key) SELECT report_id, key FROM fresh
    ), written AS (
        INSERT INTO city.journal (actor, kind, subject, after)
        SELECT actor, 'report.received', 'case/' || number,
               jsonb_build_object('report', report_id) || journalled::jsonb
        FROM fresh ORDER BY number
    )
    SELECT place, report_id, number FROM fresh
"""  # noqa: S608 - every name is a constant of this module


async def store_reports(
    tx: AsyncConnection, rows: Collection[NewReport], revision: int
) -> dict[int, Stored]:
    """Store reports with their cases, words and journal rows; answers ids by position.

    A report whose channel and id were stored before is missing from the answer, and nothing
    of it is stored. No two of ``rows`` may have the same. All are missing when the basis of
    the intake is no longer that of ``revision``.
    """
    columns = [[getattr(row, name) for row in rows] for name in _COLUMNS]
    found = await fetch(tx, _STORE, *columns, revision)
    return {row[0] - 1: Stored(row[1], row[2]) for row in found}
