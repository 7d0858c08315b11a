"""Periods and what lies before them, by clocks that are set forward and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.analysis.periods import Period, beginning_of
from api.analysis.spans import Spans
from gis.errors import BadInput
from gis.patterns.steps import STEPS, Step, Steps
from gis.store.case_filter import CaseFilter

ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo")
DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))


def period(start: datetime, stop: datetime, zone: str) -> Period:
    return Period.of(CaseFilter(occurred_from=start, occurred_to=stop, zone=zone))


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@given(first=DAYS, length=st.integers(1, 400), zone=st.sampled_from(ZONES))
def test_before_so_many_days_lie_as_many_days_whatever_the_clock_does(
    first: date, length: int, zone: str
) -> None:
    after = first + timedelta(days=length)
    now = period(midnight(first, zone), midnight(after, zone), zone)
    assert now.told() == (str(first), str(after))
    assert (now.first_day.item(), now.last_day.item()) == (first, after - timedelta(days=1))
    before = now.before
    assert before.told() == (str(first - timedelta(days=length)), str(first))
    assert before.stop == now.start
    assert beginning_of(np.datetime64(first), ZoneInfo(zone)) == now.start


@given(
    minute=st.integers(0, 30 * 366 * 1440),
    hours=st.floats(0.01, 3000),
    zone=st.sampled_from(ZONES),
)
def test_before_any_hours_lie_as_many_of_the_clock(minute: int, hours: float, zone: str) -> None:
    start = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    now = period(start, start + timedelta(hours=hours), zone)
    before = now.before
    assert before.start < before.stop == now.start
    # A clock change within either of them is all that they may differ by.
    lasted = [(each.stop - each.start).total_seconds() / 3600 for each in (before, now)]
    assert abs(lasted[0] - lasted[1]) <= 2 + 1e-6


@pytest.mark.parametrize(
    "start",
    [
        # 1:50 of summer to 1:10 of winter: 20 minutes, and the clock shows 40 less.
        datetime(2024, 11, 3, 5, 50, tzinfo=UTC),
        # 3:00 of summer: 2:40, 20 minutes before, is shown by no clock.
        datetime(2024, 3, 10, 7, tzinfo=UTC),
    ],
)
def test_in_the_nights_that_a_clock_is_set_there_is_a_before_too(start: datetime) -> None:
    now = period(start, start + timedelta(minutes=20), "America/New_York")
    assert now.before == Period(start - timedelta(minutes=20), start, now.zone)


@given(
    last=DAYS,
    count=st.integers(1, 20),
    step=st.sampled_from(STEPS),
    length=st.integers(1, 60),
    zone=st.sampled_from(ZONES),
)
def test_spans_count_each_period_and_step_as_its_own_days(
    last: date, count: int, step: Step, length: int, zone: str
) -> None:
    """With one case a day at noon, in one cell."""
    after = last + timedelta(days=1)
    now = period(midnight(after - timedelta(days=length), zone), midnight(after, zone), zone)
    steps = Steps.ending(np.datetime64(last), count, step)
    spans = Spans.of(steps, now, now.before)
    assert list(spans.edges) == sorted(set(spans.edges))
    first, stop = spans.edges[0], spans.edges[-1]
    days = [last - timedelta(days=back) for back in range(800)]
    noons = [datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC) for day in days]
    cube = np.zeros((1, len(spans.edges) - 1), dtype=np.int64)
    for noon in noons:
        if first <= noon < stop:
            cube[0, sum(edge <= noon for edge in spans.edges) - 1] += 1
    assert spans.within(cube, now).tolist() == [length]
    assert spans.within(cube, now.before).tolist() == [length]
    edges = [*steps.starts.tolist(), steps.end.item()]
    long = [(edges[at + 1] - edges[at]).days for at in range(len(edges) - 1)]
    assert spans.by_step(cube).tolist() == [long]


@pytest.mark.parametrize(
    ("start", "stop", "zone"),
    [
        ("0001-01-01T00:00:00+00:00", "0001-02-01T00:00:00+00:00", "America/New_York"),
        ("9999-12-01T00:00:00+00:00", "9999-12-31T23:59:00+00:00", "Asia/Shanghai"),
        ("0001-01-20T00:00:00+00:00", "0001-02-20T00:00:00+00:00", "UTC"),
    ],
)
def test_what_the_calendar_has_not_is_refused(start: str, stop: str, zone: str) -> None:
    now = period(datetime.fromisoformat(start), datetime.fromisoformat(stop), zone)
    with pytest.raises(BadInput) as refusal:
        now.before.told()
    assert refusal.value.code == "time_invalid"
