"""Everything that keeps a set of polygons from being a coverage, each fault with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.coverage_gaps import enclosed_gaps, gap_widths_m
from gis.coverage_slits import open_slits
from gis.crs import Geometries, objects
from gis.measures import area_m2, length_m
from gis.polygonal import made_valid, only_polygons

# Where edges mismatch, overlays leave crumbs of rounding. Below a square decimetre they are
# not listed as overlaps or gaps of their own: the mismatched edges already name the grids.
_CRUMB_M2 = 0.01
_TOUCH_DEGREES = 1e-7  # 1 cm: slits are measured in the metric CRS, which bends long edges
_PLACE_IN_REASON = re.compile(r"(.*)\[(\S+) (\S+)\]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: the grids it concerns, its size, its place (WGS84) and what it looks like."""

    codes: tuple[str, ...]
    area_m2: float
    lng: float
    lat: float
    reason: str
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Faults:
    """All faults of a coverage by kind; the first four refuse it, the last two only warn."""

    invalid: tuple[Fault, ...] = ()
    overlaps: tuple[Fault, ...] = ()
    gaps: tuple[Fault, ...] = ()
    mismatched: tuple[Fault, ...] = ()
    holes: tuple[Fault, ...] = ()
    multipart: tuple[Fault, ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether these polygons cannot be stored as they are."""
        return bool(self.invalid or self.overlaps or self.gaps or self.mismatched)

    @property
    def by_kind(self) -> dict[str, tuple[Fault, ...]]:
        """The kinds in fixed order, empty ones too."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def find_faults(
    codes: Sequence[str], polygons: Geometries, *, max_gap_m: float = 10.0, crs: pyproj.CRS
) -> Faults:
    """List every invalid polygon, overlap, gap, mismatched edge, declared hole, multi-part grid.

    Parameters
    ----------
    codes, polygons
        Grid codes and their polygons in degrees, in one order.
    max_gap_m
        Gaps no wider than this refuse; wider enclosed ones become declared holes.
    crs
        Metric CRS that measures.

    Returns
    -------
    Faults
        ``refuses`` is true at least whenever `shapely.coverage_is_valid` is false.
    """
    shapes = objects(polygons)
    valid = made_valid(shapes)
    mismatched = _mismatched(codes, valid, crs)
    # Without a mismatched edge this is a coverage: nothing overlaps, every gap is exact.
    overlaps = _overlaps(codes, valid, crs) if mismatched else ()
    gaps, holes = _gaps(codes, valid, max_gap_m, crs, is_coverage=not mismatched)
    return Faults(
        invalid=_invalid(codes, shapes, crs),
        overlaps=overlaps,
        gaps=gaps,
        mismatched=mismatched,
        holes=holes,
        multipart=_multipart(codes, shapes, crs),
    )


def _invalid(
    codes: Sequence[str], shapes: NDArray[np.object_], crs: pyproj.CRS
) -> tuple[Fault, ...]:
    at = np.flatnonzero(~shapely.is_valid(shapes) | shapely.is_empty(shapes)).tolist()
    areas = area_m2(shapes[at], crs)
    found = []
    for index, area in zip(at, areas, strict=True):
        reason, lng, lat = "no area left on the 1e-9 degree grid", np.nan, np.nan
        said = _PLACE_IN_REASON.match(shapely.is_valid_reason(shapes[index]))
        if said:
            reason, lng, lat = said[1].strip(), float(said[2]), float(said[3])
        found.append(Fault((codes[index],), float(area), lng, lat, reason, shapes[index]))
    return tuple(found)


def _overlaps(
    codes: Sequence[str], shapes: NDArray[np.object_], crs: pyproj.CRS
) -> tuple[Fault, ...]:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    # Interiors share an area: decided exactly, before any coordinate is computed.
    crossing = shapely.relate_pattern(shapes[first], shapes[second], "2********")
    first, second = first[crossing], second[crossing]
    shared = only_polygons(shapely.intersection(shapes[first], shapes[second]))
    areas = area_m2(shared, crs)
    within = shapely.covered_by(shapes[first], shapes[second])
    around = shapely.covered_by(shapes[second], shapes[first])
    found = []
    for index in np.flatnonzero(areas > _CRUMB_M2):
        a, b = codes[first[index]], codes[second[index]]
        reason = "overlap"
        if within[index] or around[index]:
            reason = f"{a} lies inside {b}" if within[index] else f"{b} lies inside {a}"
        found.append(_placed((a, b), areas[index], reason, shared[index]))
    return tuple(found)


def _gaps(
    codes: Sequence[str],
    shapes: NDArray[np.object_],
    max_gap_m: float,
    crs: pyproj.CRS,
    *,
    is_coverage: bool,
) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    enclosed = enclosed_gaps(shapes, is_coverage=is_coverage)
    if not is_coverage:
        enclosed = enclosed[area_m2(enclosed, crs) > _CRUMB_M2]
    slits = open_slits(shapes, enclosed, max_gap_m=max_gap_m, crs=crs, is_coverage=is_coverage)
    gaps = np.concatenate([enclosed, slits])
    areas = area_m2(gaps, crs)
    widths = gap_widths_m(gaps, crs)
    around: list[list[str]] = [[] for _ in gaps]
    touching = shapely.STRtree(shapes).query(gaps, predicate="dwithin", distance=_TOUCH_DEGREES)
    for gap, neighbour in touching.T:
        around[gap].append(codes[neighbour])
    narrow: list[Fault] = []
    wide: list[Fault] = []
    for index, gap in enumerate(gaps):
        is_open = index >= len(enclosed)
        reason = f"gap {widths[index]:,.2f} m wide" + (", open to the outside" if is_open else "")
        fault = _placed(tuple(sorted(around[index])), areas[index], reason, gap)
        (narrow if is_open or widths[index] <= max_gap_m else wide).append(fault)
    return tuple(narrow), tuple(wide)


def _mismatched(
    codes: Sequence[str], shapes: NDArray[np.object_], crs: pyproj.CRS
) -> tuple[Fault, ...]:
    edges = shapely.coverage_invalid_edges(shapes)
    at = np.flatnonzero(~shapely.is_empty(edges)).tolist()
    lengths_m = length_m(edges[at], crs)
    return tuple(
        _placed((codes[index],), 0.0, f"{length:,.2f} m of edge without a match", edges[index])
        for index, length in zip(at, lengths_m, strict=True)
    )


def _multipart(
    codes: Sequence[str], shapes: NDArray[np.object_], crs: pyproj.CRS
) -> tuple[Fault, ...]:
    parts = shapely.get_num_geometries(shapes)
    at = np.flatnonzero(parts > 1).tolist()
    areas = area_m2(shapes[at], crs)
    return tuple(
        _placed((codes[index],), area, f"{parts[index]} parts", shapes[index])
        for index, area in zip(at, areas, strict=True)
    )


def _placed(codes: tuple[str, ...], area: float, reason: str, geometry: shapely.Geometry) -> Fault:
    place = shapely.point_on_surface(geometry)
    return Fault(codes, float(area), place.x, place.y, reason, geometry)
