"""What the join refuses: coverages it cannot index, and points off the globe."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def check_coverage(codes: tuple[str, ...], polygons: NDArray[np.object_]) -> None:
    """Refuse codes out of order, and what is no polygon on the globe; names the grid."""
    if not codes or polygons.shape != (len(codes),):
        raise BadInput(
            "coverage_shape", f"{len(codes)} codes come with {polygons.size} polygons; both ≥ 1."
        )
    for before, after in pairwise(codes):
        if not before < after:
            raise BadInput(
                "codes_not_ascending", f"Grid {after!r} comes after {before!r}.", grid=after
            )
    kind = shapely.get_type_id(polygons)
    bad = np.flatnonzero(~np.isin(kind, (3, 6)) | shapely.is_empty(polygons))
    if bad.size:
        code = codes[int(bad[0])]
        raise BadInput("not_a_polygon", f"Grid {code!r} has no polygon.", grid=code)
    bad = np.flatnonzero(~shapely.is_valid(polygons))
    if bad.size:
        code = codes[int(bad[0])]
        why = shapely.is_valid_reason(polygons[bad[0]])
        raise BadInput("polygon_invalid", f"Grid {code!r} is no valid polygon: {why}.", grid=code)
    corners = shapely.bounds(polygons)
    off = np.flatnonzero(~on_globe(corners[:, ::2], corners[:, 1::2]).all(axis=1))
    if off.size:
        code = codes[int(off[0])]
        raise BadInput("off_the_globe", f"Grid {code!r} leaves the globe.", grid=code)


def columns(lng: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitudes and latitudes as two float64 columns of one length."""
    x = np.ascontiguousarray(lng, dtype=np.float64)
    y = np.ascontiguousarray(lat, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise BadInput(
            "coordinate_shape", f"{x.size} longitudes come with {y.size} latitudes, one each."
        )
    return x, y


def on_globe(lng: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points are numbers within 180 degrees of longitude and 90 of latitude."""
    # abs(NaN) <= 180 is false, so one pass finds NaN, infinity and what is off the globe.
    inside: NDArray[np.bool_] = (np.abs(lng) <= 180.0) & (np.abs(lat) <= 90.0)
    return inside


def check_on_globe(
    lng: NDArray[np.float64], lat: NDArray[np.float64], rows: NDArray[np.intp]
) -> None:
    """Refuse points that are not; ``rows`` are their numbers to the caller, ascending."""
    inside = on_globe(lng, lat)
    if not inside.all():
        first = int(np.argmin(inside))
        raise off_the_globe(float(lng[first]), float(lat[first]), int(rows[first]))


def off_the_globe(lng: float, lat: float, row: int | None) -> BadInput:
    """Say which point is off the globe, by its row unless it is the only one."""
    place = "The point" if row is None else f"Row {row}"
    where = {} if row is None else {"row": row}
    return BadInput(
        "off_the_globe",
        f"{place} has longitude {lng} and latitude {lat}; "
        "longitude goes from -180 to 180, latitude from -90 to 90.",
        **where,
    )
