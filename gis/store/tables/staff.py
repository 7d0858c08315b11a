"""Staff, their standing assignments and the duty roster.

Both tables bind a person to exactly one area (a grid, a community or a
township) for an interval ``[from, to)``. The exclusion constraint stops the same
person being entered twice for the same area, role and time; two different
persons on duty at once are legal.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Sequence,
    literal_column,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, SmallId, one_of

# Assignments and duties draw their ids from one sequence, so that the row a case
# names as the reason for its person is one row, whichever table it is in.
POST_IDS = Sequence("post_ids", metadata=Base.metadata)

STAFF_ROLES = ("grid_lead", "worker", "micro_lead", "liaison", "stationed", "on_call")


class StaffMember(Base):
    """One person who answers for grids."""

    __tablename__ = "staff"
    id: Mapped[SmallId]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


def _post_id() -> Mapped[int]:
    return mapped_column(
        BigInteger, POST_IDS, server_default=POST_IDS.next_value(), primary_key=True
    )


def _area_rules(table: str, interval: str) -> tuple[Any, ...]:
    area: list[tuple[Any, str]] = [
        (literal_column(f"coalesce({column}, 0)"), "=")
        for column in ("grid_id", "community_id", "township_id")
    ]
    return (
        CheckConstraint(one_of("role", STAFF_ROLES), name="role"),
        CheckConstraint("num_nonnulls(grid_id, community_id, township_id) = 1", name="one_area"),
        CheckConstraint(f"NOT isempty({interval})", name="interval"),
        ExcludeConstraint(
            (Column("staff_id"), "="),
            *area,
            (Column("role"), "="),
            (Column(interval), "&&"),
            name=f"ex_{table}_once",
            using="gist",
        ),
        *(
            Index(
                f"ix_{table}_{column}_{interval}",
                column,
                interval,
                postgresql_using="gist",
                postgresql_where=literal_column(f"{column} IS NOT NULL"),
            )
            for column in ("grid_id", "community_id", "township_id")
        ),
    )


class Assignment(Base):
    """A role in an area, from–to (open ends allowed)."""

    __tablename__ = "assignments"
    id: Mapped[int] = _post_id()
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[str]
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("communities.id"))
    township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"))
    valid: Mapped[Any] = mapped_column(TSTZRANGE, nullable=False)
    __table_args__ = _area_rules("assignments", "valid")


class Duty(Base):
    """Who answers for an area during a shift."""

    __tablename__ = "duties"
    id: Mapped[int] = _post_id()
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[str]
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grids.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("communities.id"))
    township_id: Mapped[int | None] = mapped_column(ForeignKey("townships.id"))
    during: Mapped[Any] = mapped_column(TSTZRANGE, nullable=False)
    __table_args__ = _area_rules("duties", "during")
