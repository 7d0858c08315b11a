"""Users and their sessions. Signing in comes with its own part; the rows live here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, SmallId, one_of

ACCOUNT_ROLES = (
    "reporter", "contributor", "worker", "grid_lead", "command_room", "dispatcher", "planner",
    "leader", "department", "admin",
)  # fmt: skip


class User(Base):
    """An account: a role, optionally an area (a code of any level) and a staff member."""

    __tablename__ = "users"
    id: Mapped[SmallId]
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    area_code: Mapped[str | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    disabled_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint(one_of("role", ACCOUNT_ROLES), name="role"),)


class Session(Base):
    """A signed-in session; only a hash of its token is kept."""

    __tablename__ = "sessions"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
