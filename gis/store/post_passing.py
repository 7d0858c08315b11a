"""Assignments and duties of grids that others inherit from: which there are, passing them on.

A post that began before stays as the record of its time, cut where the new version takes
effect; the heirs get rows of their own from there on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

INTERVALS = {"assignments": "valid", "duties": "during"}
"""The tables of posts, and the column with the interval of each."""


@dataclass(frozen=True, slots=True)
class PassedPost:
    """A post held at or after the instant, in a grid that passes it on or is gone.

    ``grid_to`` is the heir; None where the post comes to an end with its grid.
    """

    row_id: int
    staff_code: str
    staff_name: str
    role: str
    grid_from: str
    grid_to: str | None
    start: datetime | None
    stop: datetime | None


async def passed_posts(
    tx: AsyncConnection,
    table: str,
    passed: Sequence[tuple[str, str]],
    gone: Collection[str],
    at: datetime,
) -> list[PassedPost]:
    """Each post that goes on in another grid from ``at``, once for each heir, or ends with its own.

    ``passed`` are pairs of codes (old, new), ``gone`` old codes. By old code, row, new code.
    """
    ending = [(old, None) for old in sorted(set(gone) - {old for old, _ in passed})]
    pairs = [*passed, *ending]
    interval = INTERVALS[table]
    rows = await tx.execute(
        text(f"""
            SELECT post.id, staff.code, staff.name, post.role, pair.old, pair.new,
                   lower(post.{interval}), upper(post.{interval})
            FROM unnest(CAST(:olds AS text[]), CAST(:news AS text[])) AS pair (old, new)
            JOIN grids ON grids.code = pair.old
            JOIN {table} AS post ON post.grid_id = grids.id
            JOIN staff ON staff.id = post.staff_id
            WHERE post.{interval} && tstzrange(:at, NULL)
            ORDER BY pair.old COLLATE "C", post.id, pair.new COLLATE "C"
        """),  # noqa: S608 - table and interval are constants of this module
        {"olds": [old for old, _ in pairs], "news": [new for _, new in pairs], "at": at},
    )
    return [PassedPost(*row) for row in rows]


async def pass_posts(
    tx: AsyncConnection,
    table: str,
    passed: Sequence[tuple[str, str]],
    gone: Collection[str],
    at: datetime,
) -> None:
    """Give the heirs what they inherit from ``at`` on, and end what is bound to gone grids.

    Who inherits the same role in one grid twice at a time (two grids of theirs were merged,
    say) has it once: such times are joined.
    """
    interval = INTERVALS[table]
    given = {
        "olds": [old for old, _ in passed],
        "news": [new for _, new in passed],
        "gone": sorted(gone),
        "at": at,
    }
    if passed:
        await tx.execute(text(_INHERIT.format(table=table, interval=interval)), given)
    for change in (_CUT, _DROP) if gone else ():
        await tx.execute(text(change.format(table=table, interval=interval)), given)


_INHERIT = """
    WITH inherited AS MATERIALIZED (
        SELECT post.id, post.staff_id, post.role, heir.id AS grid_id,
               post.{interval} * tstzrange(:at, NULL) AS during
        FROM unnest(CAST(:olds AS text[]), CAST(:news AS text[])) AS pair (old, new)
        JOIN grids AS ancestor ON ancestor.code = pair.old
        JOIN grids AS heir ON heir.code = pair.new
        JOIN {table} AS post ON post.grid_id = ancestor.id
        WHERE post.{interval} && tstzrange(:at, NULL)
    ), judged AS MATERIALIZED (
        SELECT inherited.*, EXISTS (
            SELECT FROM inherited AS other
            WHERE other.staff_id = inherited.staff_id AND other.role = inherited.role
              AND other.grid_id = inherited.grid_id AND other.id <> inherited.id
              AND other.during && inherited.during
        ) OR EXISTS (
            SELECT FROM {table} AS known
            WHERE known.staff_id = inherited.staff_id AND known.role = inherited.role
              AND known.grid_id = inherited.grid_id AND known.{interval} && inherited.during
        ) AS meets
        FROM inherited
    ), joined AS (
        SELECT staff_id, role, grid_id, unnest(range_agg(during) - coalesce((
            SELECT range_agg(known.{interval}) FROM {table} AS known
            WHERE known.staff_id = judged.staff_id AND known.role = judged.role
              AND known.grid_id = judged.grid_id
        ), CAST('{{}}' AS tstzmultirange))) AS during
        FROM judged WHERE meets
        GROUP BY staff_id, role, grid_id
    )
    INSERT INTO {table} (staff_id, role, grid_id, {interval})
    SELECT staff_id, role, grid_id, during FROM judged WHERE NOT meets
    UNION ALL
    SELECT staff_id, role, grid_id, during FROM joined
"""
# Row by row of grids that are gone: what reaches over the instant, then what begins after it.
_CUT = """
    UPDATE {table} SET {interval} = {interval} * tstzrange(NULL, :at)
    FROM grids
    WHERE grids.id = {table}.grid_id AND grids.code = ANY (CAST(:gone AS text[]))
      AND {interval} && tstzrange(:at, NULL) AND NOT isempty({interval} * tstzrange(NULL, :at))
"""
_DROP = """
    DELETE FROM {table} USING grids
    WHERE grids.id = {table}.grid_id AND grids.code = ANY (CAST(:gone AS text[]))
      AND {interval} && tstzrange(:at, NULL)
"""
