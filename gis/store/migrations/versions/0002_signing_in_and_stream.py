"""Keys and identities, the journal's order, held cases, background shapes and counts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from gis.store.tables.journal import TransactionId

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _accounts()
    _journal()
    op.add_column("cases", sa.Column("held_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_cases_held_at", "cases", ["held_at"], postgresql_where=sa.text("held_at IS NOT NULL")
    )
    _background()


def _accounts() -> None:
    op.alter_column("users", "password_hash", nullable=True)
    op.add_column("users", sa.Column("department", sa.Text()))
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])
    op.create_table(
        "channel_keys",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "channel IN ('web', 'contributor', 'staff', 'hotline', 'program', 'open311', 'import')",
            name=op.f("ck_channel_keys_channel"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_channel_keys"),
        sa.UniqueConstraint("name", name="uq_channel_keys_name"),
        sa.UniqueConstraint("key_hash", name="uq_channel_keys_key_hash"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures > 0", name=op.f("ck_sign_in_failures_failures")),
        sa.PrimaryKeyConstraint("subject_hash", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_last_failed_at", "sign_in_failures", ["last_failed_at"])


def _journal() -> None:
    # The rows there are count as written by this transaction: all are older than any stamp.
    op.add_column(
        "journal",
        sa.Column(
            "xid",
            TransactionId(),
            server_default=sa.text("pg_current_xact_id()"),
            nullable=False,
        ),
    )
    op.create_index("ix_journal_xid", "journal", ["xid"])
    op.create_table(
        "journal_stamps",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("journal_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["journal_id"], ["journal.id"], name="fk_journal_stamps_journal_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_journal_stamps"),
        sa.UniqueConstraint("journal_id", name="uq_journal_stamps_journal_id"),
    )
    op.execute(
        "CREATE TRIGGER journal_stamps_unalterable"
        " BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_stamps"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _background() -> None:
    op.create_table(
        "background_shapes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text()),
        sa.Column("name_en", sa.Text()),
        sa.Column(
            "geometry",
            Geometry(geometry_type="GEOMETRY", srid=4326, spatial_index=False),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('water', 'river', 'stream', 'hill', 'main_road', 'road')",
            name=op.f("ck_background_shapes_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_background_shapes"),
    )
    op.create_index(
        "ix_background_shapes_geometry", "background_shapes", ["geometry"], postgresql_using="gist"
    )
    op.create_table(
        "building_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "point", Geometry(geometry_type="POINT", srid=4326, spatial_index=False), nullable=False
        ),
        sa.Column("households", sa.Integer()),
        sa.Column("population", sa.Integer()),
        sa.CheckConstraint("households >= 0", name=op.f("ck_building_counts_households")),
        sa.CheckConstraint("population >= 0", name=op.f("ck_building_counts_population")),
        sa.PrimaryKeyConstraint("id", name="pk_building_counts"),
    )
    op.create_index(
        "ix_building_counts_point", "building_counts", ["point"], postgresql_using="gist"
    )
