"""Who may come in: accounts, their sessions, identities elsewhere, keys of channels."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, SmallId, one_of
from gis.store.tables.cases import CHANNELS

ACCOUNT_ROLES = (
    "reporter", "contributor", "worker", "grid_lead", "command_room", "dispatcher", "planner",
    "leader", "department", "admin",
)  # fmt: skip


class User(Base):
    """An account: a role, optionally an area (a code of any level) and a staff member.

    ``department`` is a code of the city's profile. Without a password the account only
    comes in through an identity provider.
    """

    __tablename__ = "users"
    id: Mapped[SmallId]
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str | None]
    area_code: Mapped[str | None]
    department: Mapped[str | None]
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


class Identity(Base):
    """An account's name at an identity provider (OpenID Connect issuer and subject)."""

    __tablename__ = "identities"
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)


class ChannelKey(Base):
    """A key with which a program reports through a channel; only its hash is kept."""

    __tablename__ = "channel_keys"
    id: Mapped[SmallId]
    name: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    revoked_at: Mapped[datetime | None]
    __table_args__ = (CheckConstraint(one_of("channel", CHANNELS), name="channel"),)


class SignInFailure(Base):
    """Wrong passwords in a row for one subject: an account's name or an address, hashed."""

    __tablename__ = "sign_in_failures"
    subject_hash: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)
    __table_args__ = (CheckConstraint("failures > 0", name="failures"),)
