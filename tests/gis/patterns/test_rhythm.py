"""The clock of cases against a count hour by hour, and against windows that invite false peaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, nbinom

from gis.patterns.rhythm import Window, rhythm

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
ZONES = [SHANGHAI, BERLIN, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe"), UTC]
SEEDS = st.integers(0, 2**32 - 1)


def window(first: str, last: str, zone: tzinfo = SHANGHAI) -> Window:
    """From a local midnight to another."""
    start, end = (
        np.datetime64(moment.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None), "s")
        for moment in (datetime.fromisoformat(first), datetime.fromisoformat(last))
    )
    return Window(start, end, zone)


def drawn(of: Window, count: int, rng: np.random.Generator) -> NDArray[np.datetime64]:
    seconds = int((of.end - of.start).astype("m8[s]").astype(int))
    return of.start + rng.integers(0, seconds, count).astype("m8[s]")


@given(
    seed=SEEDS,
    zone=st.sampled_from(ZONES),
    hours=st.integers(0, 14_000),
    minutes=st.integers(1, 1_500),
)
def test_cases_and_hours_are_those_of_a_walk_minute_by_minute(
    seed: int, zone: tzinfo, hours: int, minutes: int
) -> None:
    start = datetime(2023, 3, 20, 0, 7, tzinfo=UTC) + timedelta(hours=hours)
    begin = np.datetime64(start.replace(tzinfo=None), "s")
    of = Window(begin, begin + np.timedelta64(minutes * 60, "s"), zone)
    at = np.random.default_rng(seed).integers(-100, minutes + 100, 30)
    found = rhythm(begin + (at * 60).astype("m8[s]"), of)
    lasted, cases = np.zeros((7, 24), dtype=int), np.zeros((7, 24), dtype=int)
    often = np.bincount(at[(at >= 0) & (at < minutes)], minlength=minutes)
    for minute in range(minutes):
        local = (start + timedelta(minutes=minute)).astimezone(zone)
        lasted[local.weekday(), local.hour] += 1
        cases[local.weekday(), local.hour] += often[minute]
    assert found.counts.tolist() == cases.tolist()
    np.testing.assert_allclose(found.hours * 60, lasted, atol=1e-6)


def test_the_hour_that_is_missing_and_the_one_that_is_twice_are_counted_as_such() -> None:
    spring = rhythm(np.array([], dtype="M8[s]"), window("2024-03-25", "2024-04-01", BERLIN))
    autumn = rhythm(np.array([], dtype="M8[s]"), window("2024-10-21", "2024-10-28", BERLIN))
    assert spring.hours[6].tolist() == [1, 1, 0, *[1] * 21]
    assert autumn.hours[6].tolist() == [1, 1, 2, *[1] * 21]
    assert (spring.hours.sum(), autumn.hours.sum()) == (167, 169)


@pytest.mark.parametrize(
    ("first", "last", "zone"),
    [("2024-05-01", "2024-05-11", SHANGHAI), ("2024-10-20", "2024-10-31", BERLIN)],
)
def test_a_window_of_ten_days_and_a_doubled_hour_make_no_peak(
    first: str, last: str, zone: tzinfo
) -> None:
    rng = np.random.default_rng(1)
    of = window(first, last, zone)
    false = [bool(rhythm(drawn(of, 4_000, rng), of).stands_out().any()) for _ in range(100)]
    # 5 expected; more than 13 once in 2,000 times. Weekdays that come twice have twice the cases.
    assert sum(false) <= 13


def test_the_morning_of_weekdays_is_found_and_nothing_else() -> None:
    rng = np.random.default_rng(2)
    of = window("2024-01-01", "2024-07-01")
    even = drawn(of, 6_000, rng)
    local_hour = (even + np.timedelta64(8, "h")).astype("M8[h]").astype(int)
    monday_first = (even + np.timedelta64(8, "h")).astype("M8[D]").astype(int) + 3
    rush = (local_hour % 24 == 7) & (monday_first % 7 < 5)
    found = rhythm(np.concatenate([even, *[even[rush]] * 2]), of).stands_out()
    assert (found[:5, 7] == 1).all()
    assert (np.delete(found, 7, axis=1) == 1).sum() <= 1
    assert (found[5:] == 1).sum() <= 1


def test_one_storm_is_no_rhythm() -> None:
    """Sixty cases within one hour of one Tuesday, and 600 spread over half a year."""
    rng = np.random.default_rng(3)
    of = window("2024-01-01", "2024-07-01")
    storm = np.datetime64("2024-03-05T06:00:00") + rng.integers(0, 3_600, 60).astype("m8[s]")
    found = rhythm(np.concatenate([drawn(of, 600, rng), storm]), of)
    assert found.counts[1, 14] >= 60
    assert found.stands_out()[1, 14] == 0
    # Sixty on twenty Tuesdays at that hour are one.
    weekly = np.datetime64("2024-01-02T06:30:00") + np.repeat(np.arange(20) * 7, 3).astype("m8[D]")
    regular = rhythm(np.concatenate([drawn(of, 600, rng), weekly.astype("M8[s]")]), of)
    assert regular.stands_out()[1, 14] == 1


@pytest.mark.parametrize("burst", [1, 5])
def test_p_is_twice_the_tail_of_the_named_distribution(burst: int) -> None:
    rng = np.random.default_rng(4)
    of = window("2024-01-01", "2024-03-04")
    found = rhythm(np.repeat(drawn(of, 900, rng), burst), of)
    # All hours together tell how cases burst; some tell more of themselves.
    assert found.phi.min() == pytest.approx(burst, rel=0.15)
    rain = found.phi == 1
    phi = np.where(rain, 2, found.phi)
    bursts = nbinom(found.expected / (phi - 1), 1 / phi)
    even = binom(900, found.hours / found.hours.sum())
    tails = [
        np.minimum(chance.sf(found.counts - 1), chance.cdf(found.counts))
        for chance in (even, bursts)
    ]
    tail = np.where(rain, *tails)
    np.testing.assert_allclose(found.p, np.minimum(1, 2 * tail), rtol=1e-6)


def test_a_window_without_cases_has_hours_and_no_p() -> None:
    of = window("2024-01-01", "2024-01-03")
    outside = np.array(["2025-01-01T00:00:00"], dtype="M8[s]")
    for instants in (outside, outside[:0]):
        found = rhythm(instants, of)
        assert found.lack
        assert found.hours.sum() == 48
        assert np.isnan(found.p).all()
        assert not found.stands_out().any()


def test_hours_the_window_never_had_have_no_p_and_all_in_one_hour_is_said() -> None:
    of = window("2024-01-01", "2024-01-02")
    found = rhythm(np.full(40, np.datetime64("2024-01-01T01:00:00")), of)
    assert np.isnan(found.p[1:]).all()
    assert found.counts[0, 9] == 40
    assert found.stands_out()[0, 9] == 1


def test_a_window_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(ValueError, match="is none"):
        Window(np.datetime64("2024-01-02"), np.datetime64("2024-01-02"), UTC)


@given(seed=SEEDS, zone=st.sampled_from(ZONES))
def test_hours_that_nobody_asked_about_are_no_part_of_the_window(seed: int, zone: tzinfo) -> None:
    rng = np.random.default_rng(seed)
    of = window("2024-03-04", "2024-05-06", zone)
    instants = drawn(of, 400, rng)
    looked_at = rng.random((7, 24)) < 0.3
    whole, part = rhythm(instants, of), rhythm(instants, of, looked_at)
    np.testing.assert_array_equal(part.counts, np.where(looked_at, whole.counts, 0))
    np.testing.assert_allclose(part.hours, np.where(looked_at, whole.hours, 0))
    assert part.expected.sum() == pytest.approx(part.counts.sum())
    assert (part.stands_out()[~looked_at] == 0).all()
    # What is usual is so among what was asked about.
    if part.counts.sum():
        rate = part.counts.sum() / part.hours.sum()
        np.testing.assert_allclose(part.expected, rate * part.hours)
