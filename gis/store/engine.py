"""Opening a city: engine, transaction, and the driver's errors in our words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from gis.errors import BadInput, Conflict, Unavailable, WanggeError

# The words the other rooms use, so that SQLAlchemy is named only in the store and the tiles.
Transaction = AsyncConnection
CityEngine = AsyncEngine

PATIENCE_S = 10.0
"""Longer than any request takes; who asked has given up by then."""

_CITY_CODE = re.compile(r"[a-z0-9_]{1,43}")


def schema_of(city: str) -> str:
    """Schema of a city: ``city_<code>``, at most 48 characters of ``[a-z0-9_]``."""
    if not _CITY_CODE.fullmatch(city):
        raise BadInput(
            "city_code_invalid",
            f"City code {city!r} must be 1 to 43 of a-z, 0-9 and _.",
            city=city,
        )
    return f"city_{city}"


def driver_url(url: str) -> URL:
    """``postgresql://…`` as SQLAlchemy's asyncpg dialect wants it."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def open_engine(
    url: str, city: str, *, pool_size: int = 8, patience_s: float = PATIENCE_S
) -> CityEngine:
    """One pool for one city of the server at ``url`` (``postgresql://…``).

    Who has waited ``patience_s`` for a free connection is refused (``database_busy``).
    """
    return create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=patience_s,
        pool_pre_ping=True,
        connect_args={
            "server_settings": {"search_path": f"{schema_of(city)}, public", "timezone": "UTC"}
        },
    ).execution_options(city_schema=schema_of(city))


@asynccontextmanager
async def transaction(engine: CityEngine) -> AsyncIterator[Transaction]:
    """One transaction in the engine's city: commits at the end, rolls back on any error.

    ``search_path`` is set again inside the transaction, so that a pooler which
    lends server connections per transaction cannot mix two cities.
    """
    schema = engine.get_execution_options()["city_schema"]
    async with connected(engine) as tx, tx.begin():
        await tx.execute(text(f"SET LOCAL search_path TO {schema}, public"))
        yield tx


@asynccontextmanager
async def connected(engine: CityEngine) -> AsyncIterator[AsyncConnection]:
    """A connection of the engine's pool, given back at the end.

    Raises
    ------
    Unavailable
        ``database_away``. Only an OSError of connecting is the database's: later
        one may come from the caller's own file. ``database_busy``: all were in use for long.
    """
    with translated_errors():
        try:
            connection = await engine.connect()
        except OSError as error:
            raise _away() from error
        except PoolTimeoutError as error:
            raise Unavailable(
                "database_busy", "Too many ask the database at once; try again in a moment."
            ) from error
        try:
            yield connection
        finally:
            await connection.close()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the driver's errors into ours, once, at the edge of the store.

    COPY calls reach the driver directly, so its errors come bare or wrapped.
    """
    try:
        yield
    except (InterfaceError, asyncpg.InterfaceError) as error:
        raise _away() from error
    except (DBAPIError, asyncpg.PostgresError, asyncpg.InternalClientError) as error:
        ours = _translated(error, error.orig if isinstance(error, DBAPIError) else error)
        if ours is None:
            raise
        raise ours from error


def _translated(error: Exception, driver: BaseException | None) -> WanggeError | None:
    sqlstate = str(getattr(driver, "sqlstate", None) or "")
    source = driver if hasattr(driver, "constraint_name") else getattr(driver, "__cause__", None)
    constraint = getattr(source, "constraint_name", None)
    # SQLSTATE classes: 23505 unique, 23P01 exclusion, 40 serialisation or deadlock,
    # 08 connection, 53 resources, 57P shutdown or crash.
    if sqlstate in {"23505", "23P01"}:
        return Conflict(
            "already_there",
            f"Such a row is there already ({constraint}).",
            constraint=constraint,
        )
    if sqlstate.startswith("40"):
        return Conflict("lost_race", "Somebody else changed the same rows; try again.")
    if isinstance(error, OperationalError) or sqlstate.startswith(("08", "53", "57P")):
        return _away()
    return _away() if _has_heard_the_end(driver) else None


def _has_heard_the_end(driver: BaseException | None) -> bool:
    """Whether a connection had its server's last word, and not yet the end of the line.

    It counts as open then, and the driver refuses a statement in words about itself.
    """
    source = driver if isinstance(driver, asyncpg.InternalClientError) else None
    if driver is not None and isinstance(driver.__cause__, asyncpg.InternalClientError):
        source = driver.__cause__
    return str(source).startswith(("cannot switch to state", "not connected"))


def _away() -> Unavailable:
    return Unavailable("database_away", "The database cannot be reached.")
