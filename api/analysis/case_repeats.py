"""Near repeats among the cases of a filter: does one case draw another, close by and soon after?"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

import numpy as np
import shapely

from api.analysis.asking import Asked, Viewpoint, seen_of
from api.request_transaction import RequestTransaction
from api.service import Service
from gis.crs import metric_crs, project
from gis.errors import BadInput
from gis.patterns.near_repeat import NearRepeatOptions, NearRepeats, near_repeats
from gis.store.case_blocks import CaseColumns, cases_of
from gis.store.case_filter import CaseFilter

DISTANCES_M = (0.0, 100.0, 200.0, 400.0, 800.0)
DAYS = (0.0, 7.0, 14.0, 28.0)
MOST_BANDS, FARTHEST_M, LONGEST_DAYS = 10, 20_000.0, 3_660.0
MOST_PAIRS = 5_000_000
"""Of so many a search takes 4 s and 0.4 GB."""
SEED = 0

_NUMBER = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")
# Beyond this nothing is a distance in a plane.
_PLANE_DEGREES = 5.0


@dataclass(frozen=True, slots=True)
class CaseRepeats:
    """Tables of distance bands by time bands; ``withheld`` categories are not in them."""

    bands: NearRepeatOptions
    cases: int
    found: NearRepeats
    withheld: tuple[str, ...]


def bands_asked(distances: str | None, days: str | None) -> NearRepeatOptions:
    """The bands of a query string: ends, ascending.

    Raises
    ------
    BadInput
        ``distances_invalid``, ``days_invalid``.
    """
    return NearRepeatOptions(
        _ends("distances", distances, DISTANCES_M, FARTHEST_M, "metres"),
        _ends("days", days, DAYS, LONGEST_DAYS, "whole days"),
        most_pairs=MOST_PAIRS,
    )


async def repeats_of(
    service: Service,
    asked: RequestTransaction,
    one_at_a_time: asyncio.Lock,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    bands: NearRepeatOptions,
) -> CaseRepeats:
    """Near repeats of the cases that the viewer may see, between days of the city's calendar.

    One is searched at a time, off the event loop and without a connection of the pool. The times
    are dealt out from a seed that is always the same, so the same question has one answer.

    Raises
    ------
    BadInput
        As ``counts_of``.
    TooLarge
        ``too_many_pairs``.
    """
    # Bands of so few metres tell of places finer than a community, as cells do.
    narrowed = await seen_of(service, await asked.begun(), viewpoint, wanted, Asked("grid"))
    await asked.end()
    async with one_at_a_time:
        cases = await cases_of(await asked.begun(), narrowed.cases)
        await asked.end()
        found = await asyncio.to_thread(_searched, service, cases, bands)
    return CaseRepeats(bands, *found, narrowed.withheld)


def _searched(
    service: Service, cases: CaseColumns, bands: NearRepeatOptions
) -> tuple[int, NearRepeats]:
    local = cases.local_times(service.profile.zone)
    days = local.astype("M8[D]").astype(np.float64)
    x_m, y_m = cases.lng, cases.lat
    if len(cases):
        middle = float(np.median(cases.lng)), float(np.median(cases.lat))
        # A case on another continent has no place in the city's plane, nor a near one.
        away = np.hypot(cases.lng - middle[0], cases.lat - middle[1])
        is_near = away < _PLANE_DEGREES
        degrees = np.column_stack([cases.lng, cases.lat])[is_near]
        points = shapely.get_parts(shapely.multipoints(degrees))
        crs = metric_crs(*middle, service.profile.metric_crs)
        x_m, y_m = shapely.get_coordinates(project(points, crs)).T
        days = days[is_near]
    return len(x_m), near_repeats(x_m, y_m, days, bands, rng=np.random.default_rng(SEED))


def _ends(
    field: str, value: str | None, usual: tuple[float, ...], most: float, unit: str
) -> tuple[float, ...]:
    if value is None:
        return usual
    refusal = BadInput(
        f"{field}_invalid",
        f"{field} must be up to {MOST_BANDS} numbers of {unit} from 0 to {most:,.0f}, ascending.",
        field=field,
    )
    words = [word.strip() for word in value.split(",")]
    if len(words) > MOST_BANDS or not all(_NUMBER.fullmatch(word) for word in words):
        raise refusal
    ends = tuple(float(word) for word in words)
    is_whole = all(end.is_integer() for end in ends)
    if ends[-1] > most or list(ends) != sorted(set(ends)) or (field == "days" and not is_whole):
        raise refusal
    return ends
