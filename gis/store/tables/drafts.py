"""Drafts of boundaries: a base version and the operations on it, with what each made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, SmallId, one_of

DRAFT_STATES = ("open", "submitted", "approved", "published", "discarded")


class Draft(Base):
    """A draft; ``applied`` of its operations are in force, those behind are undone.

    ``revision`` grows with every change of it, so that two people never overwrite each other.
    ``decided_by`` approved it. ``changed_by`` made the last change.
    """

    __tablename__ = "drafts"
    id: Mapped[SmallId]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    base_version_id: Mapped[int] = mapped_column(ForeignKey("boundary_versions.id"))
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    applied: Mapped[int] = mapped_column(server_default=text("0"))
    author: Mapped[str]
    created_at: Mapped[datetime]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]
    submitted_by: Mapped[str | None]
    decided_by: Mapped[str | None]
    published_version_id: Mapped[int | None] = mapped_column(ForeignKey("boundary_versions.id"))
    __table_args__ = (
        CheckConstraint(one_of("state", DRAFT_STATES), name="state"),
        CheckConstraint("applied >= 0", name="applied"),
        Index("ix_drafts_changed_at", "changed_at"),
    )


class DraftOperation(Base):
    """One operation: as it was asked for, by whom, and the codes it was given."""

    __tablename__ = "draft_operations"
    draft_id: Mapped[int] = mapped_column(
        ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    operation: Mapped[Any] = mapped_column(JSONB, nullable=False)
    codes: Mapped[Any] = mapped_column(JSONB, nullable=False)
    note: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]


class DraftChange(Base):
    """What an operation made of a grid, byte for byte; without a shape the grid is retired."""

    __tablename__ = "draft_changes"
    draft_id: Mapped[int] = mapped_column(
        ForeignKey("drafts.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str | None]
    kind: Mapped[str | None]
    community: Mapped[str | None]
    shape: Mapped[bytes | None]
    __table_args__ = (
        CheckConstraint("num_nulls(name, kind, community, shape) IN (0, 4)", name="whole"),
    )


class ReservedCode(Base):
    """A code that a draft gave to a grid: nobody else gets it while the draft is there."""

    __tablename__ = "reserved_codes"
    code: Mapped[str] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
