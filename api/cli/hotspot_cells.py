"""Points of a file counted by cell and tested, for ``wangge hotspots``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from api.cases.coordinates import read_coordinates
from api.cases.files.open import open_table
from api.cases.files.table import no_rows
from api.cases.times import read_times
from api.cli.output import counted, result, say
from api.cli.writing import write_and_tell
from api.cli.zone import read_zone
from boundaries.files.vector_file import open_vector, read_columns
from gis.cells import CellRegion, cells_of, check_resolution, names, polygons
from gis.errors import BadInput
from gis.hotspots import Hotspots, hotspots_of_counts
from gis.patterns.neighbours import Neighbours
from gis.patterns.steps import Step, Steps
from gis.patterns.time_classes import Variant
from gis.trends import EmergingOptions, emerging_hotspots

WITHOUT_GEOMETRY = frozenset({".csv", ".xlsx", ".parquet"})
LACKS = {
    "no_cases": "there are no cases in the region",
    "too_few_places": "there are fewer than three places, or none has a neighbour",
    "all_equal": "all places have as many",
    "too_few_cases": "so few could not be significant wherever they were",
}
"""What a lack of data is called."""
LEAST_STEPS = 4
"""With three steps no rise is significant: Mann and Kendall's p is 0.3 at least."""


@dataclass(frozen=True, slots=True)
class PointOptions:
    """What is asked of a file of points."""

    lng: str
    lat: str
    resolution: int
    region: Path | None
    k: int
    time: str | None
    step: Step
    variant: Variant | None
    zone: str


@dataclass(frozen=True, slots=True)
class _Points:
    """Points of a file and, where asked for, the local day of each."""

    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    days: NDArray[np.datetime64] | None
    left_out: int


def write_cells(file: Path, options: PointOptions, out: Path, *, as_json: bool) -> None:
    """Count, test and write; the result as one line."""
    check_resolution(options.resolution)
    points = _read(file, options)
    region = _region(points, options)
    at = region.positions(cells_of(points.lng, points.lat, options.resolution))
    neighbours = region.rings(options.k)
    counts = np.bincount(at[at >= 0], minlength=len(region.cells)).astype(float)
    found = hotspots_of_counts(counts, region.share, neighbours)
    columns = {"cell": names(region.cells), "count": counts.astype(np.int64)}
    table = pd.DataFrame({**columns, "z": found.z, "p": found.p, "q": found.q, "bin": found.bin})
    if options.variant is not None:
        table["class"] = _classes(points, at, region, neighbours, options)
    if out.suffix.lower() not in WITHOUT_GEOMETRY:
        table = gpd.GeoDataFrame(table, geometry=polygons(region.cells), crs=4326)
    write_and_tell(table, out)
    _tell(points, at, found, table, out, as_json=as_json)


def _read(file: Path, options: PointOptions) -> _Points:
    table = open_table(file)
    places = table.index_of(options.lng), table.index_of(options.lat)
    time = None if options.time is None else table.index_of(options.time)
    zone = read_zone(options.zone)
    lng, lat, days, left_out = [], [], [], 0
    for chunk in table.chunks():
        rows = chunk.without_blank()
        given = read_coordinates(rows.column(places[0]), rows.column(places[1]), None)
        good = given.fault == 0
        if time is not None:
            local = _local_days(rows.column(time), zone)
            good &= ~np.isnat(local)
            days.append(local[good])
        if not good.all() and not left_out:
            first = int(rows.lines[int(np.flatnonzero(~good)[0])])
            say(f"line {first}: no usable point or time; such rows are left out.")
        lng.append(given.lng[good])
        lat.append(given.lat[good])
        left_out += int((~good).sum()) + len(rows.malformed)
    if not sum(map(len, lng)):
        raise no_rows(file)
    return _Points(
        np.concatenate(lng), np.concatenate(lat), np.concatenate(days) if days else None, left_out
    )


def _local_days(texts: pa.Array, zone: ZoneInfo) -> NDArray[np.datetime64]:
    """The local calendar day of each time; NaT where it cannot be read."""
    at = pd.DatetimeIndex(read_times(texts, zone).instants).tz_localize("UTC").tz_convert(zone)
    return at.tz_localize(None).to_numpy().astype("datetime64[D]")


def _region(points: _Points, options: PointOptions) -> CellRegion:
    if options.region is None:
        return CellRegion.around(points.lng, points.lat, options.resolution)
    file = open_vector(options.region)
    frame, remarks = read_columns(file, [])
    for remark in (*file.notes, *remarks):
        say(remark)
    if frame.crs is not None:
        frame = frame.to_crs(4326)
    shapes = frame.geometry[frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"])]
    if shapes.empty:
        raise BadInput("region_missing", f"{options.region.name} holds no polygon")
    return CellRegion.of(shapely.union_all(shapes.to_numpy()), options.resolution)


def _classes(
    points: _Points,
    at: NDArray[np.int64],
    region: CellRegion,
    neighbours: Neighbours,
    options: PointOptions,
) -> NDArray[np.object_]:
    """The class in time of each cell; empty where there are too few steps or cases to tell."""
    none = np.full(len(region.cells), "", dtype=object)
    if points.days is None or options.variant is None or not (at >= 0).any():
        return none
    days = points.days[at >= 0]
    steps = Steps.until(days.max(), days.min(), options.step)
    if steps.count < LEAST_STEPS:
        say(f"{counted(steps.count, options.step)}: classes in time need {LEAST_STEPS} at least.")
        return none
    position = steps.positions(days)
    if beyond := int((position < 0).sum()):
        say(f"{counted(beyond, 'case')} in no whole {options.step} left out of classes.")
    is_in = position >= 0
    bins = at[at >= 0][is_in] * steps.count + position[is_in]
    cube = np.bincount(bins, minlength=len(region.cells) * steps.count).astype(float)
    found = emerging_hotspots(
        cube.reshape(-1, steps.count), region.share, neighbours, EmergingOptions(options.variant)
    )
    return found.classes


def _tell(
    points: _Points,
    at: NDArray[np.int64],
    found: Hotspots,
    table: pd.DataFrame,
    out: Path,
    *,
    as_json: bool,
) -> None:
    outside = int((at < 0).sum())
    hot, cold = int((found.bin > 0).sum()), int((found.bin < 0).sum())
    facts: dict[str, object] = {
        "cells": len(table),
        "cases": len(at) - outside,
        "outside": outside,
        "left_out": points.left_out,
        "hot": hot,
        "cold": cold,
        "p_from": found.chance,
        "not_enough_data": found.lack,
        "file": str(out),
    }
    if "class" in table:
        facts["classes"] = table["class"].value_counts().to_dict()
    if found.lack is None:
        words = (
            f"{counted(hot, 'hot cell')} and {counted(cold, 'cold one')}"
            f" (p from the {found.chance})"
        )
    else:
        words = f"not enough data: {LACKS[found.lack]}"
    result(
        facts,
        as_json=as_json,
        words=f"{counted(len(at) - outside, 'case')} in {counted(len(table), 'cell')},"
        f" {words}: {out}.",
    )
