"""Local times to UTC, held against Python's own zones one time at a time (PEP 495)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.local_time import TimeFlag, local_to_utc

CHICAGO = ZoneInfo("America/Chicago")
ZONES = st.sampled_from(
    [
        "America/Chicago",
        "Asia/Shanghai",
        "Australia/Lord_Howe",  # its clock changes by half an hour
        "Africa/Casablanca",  # goes back before Ramadan, forward after it
        "Asia/Kathmandu",
        "UTC",
    ]
).map(ZoneInfo)


def _one(wall: datetime, zone: ZoneInfo) -> tuple[datetime, TimeFlag]:
    utc, flag = local_to_utc(np.array([wall], "datetime64[us]"), zone)
    return utc[0].item().replace(tzinfo=UTC), TimeFlag(int(flag[0]))


def _shown(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


@given(
    wall=st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2099-01-01")),
    zone=ZONES,
)
def test_a_time_is_what_python_reads_with_fold_0(wall: datetime, zone: ZoneInfo) -> None:
    found, _ = _one(wall, zone)
    assert found == wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


@given(
    year=st.integers(1970, 2090),
    minutes=st.integers(0, 366 * 24 * 60),
    zone=ZONES,
)
def test_the_flag_tells_hours_shown_twice_and_hours_never_shown(
    year: int, minutes: int, zone: ZoneInfo
) -> None:
    wall = datetime.fromisoformat(f"{year}-01-01") + timedelta(minutes=minutes)
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    readings = {instant for instant in (first, second) if _shown(instant, zone) == wall}
    expected = {0: TimeFlag.MISSING_HOUR, 1: TimeFlag.NONE, 2: TimeFlag.AMBIGUOUS_HOUR}
    assert _one(wall, zone)[1] is expected[len(readings)]


def test_an_hour_shown_twice_is_its_first_occurrence() -> None:
    found, flag = _one(datetime.fromisoformat("2026-11-01T01:30:00"), CHICAGO)
    assert found == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert flag is TimeFlag.AMBIGUOUS_HOUR


def test_a_skipped_hour_moves_forward_by_the_hour() -> None:
    found, flag = _one(datetime.fromisoformat("2026-03-08T02:30:00"), CHICAGO)
    assert _shown(found, CHICAGO) == datetime.fromisoformat("2026-03-08T03:30:00")
    assert flag is TimeFlag.MISSING_HOUR


@pytest.mark.parametrize(
    ("wall", "flag"),
    [
        (datetime.fromisoformat("2026-03-08T01:59:59.999999"), TimeFlag.NONE),
        (datetime.fromisoformat("2026-03-08T02:00:00"), TimeFlag.MISSING_HOUR),
        (datetime.fromisoformat("2026-03-08T02:59:59.999999"), TimeFlag.MISSING_HOUR),
        (datetime.fromisoformat("2026-03-08T03:00:00"), TimeFlag.NONE),
        (datetime.fromisoformat("2026-11-01T00:59:59.999999"), TimeFlag.NONE),
        (datetime.fromisoformat("2026-11-01T01:00:00"), TimeFlag.AMBIGUOUS_HOUR),
        (datetime.fromisoformat("2026-11-01T01:59:59.999999"), TimeFlag.AMBIGUOUS_HOUR),
        (datetime.fromisoformat("2026-11-01T02:00:00"), TimeFlag.NONE),
    ],
)
def test_the_changing_hour_ends_to_the_microsecond(wall: datetime, flag: TimeFlag) -> None:
    assert _one(wall, CHICAGO)[1] is flag


def test_a_zone_that_never_changes_has_no_remarkable_hours() -> None:
    walls = np.arange("2026-01-01", "2027-01-01", 1800, dtype="datetime64[s]")
    _, flags = local_to_utc(walls.astype("datetime64[us]"), ZoneInfo("Asia/Shanghai"))
    assert not flags.any()


def test_the_flags_are_the_words_of_the_reports_table() -> None:
    assert [flag.word for flag in TimeFlag] == [
        None,
        "client_time_refused",
        "ambiguous_hour",
        "missing_hour",
    ]
