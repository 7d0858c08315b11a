"""Cases that were rejected or merged are found without reading all that were closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One or two of a hundred cases: an index of all final states would be written at each closing.
    op.create_index(
        "ix_cases_set_aside_state_occurred_at",
        "cases",
        ["state", "occurred_at", "number"],
        postgresql_where=sa.text("state IN ('rejected', 'merged')"),
    )
