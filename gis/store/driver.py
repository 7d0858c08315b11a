"""Statements given to the driver as they are, past SQLAlchemy; decision 0012 says where and why."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast

from sqlalchemy.engine import AdaptedConnection
from sqlalchemy.ext.asyncio import AsyncConnection


async def fetch(tx: AsyncConnection, statement: str, *values: Any) -> list[Any]:
    """Rows of a statement with ``$1`` … for ``values``.

    A table is written ``city.cases``: the schema of the connection's city takes the place
    of ``city``, so that the statement means the same whatever the search path is. The
    driver keeps each statement prepared for its connection.
    """
    schema = tx.sync_engine.get_execution_options()["city_schema"]
    rows: list[Any] = await (await driver_of(tx)).fetch(_in_schema(statement, schema), *values)
    return rows


async def driver_of(tx: AsyncConnection) -> Any:
    """The driver's own connection, also of one that has left the pool."""
    pooled = await tx.get_raw_connection()
    return cast("AdaptedConnection", pooled.dbapi_connection).driver_connection


async def run_script(tx: AsyncConnection, script: str) -> None:
    """Run several statements, without values, in the caller's transaction."""
    await (await driver_of(tx)).execute(script)


@cache
def _in_schema(statement: str, schema: str) -> str:
    return re.sub(r"\bcity\.", f"{schema}.", statement)
