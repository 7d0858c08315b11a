"""What the intake of reports keeps beside the reports."""

from __future__ import annotations

from sqlalchemy import BigInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, BigId


class IntakeBasisChange(Base):
    """That something changed which reports are checked, placed or answered by.

    Written by triggers of the versions, categories, channel keys, staff, duties and
    assignments, in the same transaction. The sum of the marks, numbers above 0 drawn by
    chance, is another after each, so what was read at one sum holds for as long as it does;
    also in a city that was restored to an earlier day and then changed.
    """

    __tablename__ = "intake_basis_changes"
    id: Mapped[BigId]
    mark: Mapped[int] = mapped_column(
        BigInteger, server_default=text("1 + floor(random() * 4294967296)::bigint")
    )
