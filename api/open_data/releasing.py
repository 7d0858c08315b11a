"""Releasing months that are over: each once, whatever becomes of its cases afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from api.open_data.months import begin_of, month_after, months_over, name_of
from api.profile import CityProfile
from gis.errors import BadInput, Conflict
from gis.patterns.open_counts import OpenRules, open_counts
from gis.store import journal
from gis.store.engine import Transaction
from gis.store.open_data import (
    OpenRows,
    Release,
    add_release,
    cells_to_release,
    first_case_at,
    lock_releases,
    releases,
)

RELEASED = "open_data.released"


async def release_months(
    tx: Transaction, profile: CityProfile, *, actor: str, now: datetime, only: date | None = None
) -> list[tuple[date, int]]:
    """Release every month that is over and was not yet; answers each with its number of rows.

    Nothing where the profile calls no category public: a month is released once, and one that
    was released without any category could never tell of one.

    Parameters
    ----------
    only
        This month alone.

    Raises
    ------
    BadInput
        ``nothing_is_public``, ``month_not_over``, ``month_without_cases``; of ``only``.
    Conflict
        ``month_released``; of ``only``.
    """
    if not profile.public:
        if only is not None:
            raise BadInput("nothing_is_public", "The city profile calls no category public.")
        return []
    await lock_releases(tx)
    known = await releases(tx)
    done = {release.month for release in known}
    first = await first_case_at(tx)
    wait_days = profile.open_data.wait_days
    over = [] if first is None else list(months_over(first, now, profile.zone, wait_days))
    if only is not None:
        _check(only, over, done)
    found = []
    for month in over:
        if month not in done and only in (None, month):
            release = _release_of(month, profile, known, now)
            rows = await _cut(tx, release)
            await add_release(tx, release, rows)
            known.append(release)
            found.append((month, len(rows)))
            await _note(tx, release, rows, actor)
    return found


def _check(month: date, over: Sequence[date], done: set[date]) -> None:
    name = name_of(month)
    if month in done:
        raise Conflict("month_released", f"{name} was released; no month is a second time.")
    if not over or month > over[-1]:
        raise BadInput("month_not_over", f"{name} cannot be released yet.", month=name)
    if month < over[0]:
        raise BadInput("month_without_cases", f"The city had no case in {name} yet.", month=name)


def _release_of(
    month: date, profile: CityProfile, known: Sequence[Release], now: datetime
) -> Release:
    """What is released of a month.

    Months of another time zone overlap by hours: what an earlier release counted is left out.
    """
    rules = profile.open_data
    before = [release.to_at for release in known if release.month < month]
    after = [release.from_at for release in known if release.month > month]
    return Release(
        month,
        max([begin_of(month, profile.zone), *before]),
        min([begin_of(month_after(month), profile.zone), *after]),
        profile.timezone,
        rules.least,
        rules.coarsest,
        rules.finest,
        rules.wait_days,
        tuple(sorted(profile.public)),
        now,
    )


async def _cut(tx: Transaction, release: Release) -> OpenRows:
    rules = OpenRules(release.least, release.coarsest, release.finest)
    cells = await cells_to_release(tx, release)
    tables = [
        # Milliseconds, but of a large city tens of them.
        (category, await asyncio.to_thread(open_counts, cells[category], rules))
        for category in sorted(cells)
    ]
    if not tables:
        return OpenRows.none()
    return OpenRows(
        np.full(sum(len(cut.cells) for _, cut in tables), np.datetime64(release.month, "D")),
        np.array([category for category, cut in tables for _ in cut.cells], dtype=object),
        np.concatenate([cut.cells for _, cut in tables]),
        np.concatenate([cut.counts for _, cut in tables]),
    )


async def _note(tx: Transaction, release: Release, rows: OpenRows, actor: str) -> None:
    await journal.append(
        tx,
        actor=actor,
        kind=RELEASED,
        subject=f"open_data/{name_of(release.month)}",
        after={
            "least": release.least,
            "coarsest": release.coarsest,
            "finest": release.finest,
            "wait_days": release.wait_days,
            "categories": len(release.categories),
            "rows": len(rows),
        },
    )
