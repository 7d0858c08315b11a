"""Which blocks of cases had a final case changed; reports found by the time of receipt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# 2^14 case numbers a block, as gis.store.case_blocks.BLOCK_BITS.
_FINAL = "state IN ('closed', 'rejected', 'merged', 'historic')"
# What happened to cases: the rows a trigger sees by it, and the numbers of those to note.
_SEEN = {
    "INSERT": ("NEW TABLE AS added", "SELECT number, state FROM added"),
    "UPDATE": (
        "OLD TABLE AS gone NEW TABLE AS added",
        "SELECT number, state FROM gone UNION ALL SELECT number, state FROM added",
    ),
    "DELETE": ("OLD TABLE AS gone", "SELECT number, state FROM gone"),
}


def upgrade() -> None:
    op.create_table(
        "case_block_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_block_changes"),
    )
    op.execute(_noting("cases"))
    for event, (tables, rows) in _SEEN.items():
        name = f"note_cases_after_{event.lower()}"
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {_noting(f'({rows})')}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON cases REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
    # A few kilobytes for a year of reports; rows are stored nearly in order of receipt.
    op.create_index(
        "ix_reports_received_at",
        "reports",
        ["received_at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 16, "autosummarize": True},
    )


def _noting(rows: str) -> str:
    numbers = f"SELECT number >> 14 FROM {rows} AS touched WHERE {_FINAL}"  # noqa: S608
    return f"INSERT INTO case_block_changes (block) {numbers} GROUP BY 1"
