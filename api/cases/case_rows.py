"""From accepted rows of a file to the rows the store writes: placed, answered, as cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.cases.duty import NO_RULE, Roster
from api.cases.local_time import Instants
from api.cases.placement import grid_today, place
from api.locators import Locator
from api.profile import Category
from gis.datum import Datum
from gis.locate import Reason

REASON_WORDS = np.array([reason.word for reason in Reason], dtype=object)


def case_rows(
    accepted: pd.DataFrame,
    *,
    datum: Datum,
    locators: Sequence[Locator],
    posts: pd.DataFrame,
    roles: Sequence[str],
    category_of: Callable[[str], Category],
    state: str,
    now: np.datetime64,
) -> pd.DataFrame:
    """Place accepted rows (``ReportChunk.accepted``) and make the columns of ``add_reports``.

    Parameters
    ----------
    locators, posts, roles
        As in ``placement.place`` and ``duty.Roster.build``.
    category_of
        Gives kind and urgency of the case that a report of a category opens.
    state
        State of the cases.
    now
        UTC, for today's grid.
    """
    placed = place(
        locators,
        accepted["given_x"].to_numpy(np.float64),
        accepted["given_y"].to_numpy(np.float64),
        datum,
        instants_of(accepted["occurred_at"]),
    )
    roster = Roster.build(posts, roles)
    answers = placed.answered_by(roster, instants_of(accepted["received_at"]))
    role = np.array([*posts["role"], None], dtype=object)[answers.post]
    codes, category = np.unique(accepted["category"].to_numpy(str), return_inverse=True)
    meant = [category_of(str(code)) for code in codes]
    return accepted.assign(
        channel="import",
        given_datum=datum.value,
        accuracy_m=None,
        lng=placed.lng,
        lat=placed.lat,
        version_id=_ids(placed.version_id, placed.grid_id),
        grid_id=_ids(placed.grid_id),
        grid_reason=REASON_WORDS[placed.reason],
        today_grid_id=_ids(grid_today(locators, placed, now)),
        staff_id=_ids(answers.staff_id),
        staff_role=role,
        staff_rule=_numbers(answers.rule, answers.rule == NO_RULE),
        staff_row=_ids(answers.row_id),
        kind=np.array([found.kind for found in meant], dtype=object)[category],
        urgency=np.array([found.urgency for found in meant], dtype=object)[category],
        state=state,
    )


def instants_of(column: pd.Series) -> Instants:
    """An aware column as datetime64[us] UTC."""
    return column.to_numpy("datetime64[us]")


def _ids(ids: NDArray[np.int64], known: NDArray[np.int64] | None = None) -> pd.arrays.IntegerArray:
    """Ids as the database takes them: NULL where ``known`` (or the id itself) is negative."""
    return _numbers(ids, (ids if known is None else known) < 0)


def _numbers(values: NDArray[np.integer], missing: NDArray[np.bool_]) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(values.copy(), missing)
