"""What the vector tiles are cut from: shapes simplified per zoom, and version numbers.

The whole coverage is simplified once per zoom when a version is published, so
that a tile is a clip, not a computation, and shared edges stay shared.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, BigId, one_of

SHAPE_LAYERS = ("townships", "communities", "grids", "edges")


class TileShape(Base):
    """One polygon (or one edge) of one version as drawn at one zoom, in EPSG:3857.

    ``feature_id`` is the township's, community's or grid's id; for ``edges`` it
    is the level: 0 city outline, 1 township, 2 community, 3 grid.
    """

    __tablename__ = "tile_shapes"
    id: Mapped[BigId]
    version_id: Mapped[int] = mapped_column(ForeignKey("boundary_versions.id"))
    layer: Mapped[str]
    zoom: Mapped[int] = mapped_column(SmallInteger)
    feature_id: Mapped[int]
    geometry: Mapped[Any] = mapped_column(
        Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False
    )
    __table_args__ = (
        CheckConstraint(one_of("layer", SHAPE_LAYERS), name="layer"),
        Index(
            "ix_tile_shapes_cut", "version_id", "layer", "zoom", "geometry", postgresql_using="gist"
        ),
    )


class TileVersion(Base):
    """A number that grows whenever a layer's tiles change; part of their ETag."""

    __tablename__ = "tile_versions"
    layer: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
