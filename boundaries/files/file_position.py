"""Where the coordinates of a file really are: CRS and datum, checked, then WGS84; and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from gis.crs import STORAGE_SRID, Geometries, objects
from gis.datum import Datum, from_wgs84, geometries_to_wgs84
from gis.errors import BadInput

_NEAR_AREA_OF_USE_DEGREES = 3.0


def positioned(
    geometries: Geometries,
    rows: Sequence[str],
    *,
    file_crs: str | None,
    crs: str | None,
    datum: Datum | None,
) -> tuple[NDArray[np.object_], tuple[str, ...]]:
    """Bring a file's geometries to WGS84 longitude/latitude.

    Parameters
    ----------
    geometries
        As they stand in the file.
    rows
        What to call each row in an error, e.g. ``row 3 (code A)``.
    file_crs, crs
        What the file claims and what the caller says; the caller wins.
    datum
        When declared it wins over both: GCJ-02 files claim EPSG:4326. Only a projection is
        still undone first.

    Returns
    -------
    geometries, notes
        In degrees WGS84, not yet on the storage grid; what was assumed, for the user.

    Raises
    ------
    BadInput
        ``crs_missing``, ``crs_unknown``, ``crs_wrong``, ``coordinates_swapped``,
        ``coordinate_out_of_range`` or ``coordinate_not_finite``, naming the first row.
    """
    shapes = objects(geometries)
    bounds = _finite_bounds(shapes, rows)
    claimed = _claimed(crs if crs is not None else file_crs, datum)
    if claimed.is_projected:
        _refuse_degrees_in(claimed, bounds)
    else:
        _refuse_impossible_degrees(bounds, rows)
    target: pyproj.CRS | None = pyproj.CRS.from_epsg(STORAGE_SRID)
    notes = []
    if datum is not None:
        target = claimed.geodetic_crs if claimed.is_projected else claimed
        if datum is not Datum.WGS84:
            notes.append(f"coordinates are taken as {datum.value}, whatever the file claims")
    elif not claimed.equals(target, ignore_axis_order=True):
        notes.append(f"coordinates are brought from {claimed.name} to WGS84")
    if target is not None and not claimed.equals(target, ignore_axis_order=True):
        shapes = _transformed(shapes, claimed, target)
    if claimed.is_projected:
        _refuse_far_from_area_of_use(claimed, _bounds(shapes), rows)
    return geometries_to_wgs84(shapes, datum or Datum.WGS84), tuple(notes)


def brought_to(frame: gpd.GeoDataFrame, name: str) -> gpd.GeoDataFrame:
    """A frame in another CRS.

    Raises
    ------
    BadInput
        ``crs_unknown``; ``crs_elsewhere``: it is not used where these places are.
    """
    try:
        crs = pyproj.CRS.from_user_input(name)
    except CRSError as error:
        raise BadInput("crs_unknown", f"unknown CRS {name!r}", crs=name) from error
    if not (crs.is_projected or crs.is_geographic) or crs.is_compound or len(crs.axis_info) != 2:
        raise BadInput("crs_unknown", f"{crs.name!r} is no CRS of a map", crs=name)
    west, south, east, north = frame.total_bounds
    used = crs.area_of_use
    near = used is None or (
        west >= used.west - _NEAR_AREA_OF_USE_DEGREES
        and east <= used.east + _NEAR_AREA_OF_USE_DEGREES
        and south >= used.south - _NEAR_AREA_OF_USE_DEGREES
        and north <= used.north + _NEAR_AREA_OF_USE_DEGREES
    )
    brought = frame.to_crs(crs) if near else frame
    if not near or not np.isfinite(shapely.get_coordinates(brought.geometry.to_numpy())).all():
        raise BadInput("crs_elsewhere", f"{crs.name} is not used where the grids are", crs=name)
    return brought


def into_file(
    *, file_crs: str | None, crs: str | None, datum: Datum | None
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Make what brings WGS84 longitudes and latitudes back to a file's coordinates.

    The inverse of what :func:`positioned` does with the same parameters, for rows of x and y.

    Raises
    ------
    BadInput
        ``crs_missing``, ``crs_unknown``.
    """
    claimed = _claimed(crs if crs is not None else file_crs, datum)
    source: pyproj.CRS | None = pyproj.CRS.from_epsg(STORAGE_SRID)
    if datum is not None:
        source = claimed.geodetic_crs if claimed.is_projected else claimed
    transformer = pyproj.Transformer.from_crs(source, claimed, always_xy=True)

    def bring(places: NDArray[np.float64]) -> NDArray[np.float64]:
        lng, lat = from_wgs84(places[:, 0], places[:, 1], datum or Datum.WGS84)
        return np.column_stack(transformer.transform(lng, lat))

    return bring


def _claimed(name: str | None, datum: Datum | None) -> pyproj.CRS:
    if name is None and datum is not None:
        return pyproj.CRS.from_epsg(STORAGE_SRID)
    if name is None:
        raise BadInput(
            "crs_missing",
            "the file does not say its coordinate reference system; give it with --crs",
        )
    try:
        crs = pyproj.CRS.from_user_input(name)
    except CRSError as error:
        raise BadInput("crs_unknown", f"unknown CRS {name!r}", crs=name) from error
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if not (crs.is_projected or crs.is_geographic):
        raise BadInput("crs_unknown", f"{crs.name!r} is no place on Earth; give the CRS", crs=name)
    return crs


def _bounds(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = shapely.bounds(shapes)
    return found


def _finite_bounds(shapes: NDArray[np.object_], rows: Sequence[str]) -> NDArray[np.float64]:
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = owner[~np.isfinite(points).all(axis=1)]
    if bad.size:
        raise BadInput(
            "coordinate_not_finite", f"{rows[int(bad[0])]}: a coordinate is not a number"
        )
    return _bounds(shapes)


def _refuse_degrees_in(crs: pyproj.CRS, bounds: NDArray[np.float64]) -> None:
    if (np.abs(bounds[:, [0, 2]]) <= 180).all() and (np.abs(bounds[:, [1, 3]]) <= 90).all():
        raise BadInput(
            "crs_wrong",
            f"the coordinates look like degrees, but the CRS is {crs.name}",
            crs=crs.name,
        )


def _refuse_impossible_degrees(bounds: NDArray[np.float64], rows: Sequence[str]) -> None:
    x, y = np.abs(bounds[:, [0, 2]]).max(axis=1), np.abs(bounds[:, [1, 3]]).max(axis=1)
    bad = np.flatnonzero((x > 180) | (y > 90))
    if not bad.size:
        return
    first = int(bad[0])
    west, south, *_ = bounds[first].tolist()
    where = f"{rows[first]}: x {west:.6f}, y {south:.6f}"
    if x[first] <= 90 and y[first] <= 180:
        raise BadInput(
            "coordinates_swapped", f"{where}: longitude and latitude look swapped", x=west, y=south
        )
    if x[first] > 400 or y[first] > 400:
        raise BadInput(
            "crs_wrong", f"{where}: these are no degrees; the file claims a wrong CRS", x=west
        )
    raise BadInput(
        "coordinate_out_of_range", f"{where} is not on Earth (±180, ±90)", x=west, y=south
    )


def _refuse_far_from_area_of_use(
    crs: pyproj.CRS, bounds: NDArray[np.float64], rows: Sequence[str]
) -> None:
    """Catch easting and northing in the wrong order, and another zone's numbers."""
    bad = ~np.isfinite(bounds).all(axis=1)
    if crs.area_of_use is not None:
        west, south, east, north = crs.area_of_use.bounds
        slack = _NEAR_AREA_OF_USE_DEGREES
        bad |= (bounds[:, 0] < west - slack) | (bounds[:, 1] < south - slack)
        bad |= (bounds[:, 2] > east + slack) | (bounds[:, 3] > north + slack)
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise BadInput(
            "crs_wrong",
            f"{rows[first]} lies far from where {crs.name} is used: wrong CRS, or x and y swapped",
            crs=crs.name,
        )


def _transformed(
    shapes: NDArray[np.object_], source: pyproj.CRS, target: pyproj.CRS
) -> NDArray[np.object_]:
    transformer = pyproj.Transformer.from_crs(source, target, always_xy=True)

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    moved: NDArray[np.object_] = shapely.transform(shapes, move)
    return moved
