"""Staff, their assignments and duties: writing a file's rows, reading who answers when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.errors import Conflict

LEVELS = ("grid", "community", "township")
_AREA_TABLES = {"grid": "grids", "community": "communities", "township": "townships"}
_GIVEN_POSTS = """
    unnest(CAST(:staff AS text[]), CAST(:roles AS text[]), CAST(:areas AS int[]),
           CAST(:starts AS timestamptz[]), CAST(:stops AS timestamptz[]))
        AS post(staff_code, role, area_id, start, stop)
"""


@dataclass(frozen=True, slots=True)
class Post:
    """A person bound to an area in a role for ``[start, end)``; None is an open end."""

    staff_code: str
    role: str
    level: str
    area_id: int
    start: datetime | None
    end: datetime | None


async def area_ids(tx: AsyncConnection) -> dict[str, tuple[str, int]]:
    """Every code of a grid, community or township → (level, id).

    Should one code stand at several levels, the finest one is meant.
    """
    found: dict[str, tuple[str, int]] = {}
    for level, table in (
        ("township", "townships"),
        ("community", "communities"),
        ("grid", "grids"),
    ):
        rows = await tx.execute(text(f"SELECT code, id FROM {table}"))  # noqa: S608
        found.update({row.code: (level, row.id) for row in rows})
    return found


async def staff_codes(tx: AsyncConnection) -> dict[str, str]:
    """Staff code → name."""
    rows = await tx.execute(text("SELECT code, name FROM staff"))
    return {row.code: row.name for row in rows}


async def put_staff(tx: AsyncConnection, names: dict[str, str]) -> int:
    """Add people by code, or give them their new name; answers how many rows changed."""
    result = await tx.execute(
        text(
            "INSERT INTO staff (code, name)"
            " SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:names AS text[]))"
            " ON CONFLICT (code) DO UPDATE SET name = excluded.name"
            " WHERE staff.name <> excluded.name"
        ),
        {"codes": list(names), "names": list(names.values())},
    )
    return int(result.rowcount)


async def add_assignments(tx: AsyncConnection, posts: Sequence[Post]) -> int:
    """Add assignments that are not there yet; answers how many were added.

    Raises
    ------
    Conflict
        ``already_there`` when one overlaps another of the same person, area and role.
    """
    return await _add(tx, "assignments", "valid", posts)


async def add_duties(tx: AsyncConnection, posts: Sequence[Post]) -> int:
    """Add duties that are not there yet; as ``add_assignments``."""
    return await _add(tx, "duties", "during", posts)


async def _add(tx: AsyncConnection, table: str, interval: str, posts: Sequence[Post]) -> int:
    added = 0
    for level in LEVELS:
        chosen = [post for post in posts if post.level == level]
        if not chosen:
            continue
        given = {
            "staff": [post.staff_code for post in chosen],
            "roles": [post.role for post in chosen],
            "areas": [post.area_id for post in chosen],
            "starts": [post.start for post in chosen],
            "stops": [post.end for post in chosen],
        }
        await _refuse_overlaps(tx, table, interval, level, given)
        result = await tx.execute(
            text(
                f"""
                INSERT INTO {table} (staff_id, role, {level}_id, {interval})
                SELECT staff.id, post.role, post.area_id, tstzrange(post.start, post.stop)
                FROM {_GIVEN_POSTS} JOIN staff ON staff.code = post.staff_code
                WHERE NOT EXISTS (
                    SELECT FROM {table} AS known
                    WHERE known.staff_id = staff.id AND known.role = post.role
                      AND known.{level}_id = post.area_id
                      AND known.{interval} = tstzrange(post.start, post.stop))
                """  # noqa: S608 - table, level and interval are constants of this module
            ),
            given,
        )
        added += result.rowcount
    return added


async def _refuse_overlaps(
    tx: AsyncConnection, table: str, interval: str, level: str, given: Mapping[str, object]
) -> None:
    """Name a person, role and area before the exclusion constraint does it by its own name."""
    found = await tx.execute(
        text(
            f"""
            SELECT post.staff_code, post.role, area.code,
                   to_char(lower(known.{interval}), 'YYYY-MM-DD"T"HH24:MI"Z"') AS start,
                   to_char(upper(known.{interval}), 'YYYY-MM-DD"T"HH24:MI"Z"') AS stop
            FROM {_GIVEN_POSTS}
            JOIN staff ON staff.code = post.staff_code
            JOIN {table} AS known
              ON known.staff_id = staff.id AND known.role = post.role
             AND known.{level}_id = post.area_id
             AND known.{interval} && tstzrange(post.start, post.stop)
             AND known.{interval} <> tstzrange(post.start, post.stop)
            JOIN {_AREA_TABLES[level]} AS area ON area.id = post.area_id
            LIMIT 1
            """  # noqa: S608 - table, level and interval are constants of this module
        ),
        given,
    )
    if row := found.one_or_none():
        raise Conflict(
            "already_there",
            f"{row.staff_code} is {row.role} in {row.code} already from {row.start or 'ever'}"
            f" to {row.stop or 'further notice'}, which overlaps.",
            staff=row.staff_code,
            role=row.role,
            area=row.code,
        )


async def posts_during(
    tx: AsyncConnection,
    start: datetime,
    end: datetime,
    *,
    grid_id: int | None = None,
    community_id: int | None = None,
    township_id: int | None = None,
) -> pd.DataFrame:
    """Duties and assignments that meet ``[start, end]``, of the whole city or of three areas.

    Returns
    -------
    Columns ``table`` (``duty`` or ``assignment``), ``row_id``, ``level``,
    ``area_id``, ``role``, ``staff_id``, ``staff_code``, ``staff_name``,
    ``start``, ``stop`` (aware instants; NaT is an open end).
    """
    areas = {"grid": grid_id, "community": community_id, "township": township_id}
    everywhere = all(area is None for area in areas.values())
    parts = [
        f"""
        SELECT '{word}' AS "table", post.id AS row_id, '{level}' AS level,
               post.{level}_id AS area_id, post.role, post.staff_id, staff.code AS staff_code,
               staff.name AS staff_name, lower(post.{interval}) AS start,
               upper(post.{interval}) AS stop
        FROM {table} AS post JOIN staff ON staff.id = post.staff_id
        WHERE post.{interval} && tstzrange(:start, :end, '[]')
          AND {f"post.{level}_id IS NOT NULL" if everywhere else f"post.{level}_id = :{level}"}
        """  # noqa: S608 - every name is a constant of this module
        for word, table, interval in (
            ("duty", "duties", "during"),
            ("assignment", "assignments", "valid"),
        )
        for level in LEVELS
    ]
    parameters: dict[str, object] = {"start": start, "end": end}
    if not everywhere:
        parameters |= areas
    rows = await tx.execute(text(" UNION ALL ".join(parts)), parameters)
    return pd.DataFrame(rows.all(), columns=list(rows.keys()))
