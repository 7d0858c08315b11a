"""The person who answers for a grid at an instant: five rules, tried in their order.

1. a duty row of the grid that covers the instant, in the profile's role order
2. a ``worker`` assigned to the grid
3. the ``grid_lead`` assigned to the grid
4. a duty row of the community
5. the township's command room: a duty row of the township, else one assigned to it

Intervals are ``[from, to)``. Among equals the lowest staff code answers, then
the lowest row id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.cases.local_time import Instants
from api.cases.timetable import NOBODY, Timetable

NO_RULE = 0
NO_ID = -1

_EARLIEST, _LATEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max

# Rule, table of the row, role it needs (None: any), level of the area.
RULES = (
    (1, "duty", None, "grid"),
    (2, "assignment", "worker", "grid"),
    (3, "assignment", "grid_lead", "grid"),
    (4, "duty", None, "community"),
    (5, "duty", None, "township"),
    (5, "assignment", None, "township"),
)


@dataclass(frozen=True)
class Answers:
    """Who answers, for each question.

    Parameters
    ----------
    staff_id, row_id
        int64; `NO_ID` where nobody does. The row is one of the duties for the rules
        1 and 4, of the assignments for 2 and 3, of either for 5: ``post`` tells.
    rule
        uint8, 1 to 5; `NO_RULE` where nobody does.
    post
        int64, position of the row in the frame the roster was built from; -1 for none.
    """

    staff_id: NDArray[np.int64]
    rule: NDArray[np.uint8]
    row_id: NDArray[np.int64]
    post: NDArray[np.int64]


@dataclass(frozen=True)
class Roster:
    """Duties and assignments ready to be asked. Made by `build`."""

    staff_id: NDArray[np.int64]
    row_id: NDArray[np.int64]
    rules: tuple[tuple[int, str, Timetable], ...]

    @classmethod
    def build(cls, posts: pd.DataFrame, role_order: Sequence[str]) -> Self:
        """Compile posts.

        Parameters
        ----------
        posts
            Columns ``table`` (duty or assignment), ``row_id``, ``level`` (grid,
            community or township), ``area_id``, ``role``, ``staff_id``,
            ``staff_code``, ``start``, ``stop`` (aware; missing is an open end).
        role_order
            The role named first answers first; roles not named come after all others.
        """
        start = _microseconds(posts["start"], _EARLIEST)
        stop = _microseconds(posts["stop"], _LATEST)
        rank = _ranks(posts, role_order)
        area = posts["area_id"].to_numpy(np.int64)
        rules = []
        for rule, table, role, level in RULES:
            fits = (posts["table"] == table) & (posts["level"] == level)
            if role is not None:
                fits &= posts["role"] == role
            chosen = np.flatnonzero(fits.to_numpy(np.bool_))
            timetable = Timetable.build(
                area[chosen], start[chosen], stop[chosen], rank[chosen], chosen
            )
            rules.append((rule, level, timetable))
        # One element more, the last: what -1 points to.
        return cls(
            np.append(posts["staff_id"].to_numpy(np.int64), NO_ID),
            np.append(posts["row_id"].to_numpy(np.int64), NO_ID),
            tuple(rules),
        )

    def at(
        self,
        grid_id: NDArray[np.int64],
        community_id: NDArray[np.int64],
        township_id: NDArray[np.int64],
        instants: Instants,
    ) -> Answers:
        """Who answers for each grid at each instant.

        Parameters
        ----------
        grid_id, community_id, township_id
            Ids of the areas, `NO_ID` where a point lies in none.
        instants
            datetime64[us] UTC.
        """
        moment = instants.astype("datetime64[us]").view(np.int64)
        areas = {"grid": grid_id, "community": community_id, "township": township_id}
        post = np.full(len(moment), NOBODY, np.int64)
        rule = np.full(len(moment), NO_RULE, np.uint8)
        for number, level, timetable in self.rules:
            asked = np.flatnonzero(post == NOBODY)
            found = timetable.at(areas[level][asked], moment[asked])
            answered = found != NOBODY
            post[asked[answered]] = found[answered]
            rule[asked[answered]] = number
        return Answers(self.staff_id[post], rule, self.row_id[post], post)


def _ranks(posts: pd.DataFrame, role_order: Sequence[str]) -> NDArray[np.int64]:
    places = {role: place for place, role in enumerate(role_order)}
    place = posts["role"].map(lambda role: places.get(role, len(places))).to_numpy(np.int64)
    _, code = np.unique(posts["staff_code"].to_numpy(str), return_inverse=True)
    order = np.lexsort((posts["row_id"].to_numpy(np.int64), code, place))
    ranks = np.empty(len(posts), np.int64)
    ranks[order] = np.arange(len(posts))
    return ranks


def _microseconds(times: pd.Series, missing: int) -> NDArray[np.int64]:
    instants = pd.to_datetime(times, utc=True).to_numpy("datetime64[us]")
    return np.where(np.isnat(instants), missing, instants.view(np.int64))
