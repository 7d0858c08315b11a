from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.local_time import TimeFlag
from api.cases.times import believed_time, read_times

CHICAGO = ZoneInfo("America/Chicago")
NOON = np.datetime64("2026-11-20T12:00:00", "us")
SECOND = np.timedelta64(1, "s")
UNREADABLE = [
    "", "yesterday", "03/01/2026", "2026", "2026-03", "20260301", "2026-02-30", "2026-13-01",
    "2026-03-01T24:00", "2026-03-01 08:60", "2026-03-01 08:05 PM", "2026-03/01", "08:05",
    "1767225600", "NaT", "nan", "2026-03-01+08:00",
]  # fmt: skip


def _read(*texts: str) -> list[datetime | None]:
    found = read_times(pa.array(texts, pa.string()), CHICAGO).instants
    return [None if np.isnat(at) else at.item().replace(tzinfo=UTC) for at in found]


@pytest.mark.parametrize(
    "text",
    ["2026-03-01 08:05", "2026-03-01T08:05:00", "2026-03-01 08:05:00.000", "2026/3/1 8:05",
     "2026-3-1T8:05", "2026/03/01 08:05:00", "2026-03-01 08:05:00.000000000",
     "2026-03-01T14:05Z", "2026-03-01T22:05:00+08:00", "2026-03-01 22:05+0800",
     "2026-03-01 22:05 +08", "2026-03-01T08:05:00-06:00"],
)  # fmt: skip
@pytest.mark.parametrize("beside", [(), ("unreadable",)])
def test_one_instant_may_be_written_in_many_ways(text: str, beside: tuple[str, ...]) -> None:
    assert _read(text, *beside)[0] == datetime(2026, 3, 1, 14, 5, tzinfo=UTC)


def test_a_date_is_its_local_midnight() -> None:
    assert _read("2026-03-01", "2026/3/1") == [datetime(2026, 3, 1, 6, tzinfo=UTC)] * 2


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_not_clearly_a_time_is_unreadable(text: str) -> None:
    assert _read(text) == [None]
    assert _read("2026-03-01 08:05", text)[1] is None


@given(
    at=st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2090-01-01")),
    offset_min=st.none() | st.integers(-14 * 60, 14 * 60),
    separator=st.sampled_from("T "),
    others=st.lists(st.sampled_from([*UNREADABLE, "2026-03-01T08:05Z", "2026-03-01"]), max_size=2),
)
def test_what_python_writes_is_read_back_whatever_stands_beside_it(
    at: datetime, offset_min: int | None, separator: str, others: list[str]
) -> None:
    zone = CHICAGO if offset_min is None else timezone(timedelta(minutes=offset_min))
    aware = at.replace(tzinfo=zone)
    text = (at if offset_min is None else aware).isoformat(sep=separator)
    assert _read(text, *others)[0] == aware.astimezone(UTC)


def test_remarkable_hours_are_flagged_in_every_kind_of_column() -> None:
    texts = ["2026-11-01 01:30", "2026-03-08 02:30", "2026-11-01 01:30-06:00", "2026-03-01"]
    expected = [TimeFlag.AMBIGUOUS_HOUR, TimeFlag.MISSING_HOUR, TimeFlag.NONE, TimeFlag.NONE]
    mixed = read_times(pa.array(texts), CHICAGO)
    assert mixed.flag.tolist() == expected
    local = read_times(pa.array(texts[:2]), CHICAGO)
    assert local.flag.tolist() == expected[:2]


@pytest.mark.parametrize(
    ("client", "believed"),
    [
        (NOON, True),
        (NOON - np.timedelta64(7, "D"), True),
        (NOON - np.timedelta64(7, "D") - SECOND, False),
        (NOON + np.timedelta64(5, "m"), True),
        (NOON + np.timedelta64(5, "m") + SECOND, False),
        (np.datetime64("1970-01-01", "us"), False),
    ],
)
def test_a_client_is_believed_from_seven_days_before_to_five_minutes_after_receipt(
    client: np.datetime64, believed: bool
) -> None:
    at, flag = believed_time(np.array([client]), np.array([NOON]))
    assert at[0] == (client if believed else NOON)
    assert flag[0] == (TimeFlag.NONE if believed else TimeFlag.CLIENT_TIME_REFUSED)


def test_a_report_without_client_time_happened_when_it_was_received_and_has_no_flag() -> None:
    at, flag = believed_time(np.array(["NaT"], "datetime64[us]"), np.array([NOON]))
    assert at[0] == NOON
    assert flag[0] == TimeFlag.NONE
