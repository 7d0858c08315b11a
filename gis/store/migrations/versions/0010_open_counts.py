"""Counts that are told to everybody: a month is released once, and stays as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "open_releases",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("to_at", INSTANT, nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("coarsest", sa.SmallInteger(), nullable=False),
        sa.Column("finest", sa.SmallInteger(), nullable=False),
        sa.Column("wait_days", sa.Integer(), nullable=False),
        sa.Column("categories", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("released_at", INSTANT, nullable=False),
        sa.Column("stored_at", INSTANT, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_open_releases_month")),
        sa.CheckConstraint(
            "from_at < to_at AND to_at <= released_at", name=op.f("ck_open_releases_closed")
        ),
        sa.CheckConstraint("least >= 2", name=op.f("ck_open_releases_least")),
        sa.CheckConstraint(
            "0 <= coarsest AND coarsest <= finest", name=op.f("ck_open_releases_resolutions")
        ),
        postgresql.ExcludeConstraint(
            (sa.text("tstzrange(from_at, to_at)"), "&&"), name="ex_open_releases_span", using="gist"
        ),
        sa.PrimaryKeyConstraint("month", name="pk_open_releases"),
    )
    op.create_table(
        "open_counts",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count >= 2", name=op.f("ck_open_counts_count")),
        sa.ForeignKeyConstraint(["month"], ["open_releases.month"], name="fk_open_counts_month"),
        sa.PrimaryKeyConstraint("month", "category", "cell", name="pk_open_counts"),
    )
    for table in ("open_releases", "open_counts"):
        op.execute(
            f"CREATE TRIGGER {table}_unalterable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    # now() is when the transaction began: a row of any other one is late.
    op.execute("""
        CREATE FUNCTION refuse_wrong_counts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (
                SELECT FROM added JOIN open_releases AS release USING (month)
                WHERE added.count < release.least
            ) THEN
                RAISE EXCEPTION 'a count below the least is not released'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF EXISTS (
                SELECT FROM added JOIN open_releases AS release USING (month)
                WHERE release.stored_at <> now()
            ) THEN
                RAISE EXCEPTION 'a released month gets no more rows'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute(
        "CREATE TRIGGER open_counts_hold AFTER INSERT ON open_counts"
        " REFERENCING NEW TABLE AS added"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_wrong_counts()"
    )
