"""At which hours of which weekdays the cases of a filter come more often, or less."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC

import numpy as np
from numpy.typing import NDArray

from api.analysis.asking import Asked, Viewpoint, seen_of
from api.analysis.periods import Period
from api.service import Service
from gis.errors import BadInput
from gis.patterns.rhythm import DAYS, HOURS, Rhythm, Window, rhythm
from gis.store.case_blocks import instants_of
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction

MOST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class CaseRhythm:
    """The clock of a period's cases; ``withheld`` are categories not told so finely."""

    zone: str
    found: Rhythm
    withheld: tuple[str, ...]


async def rhythm_of(
    service: Service, tx: Transaction, viewpoint: Viewpoint, wanted: CaseFilter
) -> CaseRhythm:
    """The clock of the cases that the viewer may see; hours the filter leaves out are none.

    Raises
    ------
    BadInput
        As ``counts_of``; ``window_missing``, ``window_empty``, ``window_too_long``.
    """
    period = Period.of(wanted)
    days = (period.stop - period.start).days
    if days > MOST_DAYS:
        raise BadInput(
            "window_too_long",
            f"A rhythm is of {MOST_DAYS:,} days at most, not of {days:,}.",
            field="from",
            days=days,
        )
    narrowed = await seen_of(service, tx, viewpoint, wanted, Asked("hour"))
    instants = await instants_of(tx, narrowed.cases)
    # Hours that are still to come had no chance to have a case.
    stop = viewpoint.now if period.start < viewpoint.now < period.stop else period.stop
    start, end = (
        np.datetime64(each.astimezone(UTC).replace(tzinfo=None), "us")
        for each in (period.start, stop)
    )
    window = Window(start, end, period.zone)
    found = await asyncio.to_thread(rhythm, instants, window, _looked_at(wanted))
    return CaseRhythm(wanted.zone, found, narrowed.withheld)


def _looked_at(wanted: CaseFilter) -> NDArray[np.bool_] | None:
    if not wanted.hours and not wanted.weekdays:
        return None
    looked_at = np.ones((DAYS, HOURS), dtype=np.bool_)
    if wanted.hours:
        looked_at[:, [hour for hour in range(HOURS) if hour not in wanted.hours]] = False
    if wanted.weekdays:
        looked_at[[day for day in range(DAYS) if day + 1 not in wanted.weekdays]] = False
    return looked_at
