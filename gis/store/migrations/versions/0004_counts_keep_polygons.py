"""Counts keep the polygon they were given for, so that any boundaries can split them."""

from __future__ import annotations

from alembic import op
from geoalchemy2 import Geometry

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("building_counts", "point", new_column_name="geometry")
    op.alter_column(
        "building_counts",
        "geometry",
        type_=Geometry("GEOMETRY", srid=4326, spatial_index=False),
        existing_nullable=False,
    )
    op.create_check_constraint(
        op.f("ck_building_counts_geometry"),
        "building_counts",
        "GeometryType(geometry) IN ('POINT', 'POLYGON', 'MULTIPOLYGON')",
    )
    op.execute("ALTER INDEX ix_building_counts_point RENAME TO ix_building_counts_geometry")
