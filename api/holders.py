"""All that is bound to a grid, in one list: what is told of before publishing, and then moved.

Who adds something that is bound to a grid (visits, patrols) adds a holder here, and so it
stands in every impact and moves with every version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from api.cases.on_duty import AskedArea, PostsNearby
from api.cases.rejoin import NewHolder, new_holder, with_heirs
from api.handover import Handover
from boundaries.succession.impact import Move, Person
from gis.store.engine import Transaction
from gis.store.on_duty import HeldPost, posts_held
from gis.store.post_passing import pass_posts, passed_posts
from gis.store.rejoin import (
    HandedOver,
    PlacedCase,
    hand_over,
    lock_case_writers_out,
    open_cases_near,
)
from gis.store.tile_shapes import area_ids

_FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class Holder(Protocol):
    """Something that is bound to grids; ``noun`` names it in the plural, also in the journal."""

    @property
    def noun(self) -> str:
        """``cases``, ``assignments``, …: the journal's kind is ``<noun>.moved``."""

    async def moves(self, tx: Transaction, change: Handover) -> Sequence[Move]:
        """What would change hands; changes nothing."""

    async def carry_out(self, tx: Transaction, change: Handover) -> int:
        """Change hands, as ``moves`` told; answers how many rows it was."""


@dataclass(frozen=True, slots=True)
class Posts:
    """Assignments, or duties."""

    noun: str

    async def moves(self, tx: Transaction, change: Handover) -> list[Move]:
        """Each post with each of its heirs; a post in a grid without heirs ends."""
        found = await passed_posts(tx, self.noun, change.passed, change.gone, change.at)
        return [
            Move(
                self.noun,
                post.row_id,
                (person := Person(post.staff_code, post.staff_name)),
                None if post.grid_to is None else person,
                post.role,
                post.grid_from,
                post.grid_to,
                post.start,
                post.stop,
            )
            for post in found
        ]

    async def carry_out(self, tx: Transaction, change: Handover) -> int:
        """Give the heirs their posts and end those of grids that are gone."""
        found = await passed_posts(tx, self.noun, change.passed, change.gone, change.at)
        if found:
            await pass_posts(tx, self.noun, change.passed, change.gone, change.at)
        return len(found)


class OpenCases:
    """Cases that are being handled: each gets today's grid, and with it maybe another person."""

    noun = "cases"

    async def moves(self, tx: Transaction, change: Handover) -> list[Move]:
        """Every open case whose grid of today would be another."""
        return [
            Move(
                self.noun,
                case.number,
                _person(case.staff_code, case.staff_name),
                _person(holder.staff_code, holder.staff_name),
                holder.role,
                case.grid,
                grid,
                place=(case.lng, case.lat),
            )
            for case, grid, holder in await self._found(tx, change)
        ]

    async def carry_out(self, tx: Transaction, change: Handover) -> int:
        """Move them, after the posts: nobody adds a case in the meantime."""
        await lock_case_writers_out(tx)
        done = replace(change, passed=(), gone=frozenset())
        found = await self._found(tx, done)
        if found:
            ids = await area_ids(tx, "grids")
            await hand_over(
                tx,
                [
                    HandedOver(
                        case.number,
                        None if grid is None else ids[grid],
                        holder.staff_id,
                        holder.role,
                        holder.rule,
                        holder.row_id,
                    )
                    for case, grid, holder in found
                ],
            )
        return len(found)

    async def _found(
        self, tx: Transaction, change: Handover
    ) -> list[tuple[PlacedCase, str | None, NewHolder]]:
        if not len(change.boxes):
            return []
        cases = await open_cases_near(tx, change.boxes)
        grids = change.grids_at([case.lng for case in cases], [case.lat for case in cases])
        moved = [(case, grid) for case, grid in zip(cases, grids, strict=True) if grid != case.grid]
        if not moved:
            return []
        areas, posts = await _areas_with_posts(
            tx, change, {grid for _, grid in moved if grid is not None}
        )
        on_duty = PostsNearby(posts, change.roles)
        return [
            (
                case,
                grid,
                new_holder(case, None if grid is None else areas[grid], posts, on_duty, change.at),
            )
            for case, grid in moved
        ]


HOLDERS: tuple[Holder, ...] = (Posts("assignments"), Posts("duties"), OpenCases())
"""In the order in which they move: a case goes to whoever has the posts by then."""


async def _areas_with_posts(
    tx: Transaction, change: Handover, codes: set[str]
) -> tuple[dict[str, AskedArea], list[HeldPost]]:
    """The ids of grids with their parents, and the posts in them as they will be.

    Areas that are not in the store yet get ids below 0.
    """
    ids = {level: await area_ids(tx, level) for level in ("grids", "communities", "townships")}
    unknown = iter(range(-2, -2 - 3 * len(codes), -1))

    def id_of(level: str, code: str) -> int:
        if code not in ids[level]:
            ids[level][code] = next(unknown)
        return ids[level][code]

    areas = {
        code: AskedArea(
            id_of("grids", code),
            id_of("communities", change.parents[code][0]),
            id_of("townships", change.parents[code][1]),
        )
        for code in sorted(codes)
    }
    heirs = defaultdict[int, list[int]](list)
    for old, new in change.passed:
        if new in codes:
            heirs[ids["grids"][old]].append(areas[new].grid_id)
    posts = await posts_held(
        tx,
        change.at,
        _FOR_EVER,
        grid_ids={*heirs, *(area.grid_id for area in areas.values())},
        community_ids={area.community_id for area in areas.values()},
        township_ids={area.township_id for area in areas.values()},
    )
    return areas, with_heirs(posts, heirs)


def _person(code: str | None, name: str | None) -> Person | None:
    return None if code is None or name is None else Person(code, name)
