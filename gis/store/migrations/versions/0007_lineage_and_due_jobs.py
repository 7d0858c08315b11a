"""Which grid became which at each version, and work that is due at an instant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grid_lineages",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("old_grid_id", sa.Integer(), nullable=False),
        sa.Column("new_grid_id", sa.Integer(), nullable=False),
        sa.Column("area_m2", sa.Float(precision=53), nullable=False),
        sa.Column("area_share", sa.Float(precision=53), nullable=False),
        sa.Column("households_share", sa.Float(precision=53)),
        sa.CheckConstraint(
            "area_share > 0 AND area_share <= 1", name=op.f("ck_grid_lineages_area_share")
        ),
        sa.CheckConstraint(
            "households_share BETWEEN 0 AND 1", name=op.f("ck_grid_lineages_households_share")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["boundary_versions.id"], name="fk_grid_lineages_version_id"
        ),
        sa.ForeignKeyConstraint(["old_grid_id"], ["grids.id"], name="fk_grid_lineages_old_grid_id"),
        sa.ForeignKeyConstraint(["new_grid_id"], ["grids.id"], name="fk_grid_lineages_new_grid_id"),
        sa.PrimaryKeyConstraint(
            "version_id", "old_grid_id", "new_grid_id", name="pk_grid_lineages"
        ),
    )
    op.create_index("ix_grid_lineages_new_grid_id", "grid_lineages", ["new_grid_id"])
    op.execute(
        "CREATE TRIGGER grid_lineages_unalterable"
        " BEFORE UPDATE OR DELETE OR TRUNCATE ON grid_lineages"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.create_table(
        "due_jobs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_due_jobs_attempts")),
        sa.PrimaryKeyConstraint("id", name="pk_due_jobs"),
    )
    op.create_index(
        "ix_due_jobs_undone_kind_due_at",
        "due_jobs",
        ["kind", "due_at", "id"],
        postgresql_where=sa.text("done_at IS NULL"),
    )
