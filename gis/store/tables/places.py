"""City, township, community, grid: identities, and their shape in each boundary version.

A code is an identity for ever (it is never used again); name, kind, parent and
outline belong to a version. A version stores every grid of the city, changed or
not: 1,500 rows of about 2 kB, so that it can never be altered by a later one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Float, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gis.store.tables.base import Base, SmallId, one_of

GRID_KINDS = ("base", "dedicated")


def _polygons() -> Mapped[Any]:
    return mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False)


def _label() -> Mapped[Any]:
    return mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)


class City(Base):
    """The one city of this schema."""

    __tablename__ = "cities"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    generated: Mapped[bool] = mapped_column(server_default=text("false"))


class BoundaryVersion(Base):
    """An immutable published coverage, effective from ``effective_at`` to the next one's."""

    __tablename__ = "boundary_versions"
    id: Mapped[SmallId]
    number: Mapped[int] = mapped_column(unique=True)
    effective_at: Mapped[datetime] = mapped_column(unique=True)
    published_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    published_by: Mapped[str]
    content_hash: Mapped[bytes]
    outline: Mapped[Any] = _polygons()


class Township(Base):
    """A township's code."""

    __tablename__ = "townships"
    id: Mapped[SmallId]
    code: Mapped[str] = mapped_column(unique=True)


class Community(Base):
    """A community's code."""

    __tablename__ = "communities"
    id: Mapped[SmallId]
    code: Mapped[str] = mapped_column(unique=True)


class Grid(Base):
    """A grid's code."""

    __tablename__ = "grids"
    id: Mapped[SmallId]
    code: Mapped[str] = mapped_column(unique=True)


class TownshipVersion(Base):
    """A township in one boundary version: the union of its grids."""

    __tablename__ = "township_versions"
    version_id: Mapped[int] = mapped_column(ForeignKey("boundary_versions.id"), primary_key=True)
    township_id: Mapped[int] = mapped_column(ForeignKey("townships.id"), primary_key=True)
    name: Mapped[str]
    geometry: Mapped[Any] = _polygons()
    label: Mapped[Any] = _label()


class CommunityVersion(Base):
    """A community in one boundary version: the union of its grids."""

    __tablename__ = "community_versions"
    version_id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    township_id: Mapped[int]
    name: Mapped[str]
    geometry: Mapped[Any] = _polygons()
    label: Mapped[Any] = _label()
    __table_args__ = (
        ForeignKeyConstraint(
            ["version_id", "township_id"],
            ["township_versions.version_id", "township_versions.township_id"],
        ),
    )


class GridVersion(Base):
    """A grid in one boundary version."""

    __tablename__ = "grid_versions"
    version_id: Mapped[int] = mapped_column(primary_key=True)
    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), primary_key=True)
    community_id: Mapped[int]
    name: Mapped[str]
    kind: Mapped[str]
    area_m2: Mapped[float] = mapped_column(Float(53))
    geometry: Mapped[Any] = _polygons()
    label: Mapped[Any] = _label()
    __table_args__ = (
        ForeignKeyConstraint(
            ["version_id", "community_id"],
            ["community_versions.version_id", "community_versions.community_id"],
        ),
        CheckConstraint(one_of("kind", GRID_KINDS), name="kind"),
        Index(
            "ix_grid_versions_version_id_geometry",
            "version_id",
            "geometry",
            postgresql_using="gist",
        ),
        Index("ix_grid_versions_version_id_community_id", "version_id", "community_id"),
    )
