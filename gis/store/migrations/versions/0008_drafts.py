"""Drafts of boundaries, their operations, what these made, and the codes they reserve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("base_version_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("applied", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("submitted_by", sa.Text()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("published_version_id", sa.Integer()),
        sa.CheckConstraint(
            "state IN ('open', 'submitted', 'approved', 'published', 'discarded')",
            name=op.f("ck_drafts_state"),
        ),
        sa.CheckConstraint("applied >= 0", name=op.f("ck_drafts_applied")),
        sa.ForeignKeyConstraint(
            ["base_version_id"], ["boundary_versions.id"], name="fk_drafts_base_version_id"
        ),
        sa.ForeignKeyConstraint(
            ["published_version_id"],
            ["boundary_versions.id"],
            name="fk_drafts_published_version_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_changed_at", "drafts", ["changed_at"])
    op.create_table(
        "draft_operations",
        _of_draft("draft_operations"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("operation", postgresql.JSONB(), nullable=False),
        sa.Column("codes", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "place", name="pk_draft_operations"),
    )
    op.create_table(
        "draft_changes",
        _of_draft("draft_changes"),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("community", sa.Text()),
        sa.Column("shape", sa.LargeBinary()),
        sa.CheckConstraint(
            "num_nulls(name, kind, community, shape) IN (0, 4)", name=op.f("ck_draft_changes_whole")
        ),
        sa.PrimaryKeyConstraint("draft_id", "place", "code", name="pk_draft_changes"),
    )
    op.create_table(
        "reserved_codes",
        sa.Column("code", sa.Text(), nullable=False),
        _of_draft("reserved_codes"),
        sa.PrimaryKeyConstraint("code", name="pk_reserved_codes"),
    )
    op.create_index("ix_reserved_codes_draft_id", "reserved_codes", ["draft_id"])


def _of_draft(table: str) -> sa.Column[int]:
    return sa.Column(
        "draft_id",
        sa.Integer(),
        sa.ForeignKey("drafts.id", name=f"fk_{table}_draft_id", ondelete="CASCADE"),
        nullable=False,
    )
