"""Coordinates as whole steps of the storage grid, in which crossings are exact arithmetic.

A step is 1e-9 degree, 0.1 mm. Every stored coordinate is a whole number of steps, so two
points are one place or they are not, and which side of a line a point is on has an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely

from gis.crs import STEPS_PER_DEGREE, objects

Shape = shapely.Polygon | shapely.MultiPolygon
Step = tuple[int, int]
"""A place: longitude and latitude in steps."""
Edge = tuple[Step, Step]
"""A straight piece between two places, the smaller place first."""


def edge(a: Step, b: Step) -> Edge:
    """The edge between two places, the same from both sides."""
    return (a, b) if a <= b else (b, a)


def to_degrees(shape: Shape) -> Shape:
    """A shape in steps as it is stored: divided by the integer, so the same doubles."""
    return shapely.transform(shape, lambda c: c / STEPS_PER_DEGREE)


def all_to_degrees(shapes: Sequence[Shape]) -> Any:
    """Shapes in steps as an array of those stored."""
    return shapely.transform(objects(shapes), lambda c: c / STEPS_PER_DEGREE)


def places(line: shapely.Geometry) -> list[Step]:
    """The places of a line or ring in degrees, repeats dropped."""
    return without_repeats(
        (int(x), int(y)) for x, y in np.rint(shapely.get_coordinates(line) * STEPS_PER_DEGREE)
    )


def without_repeats(points: Iterable[Step]) -> list[Step]:
    """Places in order, each different from the one before it."""
    kept: list[Step] = []
    for point in points:
        if not kept or kept[-1] != point:
            kept.append(point)
    return kept


def line_in_degrees(points: Sequence[Step]) -> shapely.Geometry:
    """What to look at of a few places: a line, or the point where there is only one."""
    degrees = np.asarray(points, dtype=float) / STEPS_PER_DEGREE
    return shapely.Point(degrees[0]) if len(degrees) == 1 else shapely.LineString(degrees)


def squared_distance(a: Step, b: Step) -> int:
    """Steps squared."""
    return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2


def turn(a: Step, b: Step, c: Step) -> int:
    """Twice the signed area of a triangle: positive where ``c`` lies left of ``a`` to ``b``."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def along(a: Step, b: Step, c: Step) -> int:
    """How far ``c`` lies along ``a`` to ``b``, in steps times the length of the edge."""
    return (b[0] - a[0]) * (c[0] - a[0]) + (b[1] - a[1]) * (c[1] - a[1])


def is_beside(point: Step, a: Step, b: Step, reach: int) -> bool:
    """Whether a place lies no farther than ``reach`` from an edge, between its ends."""
    length = squared_distance(a, b)
    if not 0 < along(a, b, point) < length:
        return False
    return turn(a, b, point) ** 2 <= reach**2 * length


def foot(point: Step, a: Step, b: Step) -> Step:
    """The place of an edge that is nearest to a place beside it, rounded."""
    far, length = along(a, b, point), squared_distance(a, b)
    return (
        _rounded(a[0] * length + far * (b[0] - a[0]), length),
        _rounded(a[1] * length + far * (b[1] - a[1]), length),
    )


def crossing(a: Step, b: Step, c: Step, d: Step) -> Step | None:
    """Where two edges cross inside both, rounded to a place; None where they do not."""
    from_c, from_d = turn(a, b, c), turn(a, b, d)
    from_a, from_b = turn(c, d, a), turn(c, d, b)
    if from_c * from_d >= 0 or from_a * from_b >= 0:
        return None
    total = from_c - from_d
    return (
        _rounded(c[0] * total + from_c * (d[0] - c[0]), total),
        _rounded(c[1] * total + from_c * (d[1] - c[1]), total),
    )


def _rounded(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction, halves up."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    return (2 * numerator + denominator) // (2 * denominator)
