"""Cutting a region of the layout in two: the lines, and which line cuts well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import polygonize

from api.demo.plane import Points

# A piece smaller than this share of the region goes to its neighbour.
SMALLEST_SHARE = 0.02


@dataclass(frozen=True)
class Piece:
    """A polygon of the layout and the mass points in it."""

    shape: shapely.Polygon
    mass: Points

    @property
    def density(self) -> float:
        """Mass points per m²."""
        return len(self.mass) / float(self.shape.area)


def halves(piece: Piece, line: shapely.LineString) -> tuple[Piece, Piece] | None:
    """Both sides of a line through a piece, the larger first; None where it does not part it.

    Where the line meets a bent rim more than twice, the small bits join whichever
    side they share the longer edge with, so that each side is one polygon.
    """
    linework = shapely.unary_union([shapely.boundary(piece.shape), line])
    faces = [face for face in polygonize(linework) if piece.shape.contains(face.point_on_surface())]
    if len(faces) < 2:
        return None
    faces.sort(key=lambda face: -face.area)
    first: shapely.Geometry
    second: shapely.Geometry
    first, second, *bits = faces
    if second.area < SMALLEST_SHARE * piece.shape.area:
        return None
    for bit in bits:
        shared = [shapely.intersection(bit, side).length for side in (first, second)]
        if shared[0] >= shared[1]:
            first = shapely.union(first, bit)
        else:
            second = shapely.union(second, bit)
    if not (isinstance(first, shapely.Polygon) and isinstance(second, shapely.Polygon)):
        return None
    inside = shapely.contains_xy(first, piece.mass[:, 0], piece.mass[:, 1])
    return Piece(first, piece.mass[inside]), Piece(second, piece.mass[~inside])


def compactness(shape: shapely.Polygon) -> float:
    """Polsby–Popper in the layout: 1 for a circle."""
    return float(4 * np.pi * shape.area / shape.length**2)


def straight(
    piece: Piece, angle: float, offset_m: float, step_m: float = 60.0
) -> shapely.LineString:
    """The line with this direction and distance from the layout's origin, past the piece's ends."""
    along, across = directions(angle)
    corners = shapely.get_coordinates(piece.shape) @ along
    first, last = corners.min() - 5, corners.max() + 5
    t = np.linspace(first, last, max(2, int((last - first) / step_m) + 1))
    return shapely.LineString(t[:, None] * along + offset_m * across)


def field_lane(
    rng: np.random.Generator, line: shapely.LineString, sway: float, kink_m: float
) -> shapely.LineString:
    """The line with a few kinks, as lanes and canals between fields have them."""
    ends = shapely.get_coordinates(line)[[0, -1]]
    length = float(np.hypot(*(ends[1] - ends[0])))
    knots = max(2, int(length / kink_m))
    t = np.linspace(0, 1, knots + 1)
    t[1:-1] += rng.uniform(-0.3, 0.3, knots - 1) / knots
    aside = rng.normal(0, sway * kink_m, knots + 1)
    return _bent(ends, t, aside)


def ridge_line(
    rng: np.random.Generator, line: shapely.LineString, sway: float, step_m: float
) -> shapely.LineString:
    """The line as a ridge or a stream runs: bends within bends, half as high at half the length."""
    ends = shapely.get_coordinates(line)[[0, -1]]
    length = float(np.hypot(*(ends[1] - ends[0])))
    t = np.linspace(0, 1, max(8, int(length / step_m)) + 1)
    aside = np.zeros_like(t)
    bend_m, height_m = length, sway * length
    while bend_m > 3 * step_m:
        waves = length / bend_m
        knots = np.arange(int(np.ceil(waves * 2)) + 2)
        aside += np.interp(t * waves * 2, knots, rng.normal(0, height_m, len(knots)))
        bend_m, height_m = bend_m / 2, height_m * 0.55
    return _bent(ends, t, aside)


def directions(angle: float) -> tuple[Points, Points]:
    """Unit vectors along and across (left of) a direction in radians."""
    along = np.array([np.cos(angle), np.sin(angle)])
    return along, np.array([-along[1], along[0]])


def mass_offsets(piece: Piece, angle: float, shares: Sequence[float]) -> NDArray[np.float64]:
    """How far left of the origin lines run that leave these shares of the mass right of them."""
    across = directions(angle)[1]
    if len(piece.mass) < 8:
        corners = shapely.get_coordinates(shapely.segmentize(piece.shape, 50)) @ across
        return np.quantile(corners, shares)
    return np.quantile(piece.mass @ across, shares)


def _bent(ends: Points, t: NDArray[np.float64], aside: NDArray[np.float64]) -> shapely.LineString:
    along = ends[1] - ends[0]
    across = np.array([-along[1], along[0]]) / np.hypot(*along)
    return shapely.LineString(ends[0] + t[:, None] * along + aside[:, None] * across)


def swayed(
    rng: np.random.Generator, line: Points, sway_m: float, step_m: float
) -> shapely.LineString:
    """A drawn line (metres) with bends within bends, the widest about ``sway_m``."""
    drawn = shapely.LineString(line)
    t = np.linspace(0, drawn.length, max(4, int(drawn.length / step_m)) + 1)
    points = shapely.get_coordinates(shapely.line_interpolate_point(drawn, t))
    slope = np.gradient(points, axis=0)
    across = np.column_stack([-slope[:, 1], slope[:, 0]]) / np.hypot(*slope.T)[:, None]
    aside = np.zeros_like(t)
    bend_m, height_m = 16 * step_m, sway_m
    while bend_m > 2 * step_m:
        knots = np.arange(int(drawn.length / bend_m * 2) + 3)
        aside += np.interp(t / bend_m * 2, knots, rng.normal(0, height_m, len(knots)))
        bend_m, height_m = bend_m / 2, height_m * 0.5
    return shapely.LineString(points + aside[:, None] * across)
