"""The published forward formulas of GCJ-02 and BD-09, everywhere on Earth.

Neither has an official text; the constants are those all open implementations share.
Where they apply, and their inverse: `gis.datum`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]

_KRASOVSKY_A_M = 6378245.0
_KRASOVSKY_E2 = 0.00669342162296594323
_BAIDU_RADIANS = np.pi * 3000.0 / 180.0


def gcj02_from_wgs84(lng: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """The published GCJ-02 offset: polynomials and sines in metres, on Krasovsky's ellipsoid."""
    x, y = lng - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north_m = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + ripple
        + (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
        + (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    )
    east_m = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + ripple
        + (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
        + (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    )
    phi = np.radians(lat)
    w2 = 1.0 - _KRASOVSKY_E2 * np.sin(phi) ** 2
    meridian_radius_m = _KRASOVSKY_A_M * (1.0 - _KRASOVSKY_E2) / (w2 * np.sqrt(w2))
    parallel_radius_m = _KRASOVSKY_A_M / np.sqrt(w2) * np.cos(phi)
    return lng + np.degrees(east_m / parallel_radius_m), lat + np.degrees(
        north_m / meridian_radius_m
    )


def bd09_from_wgs84(lng: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Baidu's rotation and stretch of the GCJ-02 coordinates."""
    x, y = gcj02_from_wgs84(lng, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU_RADIANS)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU_RADIANS)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
