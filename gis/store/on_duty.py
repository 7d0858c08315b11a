"""Who holds a post in a few areas during a short while: one statement for all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.driver import fetch


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A duty or assignment: who answers where, in which role, during ``[start, stop)``.

    ``table`` is ``duty`` or ``assignment``, ``level`` ``grid``, ``community`` or
    ``township``; None is an open end.
    """

    table: str
    row_id: int
    level: str
    area_id: int
    role: str
    staff_id: int
    staff_code: str
    staff_name: str
    start: datetime | None
    stop: datetime | None

    def covers(self, instant: datetime) -> bool:
        """Whether the post is held at this instant (aware)."""
        return (self.start is None or self.start <= instant) and (
            self.stop is None or instant < self.stop
        )


def posts_in(first: int) -> str:
    """SQL of the posts in some areas that cover some instant of a while, as ``HeldPost``.

    Its values, from number ``first`` on: the first and the last instant, and the ids of
    the grids, communities and townships.
    """
    return " UNION ALL ".join(
        f"""
        SELECT '{word}'::text, post.id, '{level}'::text, post.{level}_id, post.role,
               post.staff_id, staff.code, staff.name, lower(post.{interval}),
               upper(post.{interval})
        FROM city.{table} AS post JOIN city.staff ON staff.id = post.staff_id
        WHERE post.{level}_id = ANY(${place}::int[])
          AND post.{interval} && tstzrange(${first}::timestamptz, ${first + 1}::timestamptz, '[]')
        """  # noqa: S608 - every name is a constant of this function
        for word, table, interval in (
            ("duty", "duties", "during"),
            ("assignment", "assignments", "valid"),
        )
        for place, level in enumerate(("grid", "community", "township"), start=first + 2)
    )


_POSTS = posts_in(1)


async def posts_held(
    tx: AsyncConnection,
    first: datetime,
    last: datetime,
    *,
    grid_ids: Collection[int],
    community_ids: Collection[int],
    township_ids: Collection[int],
) -> list[HeldPost]:
    """Duties and assignments of these areas that cover some instant of ``[first, last]``."""
    rows = await fetch(
        tx, _POSTS, first, last, list(grid_ids), list(community_ids), list(township_ids)
    )
    return [HeldPost(*row) for row in rows]
