from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from api.cases.coordinates import Bounds
from api.cases.intake import IncomingReport, TakenReport, take_in
from gis.datum import Datum
from gis.errors import BadInput

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPORT = IncomingReport(121.1, 30.0, Datum.WGS84, "noise", "loud")
KEY = bytes(32)


def _taken(report: IncomingReport, zone: str = "Asia/Shanghai", at: datetime = NOON) -> TakenReport:
    return take_in(
        report,
        received_at=at,
        zone=ZoneInfo(zone),
        categories={"noise", "other"},
        bounds=Bounds(120.8, 29.6, 121.5, 30.4),
    )


def _refusal(report: IncomingReport) -> BadInput:
    with pytest.raises(BadInput) as caught:
        _taken(report)
    return caught.value


@pytest.mark.parametrize(
    ("report", "code", "field"),
    [
        (replace(REPORT, lng=float("nan")), "coordinate_not_finite", "lng"),
        (replace(REPORT, lat=float("inf")), "coordinate_not_finite", "lat"),
        (replace(REPORT, lng=200.0), "coordinate_out_of_range", "lng"),
        (replace(REPORT, lng=30.0, lat=121.1), "swapped_lat_lng", "lng, lat"),
        (replace(REPORT, accuracy_m=-1.0), "accuracy_out_of_range", "accuracy"),
        (replace(REPORT, accuracy_m=float("nan")), "accuracy_out_of_range", "accuracy"),
        (replace(REPORT, accuracy_m=1e39), "accuracy_out_of_range", "accuracy"),
        (replace(REPORT, category="Noise"), "category_unknown", "category"),
        (replace(REPORT, description="长" * 4001), "description_too_long", "description"),
        (replace(REPORT, description="a\ud800"), "description_unreadable", "description"),
        (
            replace(REPORT, occurred_at=datetime.max.replace(tzinfo=timezone(-timedelta(hours=9)))),
            "time_out_of_range",
            "occurred_at",
        ),
        (replace(REPORT, occurred_at=datetime.fromisoformat("0001-01-01")), "time_out_of_range",
         "occurred_at"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_by_field(
    report: IncomingReport, code: str, field: str
) -> None:
    refusal = _refusal(report)
    assert (refusal.code, refusal.where["field"]) == (code, field)


def test_four_thousand_characters_and_a_point_in_the_sea_are_taken() -> None:
    _taken(replace(REPORT, description="长" * 4000, lng=125.0))


def test_without_client_time_a_report_happened_when_it_was_received() -> None:
    taken = _taken(REPORT)
    assert taken.client_time is None
    assert taken.occurred_at == taken.received_at == NOON
    assert taken.time_flag is None


def test_a_credible_client_time_is_when_it_happened() -> None:
    at = (NOON - timedelta(days=1)).astimezone(timezone(timedelta(hours=8)))
    taken = _taken(replace(REPORT, occurred_at=at))
    assert taken.client_time == taken.occurred_at == at
    assert taken.time_flag is None


def test_an_incredible_client_time_is_kept_and_flagged_but_not_believed() -> None:
    at = NOON - timedelta(days=8)
    taken = _taken(replace(REPORT, occurred_at=at))
    assert (taken.client_time, taken.occurred_at) == (at, NOON)
    assert taken.time_flag == "client_time_refused"


def test_a_time_without_offset_is_the_citys_and_may_be_ambiguous() -> None:
    local = datetime.fromisoformat("2026-11-01T01:30")
    taken = _taken(
        replace(REPORT, occurred_at=local),
        "America/Chicago",
        datetime(2026, 11, 1, 12, tzinfo=UTC),
    )
    assert taken.occurred_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert taken.time_flag == "ambiguous_hour"


def test_the_server_may_count_in_any_zone() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-5)))
    assert _taken(REPORT, at=there) == _taken(REPORT)


@pytest.mark.parametrize(
    "other",
    [
        replace(REPORT, lng=121.2),
        replace(REPORT, datum=Datum.GCJ02),
        replace(REPORT, category="other"),
        replace(REPORT, description="loud!"),
        replace(REPORT, accuracy_m=5.0),
        replace(REPORT, occurred_at=NOON),
    ],
)
def test_a_replay_has_the_same_fingerprint_and_another_body_has_not(other: IncomingReport) -> None:
    replay = _taken(replace(REPORT), at=NOON + timedelta(hours=3))
    assert replay.content_hash(KEY) == _taken(REPORT).content_hash(KEY)
    assert _taken(other).content_hash(KEY) != _taken(REPORT).content_hash(KEY)


def test_the_fingerprint_of_a_text_cannot_be_guessed_without_its_key() -> None:
    assert _taken(REPORT).content_hash(KEY) != _taken(REPORT).content_hash(b"\1" * 32)
