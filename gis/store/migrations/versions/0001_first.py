"""The first tables: places, staff, cases, journal, accounts, tile shapes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What is published or journalled is never altered, whoever holds the connection.
UNALTERABLE = (
    "boundary_versions",
    "township_versions",
    "community_versions",
    "grid_versions",
    "journal",
)


def upgrade() -> None:
    _create_tables()
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% rows are never altered', TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
    """)
    for table in UNALTERABLE:
        op.execute(
            f"CREATE TRIGGER {table}_unalterable BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _create_tables() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("post_ids")))
    op.create_table(
        "boundary_versions",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "published_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "outline",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, spatial_index=False),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name="pk_boundary_versions"),
        sa.UniqueConstraint("effective_at", name="uq_boundary_versions_effective_at"),
        sa.UniqueConstraint("number", name="uq_boundary_versions_number"),
    )
    op.create_table(
        "categories",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_categories"),
    )
    op.create_table(
        "cities",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("generated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_cities"),
    )
    op.create_table(
        "communities",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_communities"),
        sa.UniqueConstraint("code", name="uq_communities_code"),
    )
    op.create_table(
        "grids",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grids"),
        sa.UniqueConstraint("code", name="uq_grids_code"),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("after", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("code", name="uq_staff_code"),
    )
    op.create_table(
        "tile_versions",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("layer", name="pk_tile_versions"),
    )
    op.create_table(
        "townships",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_townships"),
        sa.UniqueConstraint("code", name="uq_townships_code"),
    )
    op.create_table(
        "assignments",
        sa.Column(
            "id",
            sa.BigInteger(),
            server_default=sa.text("nextval('post_ids')"),
            nullable=False,
        ),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("valid", postgresql.TSTZRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("staff_id"), "="),
            (sa.literal_column("coalesce(grid_id, 0)"), "="),
            (sa.literal_column("coalesce(community_id, 0)"), "="),
            (sa.literal_column("coalesce(township_id, 0)"), "="),
            (sa.column("role"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_assignments_once",
        ),
        sa.CheckConstraint(
            "role IN ('grid_lead', 'worker', 'micro_lead', 'liaison', 'stationed', 'on_call')",
            name="role",
        ),
        sa.CheckConstraint("NOT isempty(valid)", name="interval"),
        sa.CheckConstraint("num_nonnulls(grid_id, community_id, township_id) = 1", name="one_area"),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_assignments_community_id"
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name="fk_assignments_grid_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_assignments_staff_id"),
        sa.ForeignKeyConstraint(
            ["township_id"], ["townships.id"], name="fk_assignments_township_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
    )
    op.create_index(
        "ix_assignments_community_id_valid",
        "assignments",
        ["community_id", "valid"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("community_id IS NOT NULL"),
    )
    op.create_index(
        "ix_assignments_grid_id_valid",
        "assignments",
        ["grid_id", "valid"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("grid_id IS NOT NULL"),
    )
    op.create_index(
        "ix_assignments_township_id_valid",
        "assignments",
        ["township_id", "valid"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("township_id IS NOT NULL"),
    )
    op.create_table(
        "duties",
        sa.Column(
            "id",
            sa.BigInteger(),
            server_default=sa.text("nextval('post_ids')"),
            nullable=False,
        ),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("township_id", sa.Integer(), nullable=True),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("staff_id"), "="),
            (sa.literal_column("coalesce(grid_id, 0)"), "="),
            (sa.literal_column("coalesce(community_id, 0)"), "="),
            (sa.literal_column("coalesce(township_id, 0)"), "="),
            (sa.column("role"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="ex_duties_once",
        ),
        sa.CheckConstraint(
            "role IN ('grid_lead', 'worker', 'micro_lead', 'liaison', 'stationed', 'on_call')",
            name="role",
        ),
        sa.CheckConstraint("NOT isempty(during)", name="interval"),
        sa.CheckConstraint("num_nonnulls(grid_id, community_id, township_id) = 1", name="one_area"),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_duties_community_id"
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name="fk_duties_grid_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_duties_staff_id"),
        sa.ForeignKeyConstraint(["township_id"], ["townships.id"], name="fk_duties_township_id"),
        sa.PrimaryKeyConstraint("id", name="pk_duties"),
    )
    op.create_index(
        "ix_duties_community_id_during",
        "duties",
        ["community_id", "during"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("community_id IS NOT NULL"),
    )
    op.create_index(
        "ix_duties_grid_id_during",
        "duties",
        ["grid_id", "during"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("grid_id IS NOT NULL"),
    )
    op.create_index(
        "ix_duties_township_id_during",
        "duties",
        ["township_id", "during"],
        unique=False,
        postgresql_using="gist",
        postgresql_where=sa.text("township_id IS NOT NULL"),
    )
    op.create_table(
        "tile_shapes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("zoom", sa.SmallInteger(), nullable=False),
        sa.Column("feature_id", sa.Integer(), nullable=False),
        sa.Column("geometry", Geometry(srid=3857, spatial_index=False), nullable=False),
        sa.CheckConstraint("layer IN ('townships', 'communities', 'grids', 'edges')", name="layer"),
        sa.ForeignKeyConstraint(
            ["version_id"], ["boundary_versions.id"], name="fk_tile_shapes_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tile_shapes"),
    )
    op.create_index(
        "ix_tile_shapes_cut",
        "tile_shapes",
        ["version_id", "layer", "zoom", "geometry"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "township_versions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, spatial_index=False),
            nullable=False,
        ),
        sa.Column(
            "label", Geometry(geometry_type="POINT", srid=4326, spatial_index=False), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["township_id"], ["townships.id"], name="fk_township_versions_township_id"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["boundary_versions.id"], name="fk_township_versions_version_id"
        ),
        sa.PrimaryKeyConstraint("version_id", "township_id", name="pk_township_versions"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('reporter', 'contributor', 'worker', 'grid_lead', 'command_room',"
            " 'dispatcher', 'planner', 'leader', 'department', 'admin')",
            name="role",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_users_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )
    op.create_table(
        "community_versions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("township_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, spatial_index=False),
            nullable=False,
        ),
        sa.Column(
            "label", Geometry(geometry_type="POINT", srid=4326, spatial_index=False), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name="fk_community_versions_community_id"
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "township_id"],
            ["township_versions.version_id", "township_versions.township_id"],
            name="fk_community_versions_version_id_township_id",
        ),
        sa.PrimaryKeyConstraint("version_id", "community_id", name="pk_community_versions"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"], unique=False)
    op.create_table(
        "grid_versions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("grid_id", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Float(precision=53), nullable=False),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, spatial_index=False),
            nullable=False,
        ),
        sa.Column(
            "label", Geometry(geometry_type="POINT", srid=4326, spatial_index=False), nullable=False
        ),
        sa.CheckConstraint("kind IN ('base', 'dedicated')", name="kind"),
        sa.ForeignKeyConstraint(["grid_id"], ["grids.id"], name="fk_grid_versions_grid_id"),
        sa.ForeignKeyConstraint(
            ["version_id", "community_id"],
            ["community_versions.version_id", "community_versions.community_id"],
            name="fk_grid_versions_version_id_community_id",
        ),
        sa.PrimaryKeyConstraint("version_id", "grid_id", name="pk_grid_versions"),
    )
    op.create_index(
        "ix_grid_versions_version_id_community_id",
        "grid_versions",
        ["version_id", "community_id"],
        unique=False,
    )
    op.create_index(
        "ix_grid_versions_version_id_geometry",
        "grid_versions",
        ["version_id", "geometry"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), server_default=sa.text("'normal'"), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "point", Geometry(geometry_type="POINT", srid=4326, spatial_index=False), nullable=False
        ),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("grid_reason", sa.Text(), nullable=False),
        sa.Column("today_grid_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("staff_role", sa.Text(), nullable=True),
        sa.Column("staff_rule", sa.SmallInteger(), nullable=True),
        sa.Column("staff_row", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("(grid_id IS NULL) = (grid_reason = 'outside')", name="outside"),
        sa.CheckConstraint(
            "channel IN ('web', 'contributor', 'staff', 'hotline', 'program', 'open311', 'import')",
            name="channel",
        ),
        sa.CheckConstraint(
            "grid_reason IN ('inside', 'edge', 'nearest', 'outside')", name="grid_reason"
        ),
        sa.CheckConstraint("kind IN ('event', 'dispute', 'consultation', 'finding')", name="kind"),
        sa.CheckConstraint(
            "state IN ('received', 'registered', 'dispatched', 'handling', 'suspended',"
            " 'fed_back', 'verified', 'evaluated', 'closed', 'rejected', 'merged', 'historic')",
            name="state",
        ),
        sa.CheckConstraint("urgency IN ('normal', 'urgent')", name="urgency"),
        sa.CheckConstraint("staff_rule BETWEEN 1 AND 5", name="staff_rule"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_cases_staff_id"),
        sa.ForeignKeyConstraint(
            ["version_id", "grid_id"],
            ["grid_versions.version_id", "grid_versions.grid_id"],
            name="fk_cases_version_id_grid_id",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_cases"),
    )
    op.create_index(
        "ix_cases_category_occurred_at", "cases", ["category", "occurred_at"], unique=False
    )
    op.create_index(
        "ix_cases_grid_id_occurred_at", "cases", ["grid_id", "occurred_at"], unique=False
    )
    op.create_index("ix_cases_occurred_at_number", "cases", ["occurred_at", "number"], unique=False)
    op.create_index(
        "ix_cases_open_state_received_at",
        "cases",
        ["state", "received_at"],
        unique=False,
        postgresql_where=sa.text("NOT (state IN ('closed', 'rejected', 'merged', 'historic'))"),
    )
    op.create_index("ix_cases_point", "cases", ["point"], unique=False, postgresql_using="gist")
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_number", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_hash", sa.LargeBinary(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("given_x", sa.Float(precision=53), nullable=False),
        sa.Column("given_y", sa.Float(precision=53), nullable=False),
        sa.Column("given_datum", sa.Text(), nullable=False),
        sa.Column("accuracy_m", sa.REAL(), nullable=True),
        sa.Column("client_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "stored_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_flag", sa.Text(), nullable=True),
        sa.Column(
            "point", Geometry(geometry_type="POINT", srid=4326, spatial_index=False), nullable=False
        ),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("grid_reason", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("staff_rule", sa.SmallInteger(), nullable=True),
        sa.Column("staff_row", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('web', 'contributor', 'staff', 'hotline', 'program', 'open311', 'import')",
            name="channel",
        ),
        sa.CheckConstraint(
            "given_datum IN ('wgs84', 'gcj02', 'bd09', 'cgcs2000')", name="given_datum"
        ),
        sa.CheckConstraint(
            "grid_reason IN ('inside', 'edge', 'nearest', 'outside')", name="grid_reason"
        ),
        sa.CheckConstraint(
            "time_flag IN ('client_time_refused', 'ambiguous_hour', 'missing_hour')",
            name="time_flag",
        ),
        sa.ForeignKeyConstraint(["case_number"], ["cases.number"], name="fk_reports_case_number"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("channel", "external_id", name="uq_reports_channel_external_id"),
    )
    op.create_index(
        "uq_reports_receipt_hash",
        "reports",
        ["receipt_hash"],
        unique=True,
        postgresql_where=sa.text("receipt_hash IS NOT NULL"),
    )
    op.create_index("ix_reports_case_number", "reports", ["case_number"], unique=False)
    op.create_table(
        "report_keys",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_report_keys_report_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_report_keys"),
    )
    op.create_table(
        "report_texts",
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_report_texts_report_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_report_texts"),
    )
