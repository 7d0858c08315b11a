"""Longitude and latitude as people hand them in: reading, and what can be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Degrees = NDArray[np.float64]

BOUNDS_MARGIN_DEGREES = 0.05
"""About 5 km around the city: a point there is no sign of swapped columns."""

# At most 40 digits and an exponent of two, so that no number can overflow.
_NUMBER = r"^[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][+-]?[0-9]{1,2})?$"
_NOT_FINITE = r"(?i)^[+-]?(?:nan|inf|infinity)$"


class CoordinateFault(IntEnum):
    """Why a pair of coordinates is refused; ``word`` is the reason's code."""

    NONE = 0
    COORDINATE_MISSING = 1
    COORDINATE_UNREADABLE = 2
    COORDINATE_NOT_FINITE = 3
    COORDINATE_OUT_OF_RANGE = 4
    SWAPPED_LAT_LNG = 5

    @property
    def word(self) -> str:
        """Reason code in snake case."""
        return self.name.lower()


@dataclass(frozen=True)
class Bounds:
    """A box in WGS84 degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lng: float, lat: float) -> bool:
        """Whether one point lies in the box."""
        return self.west <= lng <= self.east and self.south <= lat <= self.north

    def contains(self, lng: Degrees, lat: Degrees, margin: float = 0.0) -> NDArray[np.bool_]:
        """Which points lie in the box widened by ``margin`` degrees on every side."""
        inside: NDArray[np.bool_] = (
            (lng >= self.west - margin)
            & (lng <= self.east + margin)
            & (lat >= self.south - margin)
            & (lat <= self.north + margin)
        )
        return inside


@dataclass(frozen=True)
class FileCoordinates:
    """Degrees of two columns (NaN where unreadable) and a `CoordinateFault` for each row."""

    lng: Degrees
    lat: Degrees
    fault: NDArray[np.uint8]


def coordinate_faults(lng: Degrees, lat: Degrees, bounds: Bounds | None) -> NDArray[np.uint8]:
    """What is wrong with coordinates as given, a `CoordinateFault` for each.

    A pair counts as swapped when only the other order is possible on the globe,
    or when the other order lies in the city and this one does not. A point far
    away or in the sea is no fault: it will be ``outside``.

    Parameters
    ----------
    lng, lat
        Degrees in any datum (they differ by less than the margin).
    bounds
        The city's box; None before a city has grids.
    """
    fault = np.zeros(lng.shape, np.uint8)
    possible = (np.abs(lng) <= 180) & (np.abs(lat) <= 90)
    possible_swapped = (np.abs(lat) <= 180) & (np.abs(lng) <= 90)
    swapped = ~possible & possible_swapped
    if bounds is not None:
        elsewhere = ~bounds.contains(lng, lat, BOUNDS_MARGIN_DEGREES)
        swapped |= elsewhere & bounds.contains(lat, lng)
    fault[~possible] = CoordinateFault.COORDINATE_OUT_OF_RANGE
    fault[swapped] = CoordinateFault.SWAPPED_LAT_LNG
    fault[~(np.isfinite(lng) & np.isfinite(lat))] = CoordinateFault.COORDINATE_NOT_FINITE
    return fault


def read_coordinates(
    lng_texts: pa.Array, lat_texts: pa.Array, bounds: Bounds | None
) -> FileCoordinates:
    """Read two columns of decimal degrees (a point before the decimals, no other signs)."""
    lng, lng_fault = _read_degrees(lng_texts)
    lat, lat_fault = _read_degrees(lat_texts)
    unread = np.where(lng_fault, lng_fault, lat_fault)
    return FileCoordinates(
        lng, lat, np.where(unread, unread, coordinate_faults(lng, lat, bounds)).astype(np.uint8)
    )


def _read_degrees(texts: pa.Array) -> tuple[Degrees, NDArray[np.uint8]]:
    number = pc.match_substring_regex(texts, _NUMBER)
    degrees = pc.cast(pc.if_else(number, texts, "nan"), pa.float64())
    found: Degrees = degrees.to_numpy(zero_copy_only=False)
    fault = np.zeros(len(texts), np.uint8)
    bad = ~number.to_numpy(zero_copy_only=False)
    if bad.any():
        fault[bad] = CoordinateFault.COORDINATE_UNREADABLE
        not_finite = pc.match_substring_regex(texts, _NOT_FINITE).to_numpy(zero_copy_only=False)
        fault[not_finite] = CoordinateFault.COORDINATE_NOT_FINITE
        fault[pc.equal(texts, "").to_numpy(zero_copy_only=False)] = (
            CoordinateFault.COORDINATE_MISSING
        )
    return found, fault
