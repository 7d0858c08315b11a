"""What the map shows beside the grids, and how many live where. Counts, never people."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, BigId, one_of

BACKGROUND_KINDS = ("water", "river", "stream", "hill", "main_road", "road")


class BackgroundShape(Base):
    """A shape of the city's own light basemap, degrees (EPSG:4326)."""

    __tablename__ = "background_shapes"
    id: Mapped[BigId]
    kind: Mapped[str]
    name_zh: Mapped[str | None]
    name_en: Mapped[str | None]
    geometry: Mapped[Any] = mapped_column(
        Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False
    )
    __table_args__ = (
        CheckConstraint(one_of("kind", BACKGROUND_KINDS), name="kind"),
        Index("ix_background_shapes_geometry", "geometry", postgresql_using="gist"),
    )


class BuildingCount(Base):
    """Households and population counted at a building; a city without counts has no rows."""

    __tablename__ = "building_counts"
    id: Mapped[BigId]
    point: Mapped[Any] = mapped_column(
        Geometry("POINT", srid=4326, spatial_index=False), nullable=False
    )
    households: Mapped[int | None]
    population: Mapped[int | None]
    __table_args__ = (
        CheckConstraint("households >= 0", name="households"),
        CheckConstraint("population >= 0", name="population"),
        Index("ix_building_counts_point", "point", postgresql_using="gist"),
    )
