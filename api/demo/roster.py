"""The demo city's duty rosters: three shifts a day, hand-overs, and gaps somebody else fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np

DAYS_BEFORE, DAYS_AFTER = 2, 7
# Each shift begins a quarter of an hour before the last one ends: the hand-over.
DAY, EVENING, NIGHT = (time(8), 8.0), (time(15, 45), 8.25), (time(23, 45), 8.25)
# Shifts nobody is entered for; then the worker of the grid answers, or who comes after.
OPEN_SHIFTS = 0.04
# In the streets (街道) each grid has a shift at night, elsewhere the community has.
LAST_STREET = "330281099"
# Nights without a duty in a community: the command room answers.
OPEN_COMMUNITY_NIGHTS = 0.2

Shift = tuple[time, float]
Crew = Mapping[str, Mapping[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Duty:
    """One person on duty in an area, ``[start, end)``, aware."""

    staff: str
    role: str
    area: str
    start: datetime
    end: datetime


def roster(
    rng: np.random.Generator, grids: gpd.GeoDataFrame, crew: Crew, *, today: date, zone: ZoneInfo
) -> list[Duty]:
    """Duties from two days before today to a week after it.

    By day a grid's worker is on duty, in the evening its micro-grid leads take turns, at
    night a liaison in the streets and one for the community elsewhere; the township's
    command room is manned around the clock. ``crew`` is role → area → staff codes.
    """
    days = [today + timedelta(days=day) for day in range(-DAYS_BEFORE, DAYS_AFTER + 1)]
    found: list[Duty] = []
    for area, codes in crew["on_call"].items():
        for number, day in enumerate(days):
            for shift, at in ((DAY, 0), (EVENING, 1), (NIGHT, 2)):
                code = codes[(3 * number + at) % len(codes)]
                found.append(_duty(code, "on_call", area, day, shift, zone))
    for community, members in grids.groupby("community", sort=True):
        liaisons = [c for grid in members["code"] for c in crew["liaison"].get(grid, [])]
        for number, day in enumerate(days):
            code = liaisons[number % len(liaisons)]
            if rng.random() >= OPEN_COMMUNITY_NIGHTS:
                found.append(_duty(code, "liaison", str(community), day, NIGHT, zone))
    for grid in grids["code"]:
        open_shift = rng.random((len(days), 3)) < OPEN_SHIFTS
        for number, day in enumerate(days):
            turns = [(DAY, "worker"), (EVENING, "micro_lead")]
            if grid[:9] < LAST_STREET:
                turns.append((NIGHT, "liaison"))
            for at, (shift, role) in enumerate(turns):
                codes = crew[role].get(grid, [])
                if codes and not open_shift[number, at]:
                    code = codes[number % len(codes)]
                    found.append(_duty(code, role, grid, day, shift, zone))
    return found


def _duty(code: str, role: str, area: str, day: date, shift: Shift, zone: ZoneInfo) -> Duty:
    start = datetime.combine(day, shift[0], zone)
    return Duty(code, role, area, start, start + timedelta(hours=shift[1]))
