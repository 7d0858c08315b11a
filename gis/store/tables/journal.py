"""The append-only journal, audit trail and live stream, and the order given to its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from gis.store.tables.base import Base, BigId


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's ``xid8``: a transaction's number, never used again."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The type's name in SQL."""
        return "xid8"


# So that reading a schema back (as comparing models with tables does) knows the type.
ischema_names["xid8"] = TransactionId


class JournalRow(Base):
    """One change: who did what to which subject, the values before and after.

    Holds no contact data, photo content or free text. A trigger refuses
    UPDATE, DELETE and TRUNCATE. ``xid`` is the writing transaction: by it the stamper
    finds what was committed since it last looked.
    """

    __tablename__ = "journal"
    id: Mapped[BigId]
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    actor: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    before: Mapped[Any] = mapped_column(JSONB, nullable=True)
    after: Mapped[Any] = mapped_column(JSONB, nullable=True)
    xid: Mapped[int] = mapped_column(
        TransactionId, server_default=text("pg_current_xact_id()"), index=True
    )


class JournalStamp(Base):
    """A committed journal row's place in the one order, and the hash that chains it.

    ``position`` starts at 1 and has no gap. A trigger refuses UPDATE, DELETE and TRUNCATE.
    """

    __tablename__ = "journal_stamps"
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    journal_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("journal.id"), unique=True)
    hash: Mapped[bytes]
