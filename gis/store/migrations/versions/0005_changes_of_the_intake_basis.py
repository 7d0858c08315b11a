"""That something changed which incoming reports are checked, placed or answered by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# By chance, so that a city restored to an earlier day and then changed has another sum than
# it had before, where a mere count would come round to the same one.
_MARK = "1 + floor(random() * 4294967296)::bigint"
_BASIS = ("boundary_versions", "categories", "channel_keys", "staff", "duties", "assignments")


def upgrade() -> None:
    op.create_table(
        "intake_basis_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("mark", sa.BigInteger(), server_default=sa.text(_MARK), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intake_basis_changes"),
    )
    note = "INSERT INTO intake_basis_changes DEFAULT VALUES"
    for name, body in (
        # A statement that touched no row has changed nothing.
        ("note_intake_basis", f"IF EXISTS (SELECT FROM touched) THEN {note}; END IF"),
        ("note_intake_basis_emptied", note),
    ):
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {body}; RETURN NULL; END $$"
        )
    for table in _BASIS:
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER note_intake_basis_after_{event.lower()} AFTER {event} ON {table}"
                f" REFERENCING {rows} TABLE AS touched"
                " FOR EACH STATEMENT EXECUTE FUNCTION note_intake_basis()"
            )
        op.execute(
            f"CREATE TRIGGER note_intake_basis_after_truncate AFTER TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION note_intake_basis_emptied()"
        )
