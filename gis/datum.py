"""WGS84 and the datums Chinese maps are drawn in.

GCJ-02 is the offset every public map in China carries, BD-09 is Baidu's second
offset on top of it. Both are published only as forward formulas; the inverse here
is the same formula solved by fixed-point iteration, so both ways agree to 1e-9
degree (0.1 mm). CGCS2000 is taken as WGS84.

Outside the usual box around China the offsets do not apply and coordinates come
back unchanged. At the box's border, which lies in no part of China, the forward
formula jumps by up to 2 km: a coordinate that both a point inside and a point
outside would explain goes to the one inside, so each point of the box makes the
round trip.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gis.crs import Geometries
from gis.datum_formulas import Degrees, bd09_from_wgs84, gcj02_from_wgs84
from gis.errors import BadInput

Forward = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

CGCS2000_UNCERTAINTY_M = 1.0
"""CGCS2000 is ITRF97 at epoch 2000.0; WGS84 follows the plates. The ellipsoids differ by
0.1 mm, China has moved about 3 cm a year since: under one metre until the 2030s."""

CHINA_WEST, CHINA_EAST = 72.004, 137.8347
CHINA_SOUTH, CHINA_NORTH = 0.8293, 55.8271

_MAX_ITERATIONS = 30
_RESIDUAL_DEGREES = 1e-11  # the term sqrt|lng - 105| has no derivative at 105 E: no finer there
_BORDER_DEGREES = 1e-9


class Datum(StrEnum):
    """What a longitude and latitude refer to."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


def from_wgs84(lng: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """Express WGS84 coordinates in another datum.

    Parameters
    ----------
    lng, lat
        Degrees, scalars or arrays of one shape.
    datum
        The datum wanted.

    Returns
    -------
    lng, lat
        float64 arrays of the input's shape (0-d for scalars).

    Raises
    ------
    BadInput
        ``coordinate_not_finite`` when a coordinate is NaN or infinite.
    """
    lng, lat = _finite(lng, lat)
    forward = _FORWARD.get(datum)
    if forward is None:
        return lng, lat
    moved_lng, moved_lat = forward(lng, lat)
    inside = _in_china(lng, lat)
    return np.where(inside, moved_lng, lng), np.where(inside, moved_lat, lat)


def to_wgs84(lng: ArrayLike, lat: ArrayLike, datum: Datum) -> tuple[Degrees, Degrees]:
    """Bring coordinates of a datum to WGS84: the exact inverse of `from_wgs84`.

    The answer for a point does not depend on the points beside it in the array, so
    vertices that polygons share stay shared.

    Parameters
    ----------
    lng, lat
        Degrees, scalars or arrays of one shape.
    datum
        What they refer to.

    Returns
    -------
    lng, lat
        float64 arrays of the input's shape (0-d for scalars).

    Raises
    ------
    BadInput
        ``coordinate_not_finite`` when a coordinate is NaN or infinite,
        ``datum_inverse_diverged`` when the iteration limit is reached.
    """
    lng, lat = _finite(lng, lat)
    forward = _FORWARD.get(datum)
    if forward is None:
        return lng, lat
    shape = lng.shape
    flat_lng, flat_lat = lng.ravel(), lat.ravel()
    out_lng, out_lat = flat_lng.copy(), flat_lat.copy()
    near = np.flatnonzero(_in_china(flat_lng, flat_lat, margin=0.05))
    solved_lng, solved_lat = _invert(forward, flat_lng[near], flat_lat[near])
    keep = _in_china(solved_lng, solved_lat, margin=_BORDER_DEGREES) | _in_china(
        flat_lng[near], flat_lat[near]
    )
    out_lng[near[keep]], out_lat[near[keep]] = solved_lng[keep], solved_lat[keep]
    return out_lng.reshape(shape), out_lat.reshape(shape)


def geometries_to_wgs84(geometries: Geometries, datum: Datum) -> NDArray[np.object_]:
    """Bring every vertex of an array of geometries (degrees, x = longitude) to WGS84."""
    found: NDArray[np.object_] = np.asarray(geometries, dtype=object)
    if datum not in _FORWARD:
        return found

    def move(xy: Degrees) -> Degrees:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))

    moved: NDArray[np.object_] = shapely.transform(found, move)
    return moved


def _finite(lng: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    lng, lat = np.broadcast_arrays(np.asarray(lng, np.float64), np.asarray(lat, np.float64))
    good = np.isfinite(lng) & np.isfinite(lat)
    if not good.all():
        index = int(np.flatnonzero(~good.ravel())[0])
        raise BadInput(
            "coordinate_not_finite",
            f"coordinate {index} is not a number: {lng.flat[index]}, {lat.flat[index]}",
            index=index,
        )
    return lng.copy(), lat.copy()


def _in_china(lng: Degrees, lat: Degrees, margin: float = 0.0) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (
        (lng >= CHINA_WEST - margin)
        & (lng <= CHINA_EAST + margin)
        & (lat >= CHINA_SOUTH - margin)
        & (lat <= CHINA_NORTH + margin)
    )
    return inside


def _invert(forward: Forward, lng: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Solve forward(x) = (lng, lat); the offset's slope is below 0.03, each step gains a digit."""
    x, y = lng.copy(), lat.copy()
    open_points = np.arange(lng.size)
    for _ in range(_MAX_ITERATIONS):
        if open_points.size == 0:
            return x, y
        there_lng, there_lat = forward(x[open_points], y[open_points])
        error_lng, error_lat = there_lng - lng[open_points], there_lat - lat[open_points]
        x[open_points] -= error_lng
        y[open_points] -= error_lat
        error = np.maximum(np.abs(error_lng), np.abs(error_lat))
        open_points = open_points[~(error <= _RESIDUAL_DEGREES)]
    if open_points.size == 0:
        return x, y
    first = int(open_points[0])
    raise BadInput(
        "datum_inverse_diverged",
        f"no WGS84 point found for {lng[first]}, {lat[first]} in {_MAX_ITERATIONS} steps",
        lng=float(lng[first]),
        lat=float(lat[first]),
    )


_FORWARD: dict[Datum, Forward] = {
    Datum.GCJ02: gcj02_from_wgs84,
    Datum.BD09: bd09_from_wgs84,
}
