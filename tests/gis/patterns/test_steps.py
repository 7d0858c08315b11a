"""Steps of time against the calendar of pandas, and day by day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.patterns.steps import STEPS, Step, Steps

DAYS = st.dates(date(1999, 1, 1), date(2030, 12, 31))


def day(text: str | date) -> np.datetime64:
    return np.datetime64(text, "D")


@given(first=DAYS, length=st.integers(0, 800), kind=st.sampled_from(STEPS))
def test_every_day_lies_in_the_step_that_begins_last_before_it(
    first: date, length: int, kind: Step
) -> None:
    last = first + timedelta(days=length)
    steps = Steps.until(day(last), day(first), kind)
    days = np.arange(day(first) - 40, day(last) + 40)
    begins = steps.starts.tolist()
    end: Any = steps.end.item()
    assert end <= last + timedelta(days=1)
    expected = [
        sum(begin <= at for begin in begins) - 1 if at < end else -1 for at in days.tolist()
    ]
    assert steps.positions(days).tolist() == expected
    assert steps.count == len(begins)


@given(first=DAYS, length=st.integers(0, 800))
def test_weeks_have_seven_days_and_the_last_ends_with_the_last_day(
    first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    steps = Steps.until(day(last), day(first), "week")
    assert steps.count == (length + 1) // 7
    assert steps.end == day(last) + 1
    bounds = [*steps.starts.tolist(), last + timedelta(days=1)]
    assert {(bounds[at + 1] - bounds[at]).days for at in range(steps.count)} <= {7}
    # Not one more would fit.
    assert bounds[0] - timedelta(days=7) < first <= bounds[0]


@given(first=DAYS, length=st.integers(0, 800))
def test_months_are_the_whole_ones_of_the_calendar(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    edges = pd.date_range(first, last + timedelta(days=1), freq="MS").date.tolist()
    steps = Steps.until(day(last), day(first), "month")
    assert steps.starts.tolist() == edges[:-1]
    if len(edges) > 1:
        assert steps.end.item() == edges[-1]


@given(last=DAYS, count=st.integers(1, 60), kind=st.sampled_from(STEPS))
def test_so_many_steps_end_with_a_day_as_all_that_fit_before_it_do(
    last: date, count: int, kind: Step
) -> None:
    every = Steps.until(day(last), day(last) - 3000, kind)
    found = Steps.ending(day(last), count, kind)
    assert found.starts.tolist() == every.starts.tolist()[-count:]
    assert found.end == every.end


def test_days_before_the_first_whole_step_and_after_the_last_are_in_none() -> None:
    steps = Steps.until(day("2024-03-10"), day("2024-02-20"), "week")
    assert steps.starts.tolist() == [date(2024, 2, 26), date(2024, 3, 4)]
    asked = np.array(["2024-02-20", "2024-02-25", "2024-02-26", "2024-03-10", "2024-03-11", "NaT"])
    assert steps.positions(asked.astype("M8[D]")).tolist() == [-1, -1, 0, 1, -1, -1]


@pytest.mark.parametrize(("night", "hours"), [("2024-03-31", 23), ("2024-10-27", 25)])
def test_a_clock_change_makes_no_day_longer_or_shorter(night: str, hours: int) -> None:
    """Every hour of the instants of a week, by the local day it falls on."""
    middle = pd.Timestamp(night, tz="Europe/Berlin")
    instants = pd.date_range(
        middle - pd.DateOffset(days=3), middle + pd.DateOffset(days=4), freq="h", inclusive="left"
    )
    local = instants.tz_localize(None).to_numpy().astype("M8[D]")
    steps = Steps.until(local[-1], local[0], "day")
    assert steps.count == 7
    assert np.bincount(steps.positions(local)).tolist() == [24, 24, 24, hours, 24, 24, 24]


@pytest.mark.parametrize("kind", STEPS)
def test_a_window_that_is_over_before_it_begins_has_no_step(kind: Step) -> None:
    steps = Steps.until(day("2024-01-31"), day("2024-03-05"), kind)
    assert steps.count == 0
    assert steps.positions(np.array([day("2024-01-31"), day("2024-02-10")])).tolist() == [-1, -1]
