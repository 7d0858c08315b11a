"""What the map shows beside the grids, and how many live where. Counts, never people."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, BigId, one_of

COUNTED_SHAPES = ("POINT", "POLYGON", "MULTIPOLYGON")
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
    """Households and population counted at a building; a city without counts has no rows.

    The shape is as it was given, degrees (EPSG:4326): a point, or the polygon over which
    the counts are spread. Which grids it lies in is a boundary version's matter.
    """

    __tablename__ = "building_counts"
    id: Mapped[BigId]
    geometry: Mapped[Any] = mapped_column(
        Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False
    )
    households: Mapped[int | None]
    population: Mapped[int | None]
    __table_args__ = (
        CheckConstraint(one_of("GeometryType(geometry)", COUNTED_SHAPES), name="geometry"),
        CheckConstraint("households >= 0", name="households"),
        CheckConstraint("population >= 0", name="population"),
        Index("ix_building_counts_geometry", "geometry", postgresql_using="gist"),
    )
