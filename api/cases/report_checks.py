"""What a report of a file is held against, column by column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from api.cases.coordinates import Bounds
from api.cases.report_faults import ReportFault
from api.cases.times import CLIENT_LATEST, FileTimes
from gis.datum import Datum

EARLIEST = np.datetime64("1900-01-01", "us")
"""No report is older: a city's first boundary version reaches back to here."""

MAX_ID_LENGTH = 200
MAX_CATEGORY_LENGTH = 80

Faults = NDArray[np.uint8]
"""A `ReportFault` for each row."""


@dataclass(frozen=True)
class ReportRules:
    """What a row is held against.

    Parameters
    ----------
    datum
        Of the coordinates.
    zone
        Of times without an offset.
    categories
        Codes known in this city.
    add_categories
        Take unknown categories too.
    bounds
        The city's box (WGS84), to see swapped columns; None for a city without grids.
    now
        Aware; a time more than five minutes later is in the future.
    """

    datum: Datum
    zone: ZoneInfo
    categories: frozenset[str]
    add_categories: bool
    bounds: Bounds | None
    now: datetime

    @property
    def latest(self) -> np.datetime64:
        """The last time believed, UTC."""
        return np.datetime64(self.now.astimezone(UTC).replace(tzinfo=None), "us") + CLIENT_LATEST


def time_faults(texts: pa.Array, times: FileTimes, rules: ReportRules) -> Faults:
    """Times missing, unreadable, before `EARLIEST` or in the future."""
    fault = np.zeros(len(times.instants), np.uint8)
    fault[times.instants > rules.latest] = ReportFault.TIME_IN_FUTURE
    fault[times.instants < EARLIEST] = ReportFault.TIME_TOO_OLD
    fault[np.isnat(times.instants)] = ReportFault.TIME_UNREADABLE
    fault[_is(texts, "")] = ReportFault.TIME_MISSING
    return fault


def category_faults(category: pa.DictionaryArray, rules: ReportRules) -> Faults:
    """Categories missing, or unknown and not to be added; each distinct one is judged once."""

    def fault(code: str) -> ReportFault:
        if code == "":
            return ReportFault.CATEGORY_MISSING
        if code in rules.categories:
            return ReportFault.NONE
        if len(code) > MAX_CATEGORY_LENGTH:
            return ReportFault.CATEGORY_TOO_LONG
        return ReportFault.NONE if rules.add_categories else ReportFault.CATEGORY_UNKNOWN

    by_code = np.array([fault(code) for code in category.dictionary.to_pylist()], np.uint8)
    found: Faults = by_code[category.indices.to_numpy()]
    return found


def id_faults(ids: pa.Array) -> Faults:
    """Ids missing or too long."""
    fault = np.zeros(len(ids), np.uint8)
    fault[pc.utf8_length(ids).to_numpy() > MAX_ID_LENGTH] = ReportFault.ID_TOO_LONG
    fault[_is(ids, "")] = ReportFault.ID_MISSING
    return fault


def _is(texts: pa.Array, text: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.equal(texts, text).to_numpy(zero_copy_only=False)
    return found
