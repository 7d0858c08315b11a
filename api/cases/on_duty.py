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
    """Posts that cover some instant of a while, ready to be asked."""

    def __init__(self, posts: Iterable[HeldPost], role_order: Sequence[str]) -> None:
        self._places = {role: place for place, role in enumerate(role_order)}
        self._posts = defaultdict[tuple[str, str, int], list[HeldPost]](list)
        self.add(posts)

    def add(self, posts: Iterable[HeldPost]) -> None:
        """Know these too; they are of areas of which none is known yet."""
        for post in sorted(posts, key=self._rank):
            self._posts[post.table, post.level, post.area_id].append(post)

    def _rank(self, post: HeldPost) -> tuple[int, str, int]:
        return self._places.get(post.role, len(self._places)), post.staff_code, post.row_id

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
