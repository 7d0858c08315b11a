"""Playing the demo city: what would be reported from now on, at the pace of the hour.

Reports come as a Poisson process whose rate follows the habits of each category. The
same seed and clock give the same reports; sending them is left to the caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from api.demo.habits import HOURS, Habit, habit_of
from api.demo.places import Places
from api.demo.reports import REPORT_COUNT
from api.demo.rhythm import DAYS
from api.demo.words import sentences
from gis.datum import Datum, from_wgs84

# Phones that give GCJ-02 and say so, and reports with a phone's circle.
GCJ02_SHARE = 0.3
ACCURACY_M = (6.0, 60.0)
# Rates are looked at afresh this often (played time): an hour's begin is not missed.
STEP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class PlayedReport:
    """One report: when it is due in played time, and the body to send."""

    at: datetime
    body: dict[str, object]


def daily_reports(categories: Sequence[str], at: datetime) -> dict[str, float]:
    """How many reports a day each category has at this hour, weekday and season."""
    habits = {category: habit_of(category) for category in categories}
    shares = sum(habit.share for habit in habits.values())
    return {
        category: REPORT_COUNT / DAYS * habit.share / shares * _factor(habit, at)
        for category, habit in habits.items()
    }


def play(
    places: Places, categories: Sequence[str], *, seed: int, start: datetime
) -> Iterator[PlayedReport]:
    """Reports from ``start`` (aware, in the city's zone) on, in their order, without end."""
    rng = np.random.default_rng([seed, 6, int(start.timestamp())])
    at = start
    while True:
        rates = daily_reports(categories, at)
        per_s = sum(rates.values()) / 86_400
        wait = timedelta(seconds=float(rng.exponential(1 / per_s)))
        if wait > STEP:
            # Nothing until the next look: what a Poisson process forgets is no loss.
            at += STEP
            continue
        at += wait
        chance = np.array(list(rates.values()))
        category = str(rng.choice(list(rates), p=chance / chance.sum()))
        yield PlayedReport(at, _body(rng, places, category))


def _factor(habit: Habit, at: datetime) -> float:
    hours = HOURS[habit.hours]
    return float(
        hours[at.hour] / (sum(hours) / 24) * habit.week[at.weekday()] * habit.year[at.month - 1]
    )


def _body(rng: np.random.Generator, places: Places, category: str) -> dict[str, object]:
    lng, lat = places.draw(rng, habit_of(category).place, 1)
    datum = Datum.WGS84
    if rng.random() < GCJ02_SHARE:
        datum = Datum.GCJ02
        lng, lat = from_wgs84(lng, lat, datum)
    return {
        "lng": round(float(lng[0]), 7),
        "lat": round(float(lat[0]), 7),
        "datum": datum.value,
        "category": category,
        "description": str(sentences(rng, [category])[0]),
        "accuracy": round(float(rng.uniform(*ACCURACY_M)), 1),
    }
