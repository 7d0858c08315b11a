"""Alembic's entry: runs on the connection that ``gis.store.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from gis.store.tables.base import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata)
context.run_migrations()
