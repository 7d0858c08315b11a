"""One incoming report: what is checked before it is stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from api.cases.content import content_hash
from api.cases.coordinates import Bounds, CoordinateFault, coordinate_faults
from api.cases.local_time import TimeFlag, local_to_utc
from api.cases.times import believed_time
from gis.datum import Datum
from gis.errors import BadInput

MAX_DESCRIPTION_LENGTH = 4000
MAX_ACCURACY_M = 20_037_508.0
"""Half the equator: no circle on the globe is wider."""

_NO_TIME = np.datetime64("NaT", "us")


@dataclass(frozen=True)
class IncomingReport:
    """A submission as it came in.

    Parameters
    ----------
    lng, lat
        Degrees in ``datum``.
    occurred_at
        The client's time; without an offset it is the city's local time.
    accuracy_m
        Radius of the circle the client is in.
    """

    lng: float
    lat: float
    datum: Datum
    category: str
    description: str = ""
    occurred_at: datetime | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True)
class TakenReport:
    """A submission that can be stored; times are aware, in UTC.

    ``time_flag`` is the word for a time that was not simply believed, else None.
    """

    given: IncomingReport
    client_time: datetime | None
    occurred_at: datetime
    received_at: datetime
    time_flag: str | None

    def content_hash(self, key: bytes) -> bytes:
        """Fingerprint of what came in, bound to the key its text is sealed with."""
        return content_hash(
            self.given.lng,
            self.given.lat,
            self.given.datum,
            _NO_TIME if self.client_time is None else _instant(self.client_time),
            self.given.category,
            accuracy_m=self.given.accuracy_m,
            description=self.given.description,
            key=key,
        )


def take_in(
    report: IncomingReport,
    *,
    received_at: datetime,
    zone: ZoneInfo,
    categories: Collection[str],
    bounds: Bounds | None,
) -> TakenReport:
    """Check a submission and say when it happened.

    Parameters
    ----------
    received_at
        Aware; the server's clock.
    zone
        The city's zone.
    categories
        Codes known in this city.
    bounds
        The city's box (WGS84), to see swapped coordinates.

    Raises
    ------
    BadInput
        The code of a `CoordinateFault`, ``accuracy_out_of_range``,
        ``category_unknown``, ``description_too_long``, ``description_unreadable``,
        ``time_out_of_range``; ``where`` names the field.
    """
    check_place(report.lng, report.lat, bounds)
    _check_accuracy(report.accuracy_m)
    if report.category not in categories:
        raise BadInput(
            "category_unknown",
            f"The city has no category {report.category[:80]!r}.",
            field="category",
        )
    _check_description(report.description)
    received_at = received_at.astimezone(UTC)
    if report.occurred_at is None:
        return TakenReport(report, None, received_at, received_at, None)
    client_time, local_flag = _client_time(report.occurred_at, zone)
    occurred, refused = believed_time(
        np.array([_instant(client_time)]), np.array([_instant(received_at)])
    )
    flag = TimeFlag(int(refused[0])) or local_flag
    return TakenReport(
        report,
        client_time,
        occurred_at=occurred[0].item().replace(tzinfo=UTC),
        received_at=received_at,
        time_flag=flag.word,
    )


def check_place(lng: float, lat: float, bounds: Bounds | None) -> None:
    """Refuse degrees that cannot be meant; ``bounds`` is the city's box (WGS84).

    Raises
    ------
    BadInput
        The code of a `CoordinateFault`; ``where`` names the field.
    """
    if bounds is not None and bounds.holds(lng, lat):
        return  # nearly all; the whole check takes 25 µs
    fault = CoordinateFault(int(coordinate_faults(np.array([lng]), np.array([lat]), bounds)[0]))
    if fault is CoordinateFault.NONE:
        return
    impossible = [n for n, at, most in (("lng", lng, 180), ("lat", lat, 90)) if not abs(at) <= most]
    fields, words = {
        CoordinateFault.COORDINATE_NOT_FINITE: (impossible, "must be numbers"),
        CoordinateFault.COORDINATE_OUT_OF_RANGE: (impossible, "are off the globe"),
        CoordinateFault.SWAPPED_LAT_LNG: (["lng", "lat"], "look swapped"),
    }[fault]
    raise BadInput(fault.word, f"lng {lng}, lat {lat} {words}.", field=", ".join(fields))


def _check_accuracy(accuracy_m: float | None) -> None:
    if accuracy_m is not None and not 0 <= accuracy_m <= MAX_ACCURACY_M:
        raise BadInput(
            "accuracy_out_of_range",
            f"accuracy is a radius in metres from 0, not {accuracy_m}.",
            field="accuracy",
        )


def _check_description(description: str) -> None:
    if len(description) > MAX_DESCRIPTION_LENGTH:
        raise BadInput(
            "description_too_long",
            f"description has {len(description):,} characters, {MAX_DESCRIPTION_LENGTH:,} at most.",
            field="description",
        )
    try:
        description.encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            "description_unreadable",
            f"description holds half a character at position {error.start}.",
            field="description",
        ) from error


def _client_time(given: datetime, zone: ZoneInfo) -> tuple[datetime, TimeFlag]:
    try:
        if given.utcoffset() is not None:
            return given.astimezone(UTC), TimeFlag.NONE
        utc, flag = local_to_utc(np.array([given.replace(tzinfo=None)], "datetime64[us]"), zone)
        return utc[0].item().replace(tzinfo=UTC), TimeFlag(int(flag[0]))
    except (OverflowError, AttributeError) as error:
        raise BadInput(
            "time_out_of_range", f"occurred_at {given} is no usable time.", field="occurred_at"
        ) from error


def _instant(aware: datetime) -> np.datetime64:
    return np.datetime64(aware.astimezone(UTC).replace(tzinfo=None), "us")
