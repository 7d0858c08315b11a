"""Who hears what: an audience is everybody with the same scope who asked for the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.access import CaseScope
from api.stream.events import Event

CASE_SUBJECT = "case/"
_OF_THE_CITY = frozenset({"version", "reports", "city", "staff", "duty"})
"""First words of the kinds that concern the whole city and tell nothing of anybody.

Accounts, sessions and keys are for the audit trail alone.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listener asked for; empty and None mean "any".

    Parameters
    ----------
    grids
        Ids of the grids that the areas asked for have today.
    kinds
        Beginnings of journal kinds: ``case`` or ``report.received``.
    roles
        Roles, in the grid, of the staff member who answers for the case.
    """

    grids: frozenset[int] | None = None
    kinds: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Audience:
    """A scope and a wish; listeners with equal ones are told the same bytes."""

    scope: CaseScope
    wanted: Wanted

    def told(self, events: Iterable[Event]) -> bytes:
        """The events of these that are for this audience, as one piece."""
        return b"".join(event.encoded for event in events if self.hears(event))

    def hears(self, event: Event) -> bool:
        """Whether the event is for this audience.

        What concerns the whole city passes the filters by area and role: a list of one
        grid is out of date too when the boundaries changed.
        """
        if self.wanted.kinds and not event.kind.startswith(self.wanted.kinds):
            return False
        if event.case is None:
            return not event.subject.startswith(CASE_SUBJECT) and event.noun in _OF_THE_CITY
        return (
            self.scope.holds(
                today_grid_id=event.case.today_grid_id,
                category=event.case.case.category,
                is_held=event.case.is_held,
            )
            and (self.wanted.grids is None or event.case.today_grid_id in self.wanted.grids)
            and (not self.wanted.roles or event.case.staff_role in self.wanted.roles)
        )
