"""Bringing city schemas to the present: one schema, one ``alembic_version`` each."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from gis.errors import Misconfigured
from gis.store.engine import connected, open_engine, schema_of

EXTENSIONS = ("postgis", "btree_gist")

_SCRIPTS = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """The revision this program needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return str(head)


async def migrate(url: str, city: str) -> bool:
    """Create the city's schema when it is new and bring it to the head revision.

    Safe to run from several processes: an advisory lock serialises them.

    Returns
    -------
    bool
        Whether anything was changed.
    """
    engine = open_engine(url, city, pool_size=1)
    try:
        async with connected(engine) as tx, tx.begin():
            return await tx.run_sync(_migrate, schema_of(city))
    finally:
        await engine.dispose()


def _migrate(connection: Connection, schema: str) -> bool:
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('wangge.migrate'), hashtext(:schema))"),
        {"schema": schema},
    )
    _need_extensions(connection)
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    connection.execute(text(f"SET LOCAL search_path TO {schema}, public"))
    current = MigrationContext.configure(connection).get_current_revision()
    if current == head_revision():
        return False
    if current is not None:
        _need_known(schema, current)
    command.upgrade(_config(connection), "head")
    return True


def _need_known(schema: str, revision: str) -> None:
    try:
        ScriptDirectory.from_config(_config()).get_revision(revision)
    except CommandError as error:
        raise Misconfigured(
            "schema_unknown",
            f"Schema {schema} is at revision {revision}, which this program does not know:"
            " a newer one has migrated it.",
            schema=schema,
        ) from error


def _need_extensions(connection: Connection) -> None:
    there = set(connection.execute(text("SELECT extname FROM pg_extension")).scalars())
    for extension in EXTENSIONS:
        if extension in there:
            continue
        try:
            with connection.begin_nested():
                connection.execute(text(f"CREATE EXTENSION {extension} SCHEMA public"))
        except DBAPIError as error:
            raise Misconfigured(
                "extension_missing",
                f"The database lacks {extension}: a superuser must run"
                f" CREATE EXTENSION {extension} SCHEMA public.",
                extension=extension,
            ) from error


async def drop_city(url: str, city: str) -> None:
    """Remove a city's schema with everything in it; a city that is not there is fine."""
    engine = open_engine(url, city, pool_size=1)
    try:
        async with connected(engine) as tx, tx.begin():
            await tx.execute(text(f"DROP SCHEMA IF EXISTS {schema_of(city)} CASCADE"))
    finally:
        await engine.dispose()


async def current_revision(url: str, city: str) -> str | None:
    """The revision a city's schema is at; None where there is no such city."""
    engine = open_engine(url, city, pool_size=1)
    try:
        async with connected(engine) as connection:
            return await connection.run_sync(
                lambda sync: MigrationContext.configure(
                    sync, opts={"version_table_schema": schema_of(city)}
                ).get_current_revision()
            )
    finally:
        await engine.dispose()


async def list_cities(url: str) -> list[str]:
    """Codes of the cities that have a schema on this server, in order."""
    engine = open_engine(url, "none", pool_size=1)
    try:
        async with connected(engine) as connection:
            found = await connection.execute(
                text(
                    "SELECT substr(table_schema, 6) FROM information_schema.tables"
                    " WHERE table_schema LIKE 'city\\_%' AND table_name = 'alembic_version'"
                    " ORDER BY 1"
                )
            )
            return [str(code) for code in found.scalars()]
    finally:
        await engine.dispose()
