"""The one place that chooses a coordinate reference system.

Everything is stored and compared as WGS84 longitude/latitude on a grid of 1e-9
degree (0.1 mm). A metric CRS only measures areas, lengths and distances.
Axis order is always x = longitude or easting, y = latitude or northing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError

from gis.errors import BadInput, Misconfigured

Geometries = Sequence[shapely.Geometry | None] | NDArray[np.object_]
"""An array of geometries: a list in tests and small calls, an object array elsewhere."""


def objects(geometries: Geometries) -> NDArray[np.object_]:
    """Copy geometries into a one-dimensional object array, which numpy alone may unpack."""
    found = np.empty(len(geometries), dtype=object)
    found[:] = list(geometries)
    return found


STORAGE_SRID = 4326
WEB_MERCATOR_SRID = 3857
STEPS_PER_DEGREE = 10**9

# Area of use of CGCS2000 (EPSG:4490): west, south, east, north.
_CGCS2000_AREA = (73.62, 16.7, 134.77, 53.56)
_CGCS2000_ZONE_75E = 4534  # EPSG:4534..4554, central meridians 75..135 E, no zone prefix


def snap_to_storage_grid(geometries: Geometries) -> NDArray[np.object_]:
    """Round every coordinate to the 1e-9 degree grid and drop what collapses.

    Divides by the integer: multiplying by 1e-9 gives other doubles, and a decimal with
    nine digits read from a file is exactly the quotient. Z and M are dropped, repeated
    points and rings without area too. Rounding can make a polygon invalid or break a
    coverage, so prove it again afterwards.

    Parameters
    ----------
    geometries
        Geometries in degrees; None stays None.

    Returns
    -------
    numpy.ndarray
        Object array of the same length; a geometry that collapsed wholly is empty.
    """
    flat = shapely.force_2d(np.atleast_1d(np.asarray(geometries, dtype=object)))
    rounded = shapely.transform(flat, _round_degrees)
    snapped: NDArray[np.object_] = np.empty(len(rounded), dtype=object)
    snapped[:] = [_without_repeats(g) for g in rounded]
    return snapped


def metric_crs(lng: float, lat: float, override: str | None = None) -> pyproj.CRS:
    """Choose the CRS that measures a city around a place.

    Parameters
    ----------
    lng, lat
        A point of the city, WGS84 degrees.
    override
        The city profile's choice, e.g. ``EPSG:4549``; must be projected, in metres.

    Returns
    -------
    pyproj.CRS
        The override, else the CGCS2000 3-degree Gauss-Krüger zone in China, else UTM.

    Raises
    ------
    Misconfigured
        ``crs_unknown`` or ``crs_not_metric`` for the override.
    BadInput
        ``coordinate_not_finite`` or ``coordinate_out_of_range``.
    """
    if override is not None:
        return _checked_override(override)
    if not (np.isfinite(lng) and np.isfinite(lat)):
        raise BadInput("coordinate_not_finite", f"no metric CRS for {lng}, {lat}")
    if abs(lng) > 180 or abs(lat) > 90:
        raise BadInput("coordinate_out_of_range", f"no such longitude, latitude: {lng}, {lat}")
    west, south, east, north = _CGCS2000_AREA
    if west <= lng <= east and south <= lat <= north:
        return _epsg(_CGCS2000_ZONE_75E + round((lng - 75.0) / 3.0))
    zone = min(int((lng + 180.0) // 6.0) + 1, 60)
    return _epsg((32600 if lat >= 0 else 32700) + zone)


def project(geometries: Geometries, crs: pyproj.CRS) -> NDArray[np.object_]:
    """Bring geometries from storage (degrees) to a metric CRS."""
    return _transform(geometries, f"EPSG:{STORAGE_SRID}", crs.to_wkt())


def point_projector(crs: pyproj.CRS) -> Callable[[float, float], tuple[float, float]]:
    """Make what :func:`project` does for a single place: 0.7 µs a call instead of 40."""
    transform: Callable[[float, float], tuple[float, float]] = _transformer(
        f"EPSG:{STORAGE_SRID}", crs.to_wkt()
    ).transform
    return transform


def unproject(geometries: Geometries, crs: pyproj.CRS) -> NDArray[np.object_]:
    """Bring geometries from a metric CRS back to degrees; not yet on the storage grid."""
    return _transform(geometries, crs.to_wkt(), f"EPSG:{STORAGE_SRID}")


def _round_degrees(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    # Adding 0.0 turns -0.0 into 0.0, so equal coordinates have equal bytes.
    return np.rint(coordinates * STEPS_PER_DEGREE) / STEPS_PER_DEGREE + 0.0


def _without_repeats(geometry: shapely.Geometry | None) -> shapely.Geometry | None:
    if isinstance(geometry, shapely.Polygon):
        return _polygon_without_repeats(geometry)
    if isinstance(geometry, shapely.MultiPolygon):
        parts = [_polygon_without_repeats(part) for part in geometry.geoms]
        return shapely.MultiPolygon([part for part in parts if not part.is_empty])
    return geometry if geometry is None else shapely.remove_repeated_points(geometry, 0.0)


def _polygon_without_repeats(polygon: shapely.Polygon) -> shapely.Polygon:
    shell = _ring_without_repeats(polygon.exterior)
    if shell is None:
        return shapely.Polygon()
    rings = (_ring_without_repeats(ring) for ring in polygon.interiors)
    return shapely.Polygon(shell, [ring for ring in rings if ring is not None])


def _ring_without_repeats(ring: shapely.LinearRing) -> NDArray[np.float64] | None:
    """Coordinates of the ring, or None when fewer than three corners are left."""
    points = shapely.get_coordinates(ring)
    keep = np.ones(len(points), dtype=bool)
    keep[1:] = (points[1:] != points[:-1]).any(axis=1)
    points = points[keep]
    return points if len(points) >= 4 else None


def _checked_override(override: str) -> pyproj.CRS:
    try:
        crs = pyproj.CRS.from_user_input(override)
    except CRSError as error:
        raise Misconfigured("crs_unknown", f"unknown CRS {override!r}", crs=override) from error
    metres = all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info)
    if not crs.is_projected or not metres:
        raise Misconfigured(
            "crs_not_metric", f"{override} does not measure in metres; give a projected CRS"
        )
    return crs


@lru_cache(maxsize=64)
def _epsg(number: int) -> pyproj.CRS:
    return pyproj.CRS.from_epsg(number)


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _transform(geometries: Geometries, source: str, target: str) -> NDArray[np.object_]:
    transformer = _transformer(source, target)

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    moved: NDArray[np.object_] = shapely.transform(np.asarray(geometries, dtype=object), move)
    return moved
