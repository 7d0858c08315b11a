"""Reports as they came in, and the cases they belong to.

A report keeps the coordinates, datum and times as given; beside them stand the
WGS84 point, the grid, the person, and the reason for both. Free text is sealed
with a key of its own (``report_keys``): deleting the key is forgetting the text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, BigId, one_of

CASE_KINDS = ("event", "dispute", "consultation", "finding")
CASE_STATES = (
    "received", "registered", "dispatched", "handling", "suspended", "fed_back", "verified",
    "evaluated", "closed", "rejected", "merged", "historic",
)  # fmt: skip
FINAL_STATES = ("closed", "rejected", "merged", "historic")
SET_ASIDE_STATES = ("rejected", "merged")
OPEN_STATES = tuple(state for state in CASE_STATES if state not in FINAL_STATES)
CASE_URGENCIES = ("normal", "urgent")
CHANNELS = ("web", "contributor", "staff", "hotline", "program", "open311", "import")
GRID_REASONS = ("inside", "edge", "nearest", "outside")
TIME_FLAGS = ("client_time_refused", "ambiguous_hour", "missing_hour")
DATUMS = ("wgs84", "gcj02", "bd09", "cgcs2000")


def _point() -> Mapped[Any]:
    return mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)


class Category(Base):
    """A category this city knows beside the profile's."""

    __tablename__ = "categories"
    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]


class Case(Base):
    """What is handled; it has one or more reports.

    ``cell`` is the H3 index of ``point`` at resolution 11 (``gis.cells.CASE_RESOLUTION``).
    ``grid_id`` in ``version_id`` is the grid of the case's own time and never
    changes; ``today_grid_id`` follows the boundary version in force. A held case
    came from a reporter over the limit: only the command room sees it until released.
    """

    __tablename__ = "cases"
    number: Mapped[BigId]
    kind: Mapped[str]
    state: Mapped[str]
    urgency: Mapped[str] = mapped_column(server_default=text("'normal'"))
    category: Mapped[str]
    channel: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    point: Mapped[Any] = _point()
    cell: Mapped[int] = mapped_column(BigInteger)
    version_id: Mapped[int | None]
    grid_id: Mapped[int | None]
    grid_reason: Mapped[str]
    today_grid_id: Mapped[int | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    staff_role: Mapped[str | None]
    staff_rule: Mapped[int | None] = mapped_column(SmallInteger)
    staff_row: Mapped[int | None] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    held_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(
            ["version_id", "grid_id"], ["grid_versions.version_id", "grid_versions.grid_id"]
        ),
        CheckConstraint(one_of("kind", CASE_KINDS), name="kind"),
        CheckConstraint(one_of("state", CASE_STATES), name="state"),
        CheckConstraint(one_of("urgency", CASE_URGENCIES), name="urgency"),
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(one_of("grid_reason", GRID_REASONS), name="grid_reason"),
        CheckConstraint("(grid_id IS NULL) = (grid_reason = 'outside')", name="outside"),
        CheckConstraint("staff_rule BETWEEN 1 AND 5", name="staff_rule"),
        Index("ix_cases_point", "point", postgresql_using="gist"),
        Index("ix_cases_occurred_at_number", "occurred_at", "number"),
        Index("ix_cases_category_occurred_at", "category", "occurred_at"),
        Index("ix_cases_grid_id_occurred_at", "grid_id", "occurred_at"),
        Index(
            "ix_cases_open_state_received_at",
            "state",
            "received_at",
            postgresql_where=text(f"NOT ({one_of('state', FINAL_STATES)})"),
        ),
        Index(
            "ix_cases_set_aside_state_occurred_at",
            "state",
            "occurred_at",
            "number",
            postgresql_where=text(one_of("state", SET_ASIDE_STATES)),
        ),
        Index("ix_cases_held_at", "held_at", postgresql_where=text("held_at IS NOT NULL")),
    )


class CaseBlockChange(Base):
    """That final cases of a block of numbers were added, altered or deleted.

    Written by triggers of ``cases`` in the same transaction. A block's ``changes`` only
    grow in sum, so what was read of the block at one sum holds for as long as the sum does.
    """

    __tablename__ = "case_block_changes"
    id: Mapped[BigId]
    block: Mapped[int] = mapped_column(BigInteger)
    changes: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))


class Report(Base):
    """One submission, kept as it came in."""

    __tablename__ = "reports"
    id: Mapped[BigId]
    case_number: Mapped[int] = mapped_column(ForeignKey("cases.number"), index=True)
    channel: Mapped[str]
    external_id: Mapped[str]
    content_hash: Mapped[bytes]
    receipt_hash: Mapped[bytes | None]
    category: Mapped[str]
    given_x: Mapped[float] = mapped_column(Float(53))
    given_y: Mapped[float] = mapped_column(Float(53))
    given_datum: Mapped[str]
    accuracy_m: Mapped[float | None] = mapped_column(REAL)
    client_time: Mapped[datetime | None]
    received_at: Mapped[datetime]
    stored_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    occurred_at: Mapped[datetime]
    time_flag: Mapped[str | None]
    point: Mapped[Any] = _point()
    version_id: Mapped[int | None]
    grid_id: Mapped[int | None]
    grid_reason: Mapped[str]
    staff_id: Mapped[int | None]
    staff_rule: Mapped[int | None] = mapped_column(SmallInteger)
    staff_row: Mapped[int | None] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index(
            "ix_reports_received_at",
            "received_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 16, "autosummarize": True},
        ),
        Index(
            "uq_reports_receipt_hash",
            "receipt_hash",
            unique=True,
            postgresql_where=text("receipt_hash IS NOT NULL"),
        ),
        CheckConstraint(one_of("channel", CHANNELS), name="channel"),
        CheckConstraint(one_of("given_datum", DATUMS), name="given_datum"),
        CheckConstraint(one_of("grid_reason", GRID_REASONS), name="grid_reason"),
        CheckConstraint(one_of("time_flag", TIME_FLAGS), name="time_flag"),
    )


class ReportText(Base):
    """The reporter's words, sealed (AES-GCM) with the key in ``report_keys``."""

    __tablename__ = "report_texts"
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    sealed: Mapped[bytes]


class ReportKey(Base):
    """The key that opens one report's texts; retention deletes the row."""

    __tablename__ = "report_keys"
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    key: Mapped[bytes]
