"""Reading who somebody is: an account by its session, and the grids it is bound to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# An area code that is in no table any more stays a bound: it holds no grid.
_LEVEL = """
    CASE WHEN users.area_code IS NULL THEN NULL
         WHEN EXISTS (SELECT FROM grids WHERE code = users.area_code) THEN 'grid'
         WHEN EXISTS (SELECT FROM communities WHERE code = users.area_code) THEN 'community'
         WHEN EXISTS (SELECT FROM townships WHERE code = users.area_code) THEN 'township'
         ELSE 'grid' END
"""
_TODAYS_GRIDS = """
    SELECT part.grid_id
    FROM grid_versions AS part
    JOIN community_versions AS above USING (version_id, community_id)
    WHERE part.version_id = (
        SELECT id FROM boundary_versions WHERE effective_at <= :at
        ORDER BY effective_at DESC LIMIT 1)
"""
_AREA_TABLES = {
    "grid": ("part.grid_id", "grids"),
    "community": ("part.community_id", "communities"),
    "township": ("above.township_id", "townships"),
}


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account that may sign in; ``area_level`` is the finest level that knows its code."""

    id: int
    name: str
    role: str
    department: str | None
    staff_id: int | None
    area_level: str | None
    area_code: str | None


async def find_by_session(
    tx: AsyncConnection, token_hash: bytes, *, at: datetime
) -> AccountRow | None:
    """Whose session this is; None for one unknown, over at ``at``, or of a disabled account."""
    row = (
        await tx.execute(
            text(
                f"SELECT users.id, name, role, department, staff_id, {_LEVEL}, area_code"  # noqa: S608
                " FROM sessions JOIN users ON users.id = sessions.user_id"
                " WHERE token_hash = :token_hash AND expires_at > :at AND disabled_at IS NULL"
            ),
            {"token_hash": token_hash, "at": at},
        )
    ).one_or_none()
    return None if row is None else AccountRow(*row)


async def grids_of_area(
    tx: AsyncConnection, level: str, code: str, *, at: datetime
) -> frozenset[int]:
    """Ids of the grids of an area in the version in force at ``at``."""
    column, table = _AREA_TABLES[level]
    rows = await tx.execute(
        text(f"{_TODAYS_GRIDS} AND {column} = (SELECT id FROM {table} WHERE code = :code)"),  # noqa: S608
        {"code": code, "at": at},
    )
    return frozenset(rows.scalars())


async def grids_of_staff(tx: AsyncConnection, staff_id: int, *, at: datetime) -> frozenset[int]:
    """Ids of the grids a staff member is assigned to at ``at``, through any level."""
    rows = await tx.execute(
        text(
            f"""
            {_TODAYS_GRIDS}
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
