"""The append-only journal: audit trail and, later, live stream."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, BigId


class JournalRow(Base):
    """One change: who did what to which subject, the values before and after.

    Holds no contact data, photo content or free text. A trigger refuses
    UPDATE, DELETE and TRUNCATE.
    """

    __tablename__ = "journal"
    id: Mapped[BigId]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    actor: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    before: Mapped[Any] = mapped_column(JSONB, nullable=True)
    after: Mapped[Any] = mapped_column(JSONB, nullable=True)
