"""Who has an open case once its grid of today is another one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from api.cases.on_duty import AskedArea, PostsNearby
from gis.store.on_duty import HeldPost
from gis.store.rejoin import PlacedCase


@dataclass(frozen=True, slots=True)
class NewHolder:
    """The person a case goes to, in a role, by a rule of duty and a row; all None for nobody."""

    staff_id: int | None
    staff_code: str | None
    staff_name: str | None
    role: str | None
    rule: int | None
    row_id: int | None


def new_holder(
    case: PlacedCase,
    area: AskedArea | None,
    posts: Collection[HeldPost],
    on_duty: PostsNearby,
    at: datetime,
) -> NewHolder:
    """Decide who has the case from ``at`` on, where its grid of today is now ``area``.

    Whoever has it keeps it while they have a post there, then or later, in whatever role: no
    case is taken from somebody who goes on answering for its place, because their shift is
    over at that minute. Else it goes to the person on duty by the five rules. It stays
    where it is also when nobody is on duty there, or when it lies in no grid any more.
    """
    kept = NewHolder(
        case.staff_id,
        case.staff_code,
        case.staff_name,
        case.staff_role,
        case.staff_rule,
        case.staff_row,
    )
    if area is None:
        return kept
    places = {
        "grid": area.grid_id,
        "community": area.community_id,
        "township": area.township_id,
    }
    if any(
        post.staff_id == case.staff_id and post.area_id == places[post.level]
        for post in posts
        if post.stop is None or post.stop > at
    ):
        return kept
    answer = on_duty.at(area, at)
    if answer is None:
        return kept
    post, rule = answer
    return NewHolder(post.staff_id, post.staff_code, post.staff_name, post.role, rule, post.row_id)


def with_heirs(posts: Iterable[HeldPost], heirs: Mapping[int, Collection[int]]) -> list[HeldPost]:
    """Posts as they will be: those of a grid also in each grid (by id) that inherits from it."""
    found = []
    for post in posts:
        found.append(post)
        if post.level == "grid":
            found += [replace(post, area_id=heir) for heir in heirs.get(post.area_id, ())]
    return found
