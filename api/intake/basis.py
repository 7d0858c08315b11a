"""What incoming reports are checked, placed and answered by, kept from batch to batch.

The store says by a number whether it still holds: a batch that was made by another basis
than the one there is when it is stored is not stored, and made anew.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from api.cases.on_duty import AskedArea, PostsNearby
from gis.store.channel_keys import KeyHolder
from gis.store.intake_lookup import CityNow, Found, Question
from gis.store.on_duty import HeldPost

BEFORE = timedelta(seconds=30)
AHEAD = timedelta(minutes=10)
"""For how long around a report the posts of its areas are asked for. Whose shift begins
within the next minutes is known beforehand."""


class Basis:
    """What was found at one revision, about the areas and the keys that were asked for.

    Parameters
    ----------
    first, last
        The while whose posts it knows; aware.
    """

    def __init__(self, first: datetime, last: datetime, role_order: Sequence[str]) -> None:
        self.revision = -1
        self.city = CityNow((), {})
        self.holders: dict[bytes, KeyHolder] = {}
        self._first, self._last = first, last
        self._role_order = role_order
        self._posts = PostsNearby((), role_order)
        self._areas: set[tuple[str, int]] = set()

    @classmethod
    def unknown(cls, role_order: Sequence[str]) -> Basis:
        """That of a service which has asked nothing yet."""
        never = datetime.min.replace(tzinfo=UTC)
        return cls(never, never, role_order)

    def while_of(self, instants: Collection[datetime]) -> tuple[datetime, datetime]:
        """The while to ask posts for: its own, or a new one where that does not hold these."""
        earliest, latest = min(instants), max(instants)
        if self._first <= earliest and latest <= self._last:
            return self._first, self._last
        return earliest - BEFORE, latest + AHEAD

    def answers(self, question: Question) -> bool:
        """Whether it knows all that is asked but the repeats."""
        return (
            (question.first, question.last) == (self._first, self._last)
            and self._areas.issuperset(_areas_of(question))
            and self.holders.keys() >= set(question.key_hashes)
        )

    def on_duty(self, area: AskedArea, instant: datetime) -> tuple[HeldPost, int] | None:
        """Who answers for an area that was asked for, and by which rule; None for nobody."""
        return self._posts.at(area, instant)

    def with_answers(self, question: Question, found: Found) -> Basis:
        """This one, knowing more; or a new one where this no longer holds."""
        basis = self
        if (found.revision, question.first, question.last) != (
            self.revision,
            self._first,
            self._last,
        ):
            basis = Basis(question.first, question.last, self._role_order)
            basis.revision, basis.city = found.revision, found.city
        basis.holders |= found.holders
        known = basis._areas.copy()
        basis._posts.add(post for post in found.posts if (post.level, post.area_id) not in known)
        basis._areas |= _areas_of(question)
        return basis


def _areas_of(question: Question) -> set[tuple[str, int]]:
    return {
        (level, area_id)
        for level, ids in (
            ("grid", question.grid_ids),
            ("community", question.community_ids),
            ("township", question.township_ids),
        )
        for area_id in ids
    }
