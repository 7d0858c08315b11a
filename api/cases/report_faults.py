"""What can be wrong with a row of a reports file, as a stable word and as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

_LONGEST_QUOTE = 80


class ReportFault(IntEnum):
    """Why a row is rejected; ``word`` is the reason's code.

    The first six have the numbers of `CoordinateFault`.
    """

    NONE = 0
    COORDINATE_MISSING = 1
    COORDINATE_UNREADABLE = 2
    COORDINATE_NOT_FINITE = 3
    COORDINATE_OUT_OF_RANGE = 4
    SWAPPED_LAT_LNG = 5
    TIME_MISSING = 6
    TIME_UNREADABLE = 7
    TIME_TOO_OLD = 8
    TIME_IN_FUTURE = 9
    CATEGORY_MISSING = 10
    CATEGORY_UNKNOWN = 11
    CATEGORY_TOO_LONG = 12
    ID_MISSING = 13
    ID_TOO_LONG = 14
    ID_CONFLICT = 15
    COLUMN_COUNT = 16

    @property
    def word(self) -> str:
        """Reason code in snake case."""
        return self.name.lower()


_SENTENCES = {
    ReportFault.COORDINATE_MISSING: "a coordinate is missing (longitude {lng}, latitude {lat})",
    ReportFault.COORDINATE_UNREADABLE: "not decimal degrees: longitude {lng}, latitude {lat}",
    ReportFault.COORDINATE_NOT_FINITE: "a coordinate is no number: longitude {lng}, latitude {lat}",
    ReportFault.COORDINATE_OUT_OF_RANGE: "off the globe: longitude {lng}, latitude {lat}",
    ReportFault.SWAPPED_LAT_LNG: (
        "longitude and latitude look swapped: longitude {lng}, latitude {lat}"
    ),
    ReportFault.TIME_MISSING: "the time is missing",
    ReportFault.TIME_UNREADABLE: (
        "not a time such as 2026-03-01 08:05 or 2026-03-01T08:05:00+08:00: {time}"
    ),
    ReportFault.TIME_TOO_OLD: "before the year 1900: {time}",
    ReportFault.TIME_IN_FUTURE: "in the future: {time}",
    ReportFault.CATEGORY_MISSING: "the category is missing",
    ReportFault.CATEGORY_UNKNOWN: (
        "the city has no category {category}; --add-categories would add it"
    ),
    ReportFault.CATEGORY_TOO_LONG: "a category of more than 80 characters: {category}",
    ReportFault.ID_MISSING: "the id is missing",
    ReportFault.ID_TOO_LONG: "an id of more than 200 characters: {id}",
    ReportFault.ID_CONFLICT: "id {id} was handed in before with other content",
    ReportFault.COLUMN_COUNT: "{values} values in a row of a file with {columns} columns",
}


def told(fault: ReportFault, values: Mapping[str, object]) -> str:
    """The sentence for one row; ``values`` are its texts by meaning (lng, lat, time …)."""
    return _SENTENCES[fault].format_map(
        {
            name: value if isinstance(value, int) else repr(_shortened(str(value)))
            for name, value in values.items()
        }
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"
