"""When things are reported in the demo city: by hour, weekday, season and weather."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.demo.habits import HOURS, Habit

DAYS = 365
# From one day to the next the same mood: busy days differ by this much (log).
DAY_TO_DAY = 0.1
# Over the year people learn to report.
GROWTH = 0.18
RAIN_DAYS = 26
RAINY_MONTHS = (6, 7, 8, 9)
RAIN_WEIGHTS = (0.5, 0.2, 0.15, 0.15)
# A heavy rain makes so many more reports of water, and lasts so many hours.
RAIN_FACTOR, RAIN_HOURS = 40.0, 7
WET = ("flooding",)


@dataclass(frozen=True)
class Year:
    """The days of the year up to now, and which of them it poured on.

    Parameters
    ----------
    midnights
        The city's midnight each day begins with, the last is today's; aware.
    mood
        Factor of each day.
    rain
        Hour at which a heavy rain began each day, -1 for none.
    """

    midnights: pd.DatetimeIndex
    mood: NDArray[np.float64]
    rain: NDArray[np.int64]

    @classmethod
    def before(cls, now: datetime, rng: np.random.Generator) -> Year:
        """The year that ends at ``now`` (aware, in the city's zone)."""
        today = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        days = pd.date_range(today - timedelta(days=DAYS - 1), today, freq="D")
        mood = np.exp(rng.normal(0, DAY_TO_DAY, DAYS)) * np.linspace(1 - GROWTH, 1, DAYS)
        weight = np.array([dict(zip(RAINY_MONTHS, RAIN_WEIGHTS, strict=True)).get(m, 0.004)
                           for m in days.month])  # fmt: skip
        wet = rng.choice(DAYS, RAIN_DAYS, replace=False, p=weight / weight.sum())
        rain = np.full(DAYS, -1)
        rain[wet] = rng.integers(0, 20, RAIN_DAYS)
        return cls(days.tz_localize(now.tzinfo), mood, rain)

    def weights(self, habit: Habit, *, wet: bool) -> NDArray[np.float64]:
        """How much of a habit falls on each day."""
        week = np.array(habit.week)[self.midnights.day_of_week]
        season = np.array(habit.year)[self.midnights.month - 1]
        weather = np.where(self.rain >= 0, RAIN_FACTOR, 1.0) if wet else 1.0
        found: NDArray[np.float64] = week * season * self.mood * weather
        return found

    def instants(
        self, rng: np.random.Generator, habit: Habit, count: int, *, wet: bool
    ) -> pd.DatetimeIndex:
        """``count`` instants of a habit over the year; some of today's lie after now."""
        weight = self.weights(habit, wet=wet)
        day = rng.choice(DAYS, count, p=weight / weight.sum())
        hours = np.array(HOURS[habit.hours])
        hour = rng.choice(24, count, p=hours / hours.sum())
        if wet:
            began = self.rain[day]
            since = np.minimum(rng.gamma(2, RAIN_HOURS / 6, count), 23)
            hour = np.where(began >= 0, np.minimum(began + since.astype(int), 23), hour)
        second = hour * 3600 + rng.integers(0, 3600, count)
        return self.midnights[day] + pd.to_timedelta(second, unit="s")
