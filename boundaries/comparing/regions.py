"""Which changed grids hang together: each such region is drawn anew at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from boundaries.comparing.plane import Plane
from boundaries.steps import Shape
from gis.crs import objects

_TOUCH_M = 0.001
_LEAST_EDGE_M = 0.02
"""What touches in a corner only does not hang together."""


def regions_of(shapes: Mapping[str, Sequence[Shape]], plane: Plane) -> list[list[str]]:
    """Keys grouped by whether their ground shares an edge, or overlaps.

    Parameters
    ----------
    shapes
        Of each key the shapes it had and has, in degrees.
    plane
        Of longitude and latitude.

    Returns
    -------
    list of list of str
        The keys of each region sorted, the regions by their first key.
    """
    keys = sorted(shapes)
    owners = [key for key in keys for _ in shapes[key]]
    laid = plane.lay_shapes(objects([shape for key in keys for shape in shapes[key]]))
    one, other = shapely.STRtree(laid).query(laid, "dwithin", _TOUCH_M)
    named = np.array(owners, dtype=object)
    pairs = (one < other) & (named[one] != named[other])
    one, other = one[pairs], other[pairs]
    near = shapely.buffer(laid, _TOUCH_M, quad_segs=2)
    shared = shapely.area(shapely.intersection(laid[one], near[other]))
    together = shared > _LEAST_EDGE_M * _TOUCH_M
    leader = {key: key for key in keys}

    def led(key: str) -> str:
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    for a, b in zip(named[one[together]], named[other[together]], strict=True):
        first, second = sorted((led(a), led(b)))
        leader[second] = first
    found: dict[str, list[str]] = {}
    for key in keys:
        found.setdefault(led(key), []).append(key)
    return [found[key] for key in sorted(found)]
