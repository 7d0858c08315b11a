"""What has been told to everybody: one release a month, and its rows."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger, Text, func, literal
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base


class OpenRelease(Base):
    """A month that was released, by which rules, and the categories that were looked at.

    ``month`` is its first day by the clock of ``timezone``. Cases of ``[from_at, to_at)`` were
    counted, and no instant is in two releases. Triggers refuse any change, counts below the
    least, and rows that come in another transaction than the release.
    """

    __tablename__ = "open_releases"
    month: Mapped[date] = mapped_column(primary_key=True)
    from_at: Mapped[datetime]
    to_at: Mapped[datetime]
    timezone: Mapped[str]
    least: Mapped[int]
    coarsest: Mapped[int] = mapped_column(SmallInteger)
    finest: Mapped[int] = mapped_column(SmallInteger)
    wait_days: Mapped[int]
    categories: Mapped[list[str]] = mapped_column(ARRAY(Text))
    released_at: Mapped[datetime]
    stored_at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = (
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("from_at < to_at AND to_at <= released_at", name="closed"),
        CheckConstraint("least >= 2", name="least"),
        CheckConstraint("0 <= coarsest AND coarsest <= finest", name="resolutions"),
        ExcludeConstraint(
            (func.tstzrange(literal("from_at"), literal("to_at")), "&&"),
            name="ex_open_releases_span",
            using="gist",
        ),
    )


class OpenCount(Base):
    """A row: so many cases of a category in a month on an H3 cell, never fewer than the least.

    Rows of a month and category share no ground.
    """

    __tablename__ = "open_counts"
    month: Mapped[date] = mapped_column(ForeignKey("open_releases.month"), primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    count: Mapped[int]
    __table_args__ = (CheckConstraint("count >= 2", name="count"),)
