"""The five rules of ``api.cases.duty`` for a few points at the instant they come in.

A file of a million rows is worth compiling a timetable; a handful of reports that came
in within milliseconds is not. Here the posts of their areas are looked through as they
are. Both ways answer alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.cases.duty import RULES
from gis.store.on_duty import HeldPost


@dataclass(frozen=True, slots=True)
class AskedArea:
    """Ids of a grid, its community and its township."""

    grid_id: int
    community_id: int
    township_id: int


class PostsNearby:
    """Posts that cover some instant of a short while, ready to be asked."""

    def __init__(self, posts: Iterable[HeldPost], role_order: Sequence[str]) -> None:
        places = {role: place for place, role in enumerate(role_order)}

        def rank(post: HeldPost) -> tuple[int, str, int]:
            return places.get(post.role, len(places)), post.staff_code, post.row_id

        self._posts = defaultdict[tuple[str, str, int], list[HeldPost]](list)
        for post in sorted(posts, key=rank):
            self._posts[post.table, post.level, post.area_id].append(post)

    def at(self, area: AskedArea, instant: datetime) -> tuple[HeldPost, int] | None:
        """Who answers for the area at the instant (aware), and by which rule; None for nobody."""
        ids = {
            "grid": area.grid_id,
            "community": area.community_id,
            "township": area.township_id,
        }
        for rule, table, role, level in RULES:
            for post in self._posts.get((table, level, ids[level]), ()):
                if (role is None or post.role == role) and post.covers(instant):
                    return post, rule
        return None
