"""The grids an account is bound to: those of its area, or of where its person is posted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_GRIDS_IN_FORCE = """
    SELECT part.grid_id
    FROM grid_versions AS part
    JOIN community_versions AS above USING (version_id, community_id)
    WHERE part.version_id = (
        SELECT id FROM boundary_versions WHERE effective_at <= :at
        ORDER BY effective_at DESC LIMIT 1)
"""
_COLUMNS_AND_TABLES = {
    "community": ("part.community_id", "communities"),
    "township": ("above.township_id", "townships"),
}
# Of one code at two levels the finer is meant, as in a staff file. A code that no table
# knows any more stays a bound: it holds no grid.
LEVEL_OF_AREA = """
    CASE WHEN area_code IS NULL THEN NULL
         WHEN EXISTS (SELECT FROM grids WHERE code = area_code) THEN 'grid'
         WHEN EXISTS (SELECT FROM communities WHERE code = area_code) THEN 'community'
         WHEN EXISTS (SELECT FROM townships WHERE code = area_code) THEN 'township'
         ELSE 'grid' END
"""


# What is bound to a grid passes on as posts do (boundaries.succession.inheritance): from a grid
# that is gone to the one that took the most of it, and to a grid that is new from the one it
# took the most from; to the square centimetre, then the lowest codes.
_PASSED_ON = """
    WITH RECURSIVE descent AS (
        SELECT version.number, version.id AS version_id, round(row.area_m2::numeric, 4) AS m2,
               row.old_grid_id, row.new_grid_id,
               old.code COLLATE "C" AS old, new.code COLLATE "C" AS new
        FROM grid_lineages AS row
        JOIN boundary_versions AS version ON version.id = row.version_id
        JOIN grids AS old ON old.id = row.old_grid_id
        JOIN grids AS new ON new.id = row.new_grid_id
        WHERE version.effective_at <= :at
    ), heirs AS (
        (SELECT DISTINCT ON (version_id, old) number, old_grid_id, new_grid_id FROM descent
         WHERE NOT EXISTS (
            SELECT FROM grid_versions AS part
            WHERE part.version_id = descent.version_id AND part.grid_id = old_grid_id)
         ORDER BY version_id, old, m2 DESC, new)
        UNION
        (SELECT DISTINCT ON (version_id, new) number, old_grid_id, new_grid_id FROM descent
         WHERE NOT EXISTS (
            SELECT FROM grid_versions AS part
            JOIN boundary_versions AS earlier ON earlier.id = part.version_id
            WHERE part.grid_id = new_grid_id AND earlier.number < descent.number)
         ORDER BY version_id, new, m2 DESC, old)
    ), bound AS (
        SELECT id AS grid_id, 0 AS since FROM grids WHERE code = :code
        UNION
        SELECT heirs.new_grid_id, heirs.number FROM bound
        JOIN heirs ON heirs.old_grid_id = bound.grid_id AND heirs.number > bound.since
    )
"""

_OF_A_GRID = f"""
    {_PASSED_ON} {_GRIDS_IN_FORCE} AND part.grid_id IN (SELECT grid_id FROM bound)
"""  # noqa: S608 - constants of this module


async def grids_of_area(
    tx: AsyncConnection, level: str, code: str, *, at: datetime
) -> frozenset[int]:
    """Ids of the grids of an area in the version in force at ``at``.

    A grid as an area goes on in those that inherited from it, as posts in it do.
    """
    if level == "grid":
        rows = await tx.execute(
            text(_OF_A_GRID),
            {"code": code, "at": at},
        )
        return frozenset(rows.scalars())
    column, table = _COLUMNS_AND_TABLES[level]
    rows = await tx.execute(
        text(f"{_GRIDS_IN_FORCE} AND {column} = (SELECT id FROM {table} WHERE code = :code)"),  # noqa: S608
        {"code": code, "at": at},
    )
    return frozenset(rows.scalars())


async def grids_of_staff(tx: AsyncConnection, staff_id: int, *, at: datetime) -> frozenset[int]:
    """Ids of the grids a staff member is assigned to at ``at``, at whatever level."""
    rows = await tx.execute(
        text(
            f"""
            {_GRIDS_IN_FORCE}
            AND EXISTS (
                SELECT FROM assignments AS post
                WHERE post.staff_id = :staff_id AND post.valid @> CAST(:at AS timestamptz)
                  AND (post.grid_id = part.grid_id OR post.community_id = part.community_id
                       OR post.township_id = above.township_id))
            """
        ),
        {"staff_id": staff_id, "at": at},
    )
    return frozenset(rows.scalars())


async def name_of_area(tx: AsyncConnection, level: str, code: str, *, at: datetime) -> str | None:
    """What the area is called in the version in force at ``at``; None where it is in none."""
    word, places = {
        "grid": ("grid", "grids"),
        "community": ("community", "communities"),
        "township": ("township", "townships"),
    }[level]
    rows = await tx.execute(
        text(
            f"""
            SELECT part.name FROM {word}_versions AS part
            JOIN {places} AS place ON place.id = part.{word}_id
            WHERE place.code = :code AND part.version_id = (
                SELECT id FROM boundary_versions WHERE effective_at <= :at
                ORDER BY effective_at DESC LIMIT 1)
            """  # noqa: S608 - constants of this module
        ),
        {"code": code, "at": at},
    )
    return rows.scalar_one_or_none()


async def largest_township(tx: AsyncConnection) -> str | None:
    """Code of the township with the most grids in the latest version, the lowest of equals."""
    rows = await tx.execute(
        text(
            """
            SELECT places.code
            FROM grid_versions AS part
            JOIN community_versions AS above USING (version_id, community_id)
            JOIN townships AS places ON places.id = above.township_id
            WHERE part.version_id = (
                SELECT id FROM boundary_versions ORDER BY effective_at DESC LIMIT 1)
            GROUP BY places.code
            ORDER BY count(*) DESC, places.code
            LIMIT 1
            """
        )
    )
    return rows.scalar_one_or_none()


async def worker_posted_in(tx: AsyncConnection, township: str) -> str | None:
    """Lowest code of a staff member assigned as worker to a grid of a township, latest version."""
    rows = await tx.execute(
        text(
            """
            SELECT min(staff.code)
            FROM assignments AS post
            JOIN staff ON staff.id = post.staff_id
            JOIN grid_versions AS part ON part.grid_id = post.grid_id
            JOIN community_versions AS above
                ON above.version_id = part.version_id
                AND above.community_id = part.community_id
            JOIN townships AS places ON places.id = above.township_id
            WHERE post.role = 'worker' AND places.code = :township
              AND part.version_id = (
                  SELECT id FROM boundary_versions ORDER BY effective_at DESC LIMIT 1)
            """
        ),
        {"township": township},
    )
    return rows.scalar_one_or_none()
