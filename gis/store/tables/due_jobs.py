"""Work that is due at an instant, done once by whichever process comes first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, BigId


class DueJob(Base):
    """One piece of work; ``kind`` says who does it, ``payload`` what.

    ``due_at`` gives the order among those of one kind. Failed ``attempts`` put the next one
    off to ``retry_at``; ``last_error`` is that of the last. Done ones stay, as a record.
    """

    __tablename__ = "due_jobs"
    id: Mapped[BigId]
    kind: Mapped[str]
    due_at: Mapped[datetime]
    payload: Mapped[Any] = mapped_column(JSONB, nullable=False)
    retry_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[str | None]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(
            "ix_due_jobs_undone_kind_due_at",
            "kind",
            "due_at",
            "id",
            postgresql_where=text("done_at IS NULL"),
        ),
    )
