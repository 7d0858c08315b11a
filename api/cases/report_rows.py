"""Looking at rows of a reports file: which can be taken, and what is wrong with the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from api.cases.content import content_hashes
from api.cases.coordinates import FileCoordinates, read_coordinates
from api.cases.files.table import Rows
from api.cases.rejects import Reject
from api.cases.report_checks import (
    Faults,
    ReportRules,
    category_faults,
    id_faults,
    time_faults,
)
from api.cases.report_faults import ReportFault, told
from api.cases.times import FileTimes, read_times
from gis.datum import Datum


@dataclass(frozen=True)
class ReportCells:
    """The texts of the columns that are read, without surrounding space."""

    lng: pa.Array
    lat: pa.Array
    time: pa.Array
    category: pa.Array
    id: pa.Array


@dataclass(frozen=True)
class ReportChunk:
    """Some rows of the file, looked at.

    Parameters
    ----------
    accepted
        One row per report that can be taken; RangeIndex, columns ``line`` int64,
        ``external_id`` str, ``given_x``, ``given_y`` float64 (as given),
        ``client_time``, ``occurred_at``, ``received_at`` datetime64[us, UTC] (the
        same instant), ``time_flag`` str or missing, ``category`` str,
        ``content_hash`` bytes.
    categories
        All categories of the accepted reports.
    rejects
        The other rows, by line.
    """

    accepted: pd.DataFrame
    categories: frozenset[str]
    rejects: list[Reject]
    rows: Rows

    @property
    def read(self) -> int:
        """Rows of the file in this chunk."""
        return len(self.accepted) + len(self.rejects)

    def refused(self, chosen: NDArray[np.bool_], fault: ReportFault) -> list[Reject]:
        """Rejects for accepted reports that are turned away later, e.g. for their id."""
        turned_away = self.accepted[chosen]
        places = np.searchsorted(self.rows.lines, turned_away["line"].to_numpy())
        return [
            Reject(line, external_id, fault.word, told(fault, {"id": external_id}), values)
            for line, external_id, values in zip(
                turned_away["line"].tolist(),
                turned_away["external_id"].tolist(),
                _values(self.rows, places),
                strict=True,
            )
        ]


def look_at(rows: Rows, cells: ReportCells, rules: ReportRules) -> ReportChunk:
    """Sort rows into accepted and rejected.

    A row with several faults is rejected for the first of: coordinates, time,
    category, id.
    """
    coordinates = read_coordinates(cells.lng, cells.lat, rules.bounds)
    times = read_times(cells.time, rules.zone)
    category = cells.category.dictionary_encode()
    fault = np.zeros(len(rows.lines), np.uint8)
    for found in (
        coordinates.fault,
        time_faults(cells.time, times, rules),
        category_faults(category, rules),
        id_faults(cells.id),
    ):
        fault = np.where(fault, fault, found)
    good = np.flatnonzero(fault == ReportFault.NONE)
    accepted = _accepted(rows, cells.id, coordinates, times, category, good, rules.datum)
    rejects = _rejects(rows, cells, fault)
    return ReportChunk(accepted, frozenset(accepted["category"].unique()), rejects, rows)


def _accepted(
    rows: Rows,
    ids: pa.Array,
    coordinates: FileCoordinates,
    times: FileTimes,
    category: pa.DictionaryArray,
    good: NDArray[np.int64],
    datum: Datum,
) -> pd.DataFrame:
    lng, lat, at = coordinates.lng[good], coordinates.lat[good], times.instants[good]
    instants = pd.DatetimeIndex(at).tz_localize("UTC")
    kept = category.take(pa.array(good))
    flags = pd.array(["", "client_time_refused", "ambiguous_hour", "missing_hour"], dtype="str")
    flag = flags.take(times.flag[good])
    flag[times.flag[good] == 0] = pd.NA
    return pd.DataFrame(
        {
            "line": rows.lines[good],
            "external_id": ids.take(pa.array(good)).to_pandas().astype("str"),
            "given_x": lng,
            "given_y": lat,
            "client_time": instants,
            "occurred_at": instants,
            "received_at": instants,
            "time_flag": flag,
            "category": kept.dictionary_decode().to_pandas().astype("str"),
            "content_hash": content_hashes(
                lng, lat, datum, at, kept.dictionary.to_pylist(), kept.indices.to_numpy()
            ),
        }
    )


def _rejects(rows: Rows, cells: ReportCells, fault: Faults) -> list[Reject]:
    bad = np.flatnonzero(fault)
    chosen = pa.array(bad)
    texts = {name: getattr(cells, name).take(chosen).to_pylist() for name in vars(cells)}
    rejects = []
    for place, values in enumerate(_values(rows, bad)):
        own = {name: column[place] for name, column in texts.items()}
        why = ReportFault(fault[bad[place]])
        line = int(rows.lines[bad[place]])
        rejects.append(Reject(line, own["id"], why.word, told(why, own), values))
    why = ReportFault.COLUMN_COUNT
    for row in rows.malformed:
        message = told(why, {"values": len(row.values), "columns": rows.cells.num_columns})
        rejects.append(Reject(row.line, "", why.word, message, row.values))
    return sorted(rejects, key=lambda reject: reject.line)


def _values(rows: Rows, places: NDArray[np.int64]) -> list[tuple[str, ...]]:
    chosen = rows.cells.take(pa.array(places))
    columns = [column.to_pylist() for column in chosen.columns]
    return list(zip(*columns, strict=True))
