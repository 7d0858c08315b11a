"""Which grid became which, from one boundary version to the next."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base


class GridLineage(Base):
    """Ground that was of one grid and is of another since ``version_id``.

    Shares are those of the old grid; that of households is NULL where none were counted. A
    grid that is the same in both versions has no row. A trigger refuses any change.
    """

    __tablename__ = "grid_lineages"
    version_id: Mapped[int] = mapped_column(ForeignKey("boundary_versions.id"), primary_key=True)
    old_grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), primary_key=True)
    new_grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), primary_key=True)
    area_m2: Mapped[float] = mapped_column(Float(53))
    area_share: Mapped[float] = mapped_column(Float(53))
    households_share: Mapped[float | None] = mapped_column(Float(53))
    __table_args__ = (
        CheckConstraint("area_share > 0 AND area_share <= 1", name="area_share"),
        CheckConstraint("households_share BETWEEN 0 AND 1", name="households_share"),
        Index("ix_grid_lineages_new_grid_id", "new_grid_id"),
    )
