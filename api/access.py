"""Who may do what, and which cases a viewer may see: the whole policy, pure.

An account has a role and may be bound to an area. The role says which kinds of things
it may do (``decide``); role and area together say which cases it sees (``scope_of``).
What no account is needed for is ``PUBLIC``.

========================  =======================================================
role                      sees the cases of
========================  =======================================================
reporter, contributor     nobody: they report, and follow their own receipts
worker, grid_lead         their grids: the account's area, else where their staff
                          member is posted today
command_room              its township (no area: the city); alone sees held cases
                          and releases them
dispatcher                its area (none: the city, and what lies outside of it)
planner, leader, admin    as dispatcher, but never where a sensitive case is
department                its area, in the categories of its department
========================  =======================================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

from api.profile import CityProfile
from gis.cells import CASE_RESOLUTION
from gis.store.case_filter import CaseFilter

Level = Literal["township", "community", "grid"]


class Action(StrEnum):
    """One kind of thing done; every route names the one it is."""

    HEALTH = "health"
    READ_CITY = "read_city"
    SIGN_IN = "sign_in"
    REPORT = "report"
    SELF = "self"
    READ_CASES = "read_cases"
    READ_STAFF = "read_staff"
    RELEASE_HELD = "release_held"
    READ_JOURNAL = "read_journal"
    READ_DRAFTS = "read_drafts"
    PLAN = "plan"
    REDRAW_OUTLINE = "redraw_outline"
    APPROVE_DRAFT = "approve_draft"
    PUBLISH = "publish"
    ANALYSE = "analyse"


PUBLIC = frozenset({Action.HEALTH, Action.READ_CITY, Action.SIGN_IN, Action.REPORT})

_DESK = frozenset({Action.SELF, Action.READ_CASES, Action.READ_STAFF})
_ALLOWED: dict[str, frozenset[Action]] = {
    "reporter": frozenset({Action.SELF}),
    "contributor": frozenset({Action.SELF}),
    "worker": _DESK,
    "grid_lead": _DESK,
    "command_room": _DESK | {Action.RELEASE_HELD, Action.ANALYSE},
    "dispatcher": _DESK | {Action.ANALYSE},
    "planner": _DESK
    | {
        Action.READ_DRAFTS,
        Action.PLAN,
        Action.REDRAW_OUTLINE,
        Action.APPROVE_DRAFT,
        Action.PUBLISH,
        Action.ANALYSE,
    },
    "leader": _DESK | {Action.READ_DRAFTS, Action.APPROVE_DRAFT, Action.PUBLISH, Action.ANALYSE},
    "department": _DESK,
    "admin": _DESK | {Action.READ_JOURNAL, Action.READ_DRAFTS, Action.ANALYSE},
}

FINEST_WITHOUT_CASES = 9

_HELD = frozenset({"command_room"})
_SENSITIVE_PLACES = frozenset({"worker", "grid_lead", "command_room", "dispatcher", "department"})
_BOUND_TO_POSTS = frozenset({"worker", "grid_lead"})


EVERY_CASE = CaseFilter()


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the city by its code."""

    level: Level
    code: str


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who signed in; ``role`` is one of the account roles of the design."""

    id: int
    name: str
    role: str
    area: Area | None = None
    department: str | None = None
    staff_id: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something may be done; ``reason`` says why not, else is empty."""

    allowed: bool
    reason: str = ""


def decide(account: Account | None, action: Action) -> Decision:
    """May ``account`` (None: nobody signed in) do such a thing at all?"""
    if action in PUBLIC:
        return Decision(True)
    if account is None:
        return Decision(False, "Sign in first.")
    if action in _ALLOWED.get(account.role, frozenset()):
        return Decision(True)
    return Decision(False, f"An account of the role {account.role} may not do this ({action}).")


def may(account: Account | None) -> tuple[Action, ...]:
    """Everything the account may do, in the order of ``Action``."""
    return tuple(action for action in Action if decide(account, action).allowed)


@dataclass(frozen=True, slots=True)
class CaseScope:
    """The cases a viewer may see.

    Parameters
    ----------
    grids
        Ids of grids; a case belongs to its grid of today. None is the whole city and what
        lies outside of it.
    categories
        Only these; None is every one.
    held
        Sees held cases too.
    placeless
        Categories whose cases it is never told the place of, nor finds by it. (Lists,
        tiles and stream tell nobody the place of a sensitive case; a detail may.)
    sensitive
        Categories that nobody finds by a cell or a drawn area: they are counted by
        community, township or the whole city only.
    """

    grids: frozenset[int] | None = None
    categories: frozenset[str] | None = None
    held: bool = False
    placeless: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()

    def narrowed(self, wanted: CaseFilter = EVERY_CASE) -> CaseFilter:
        """What was asked for, within this scope."""
        # A small box around a case would tell where it is.
        unfindable = frozenset() if wanted.bbox is None else self.placeless
        if wanted.cells or wanted.within:
            unfindable |= self.sensitive
        return replace(
            wanted,
            within_grids=self.grids,
            only_categories=self.categories,
            held=self.held,
            hidden=wanted.hidden + tuple(sorted(unfindable)),
        )

    def covers(self, today_grid_id: int | None) -> bool:
        """Whether a place lies in it; None is outside of every grid."""
        return self.grids is None or today_grid_id in self.grids

    def holds(self, *, today_grid_id: int | None, category: str, is_held: bool) -> bool:
        """Whether one case lies in it; the same rule as ``narrowed``."""
        return (
            self.covers(today_grid_id)
            and (self.categories is None or category in self.categories)
            and (self.held or not is_held)
        )


NOTHING = CaseScope(grids=frozenset(), categories=frozenset())


def scope_of(
    account: Account | None, profile: CityProfile, bound_to: frozenset[int] | None
) -> CaseScope:
    """The cases an account sees.

    Parameters
    ----------
    bound_to
        Ids of today's grids in the account's area, else of the places its staff member is
        posted to; None when it is bound to neither.
    """
    if account is None or not decide(account, Action.READ_CASES).allowed:
        return NOTHING
    grids = bound_to
    if grids is None and account.role in _BOUND_TO_POSTS:
        grids = frozenset()
    return CaseScope(
        grids=grids,
        categories=_categories_of(account.department, profile)
        if account.role == "department"
        else None,
        held=account.role in _HELD,
        placeless=frozenset()
        if account.role in _SENSITIVE_PLACES
        else frozenset(profile.sensitive),
        sensitive=frozenset(profile.sensitive),
    )


def finest_resolution(account: Account | None) -> int:
    """The finest H3 cells an account may have counted: finer than 9 only who may open cases."""
    may_open = decide(account, Action.READ_CASES).allowed
    return CASE_RESOLUTION if may_open else FINEST_WITHOUT_CASES


def bound_by_posts(account: Account) -> bool:
    """Whether the places its staff member is posted to bound what the account sees."""
    return account.area is None and account.role in _BOUND_TO_POSTS


def _categories_of(department: str | None, profile: CityProfile) -> frozenset[str]:
    return frozenset(
        category.code
        for category in profile.categories
        if department is not None and category.department == department
    )
