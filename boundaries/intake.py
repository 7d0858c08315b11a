"""Admit a file's grids as a coverage, or refuse them with every fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj

from gis.coverage import prove
from gis.coverage_faults import Faults, find_faults
from gis.coverage_repair import NAMED_CHANGE, Repair
from gis.coverage_repair import repair as repair_coverage
from gis.crs import metric_crs, snap_to_storage_grid
from gis.errors import BadInput

DEFAULT_MAX_GAP_M = 10.0
_NOUNS = {
    "invalid": ("invalid polygon", "invalid polygons"),
    "overlaps": ("overlap", "overlaps"),
    "gaps": ("narrow gap", "narrow gaps"),
    "mismatched": ("polygon with mismatched edges", "polygons with mismatched edges"),
}


class CoverageRefused(BadInput):
    """The grids are no coverage; ``faults`` holds every fault to list and to write out."""

    def __init__(self, code: str, message: str, faults: Faults, **where: object) -> None:
        super().__init__(code, message, **where)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Admission:
    """A GridFrame that is a proven coverage on the storage grid.

    ``warnings`` are sentences for the user, ``faults`` what the file had at first (holes and
    multi-part grids always, the rest only where it was repaired), ``repair`` what was done.
    """

    frame: gpd.GeoDataFrame
    warnings: tuple[str, ...]
    faults: Faults
    repair: Repair | None


def measuring_crs(frame: gpd.GeoDataFrame, override: str | None = None) -> pyproj.CRS:
    """The metric CRS for a frame: the profile's, else by the middle of its extent."""
    west, south, east, north = frame.total_bounds
    return metric_crs((west + east) / 2, (south + north) / 2, override)


def admit(
    frame: gpd.GeoDataFrame,
    *,
    crs: pyproj.CRS,
    repair: bool = False,
    max_gap_m: float = DEFAULT_MAX_GAP_M,
    drop_collapsed: bool = False,
) -> Admission:
    """Round a GridFrame to the storage grid and prove it, repairing it when asked.

    Parameters
    ----------
    frame
        GridFrame as read from a file.
    crs
        Metric CRS that measures.
    repair
        Repair what would refuse the file.
    max_gap_m
        Enclosed gaps no wider refuse or are closed; wider ones become declared holes.
    drop_collapsed
        Import without the grids that a repair makes vanish.

    Raises
    ------
    CoverageRefused
        ``coverage_invalid`` without a repair; ``repair_loses_grids``, naming every code;
        ``repair_failed`` when repairing does not end in a coverage.
    BadInput
        ``max_gap_negative``.
    """
    if not max_gap_m >= 0:
        raise BadInput("max_gap_negative", f"the widest gap must be 0 m or more, not {max_gap_m}")
    codes = frame["code"].tolist()
    polygons = snap_to_storage_grid(frame.geometry.to_numpy())
    faults = find_faults(codes, polygons, max_gap_m=max_gap_m, crs=crs)
    done = None
    if faults.refuses:
        if not repair:
            raise CoverageRefused(
                "coverage_invalid",
                f"the grids are no coverage: {_counted(faults)}",
                faults,
                **{kind: len(found) for kind, found in faults.by_kind.items()},
            )
        try:
            done = repair_coverage(codes, polygons, max_gap_m=max_gap_m, crs=crs)
        except BadInput as error:
            raise CoverageRefused(error.code, error.message, faults, **error.where) from error
        if done.vanished and not drop_collapsed:
            count = len(done.vanished)
            lost = "1 grid vanish," if count == 1 else f"{count} grids vanish, each"
            raise CoverageRefused(
                "repair_loses_grids",
                f"the repair would make {lost} inside another: {', '.join(done.vanished)}",
                faults,
                codes=list(done.vanished),
            )
        polygons = done.polygons
    admitted = frame.set_geometry(gpd.GeoSeries(polygons, crs=frame.crs))
    if done is not None and done.vanished:
        admitted = admitted[~admitted["code"].isin(done.vanished)].reset_index(drop=True)
    proven = admitted.geometry.to_numpy()
    prove(admitted["code"].tolist(), proven, None, crs)
    if done is not None:
        faults = _after_repair(faults, admitted["code"].tolist(), proven, max_gap_m, crs)
    return Admission(admitted, _warnings(faults, done), faults, done)


def _after_repair(
    faults: Faults,
    codes: Sequence[str],
    polygons: np.ndarray[tuple[int], np.dtype[np.object_]],
    max_gap_m: float,
    crs: pyproj.CRS,
) -> Faults:
    now = find_faults(codes, polygons, max_gap_m=max_gap_m, crs=crs)
    return Faults(
        invalid=faults.invalid,
        overlaps=faults.overlaps,
        gaps=faults.gaps,
        mismatched=faults.mismatched,
        holes=now.holes,
        multipart=now.multipart,
    )


def _counted(faults: Faults) -> str:
    """How many faults of each kind, and the grids of the first of each."""
    said = []
    for kind, (one, many) in _NOUNS.items():
        found = faults.by_kind[kind]
        if found:
            noun, which = (one, "") if len(found) == 1 else (many, "first ")
            said.append(f"{len(found)} {noun} ({which}{' and '.join(found[0].codes[:3])})")
    return ", ".join(said)


def _warnings(faults: Faults, done: Repair | None) -> tuple[str, ...]:
    said = [
        f"declared hole: {hole.area_m2:,.0f} m² at {hole.lng:.6f}, {hole.lat:.6f} ({hole.reason})"
        for hole in faults.holes
    ]
    said += [f"grid {fault.codes[0]} has {fault.reason}" for fault in faults.multipart]
    if done is not None:
        said += [
            f"the repair changed grid {change.code} by {change.share:.1%} of its area"
            f" ({change.before_m2:,.1f} to {change.after_m2:,.1f} m²; named above"
            f" {NAMED_CHANGE:.0%})"
            for change in done.changed
        ]
        said += [
            f"the repair dropped grid {code}: nothing was left of it" for code in done.vanished
        ]
    return tuple(said)
