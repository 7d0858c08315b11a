"""Where the demo city stands: the ground of one seed, its lines and townships, in the layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from api.demo import drawn
from api.demo.cutting import Piece, field_lane, halves, straight, swayed
from api.demo.partition import COAST_ANGLE, HILLY
from api.demo.plane import Plane, Points
from api.demo.terrain import Terrain, rounded

# Canals of the northern plain, dug towards the bay and along it.
CANALS_FROM_LAT = 30.11
CANAL_GAPS_M = ((1_100.0, 2_000.0), (1_800.0, 3_200.0))
RIM_STEP_M = 150.0
# Places looked at to choose one by density, and to sum up a region.
TRIED_A_POINT, TRIED_A_REGION = 8, 4_000
# Of a line that sways past the piece it parts, once in some ten cities.
TRIES_A_LINE = 20
# Corners of a line, at least so far apart, so that it bends with the streets.
LINE_STEP_M = 60.0

# How far a drawn line bends aside, by kind and whether it runs through hills.
SWAY_M = {
    ("stream", False): 22.0, ("stream", True): 45.0,
    ("main_road", False): 4.0, ("main_road", True): 60.0,
}  # fmt: skip

Named = tuple[str, str, str | None, str | None, shapely.LineString]


@dataclass(frozen=True)
class Site:
    """Ground and lines of one seed.

    ``lines`` are (kind, id, name, English name, line), in the layout; canals have no name.
    """

    plane: Plane
    terrain: Terrain
    outline: shapely.Polygon
    river: shapely.LineString
    lines: tuple[Named, ...]

    @classmethod
    def drawn_by(cls, rng: np.random.Generator) -> Self:
        """Make the ground and bring what is drawn by hand onto it."""
        plane, terrain = Plane.drawn_by(rng), Terrain.drawn_by(rng)
        ring = shapely.get_coordinates(drawn.outline())
        outline = shapely.Polygon(plane.lay_out(ring, RIM_STEP_M))
        river = shapely.LineString(plane.lay_out(rounded(np.array(drawn.RIVER)), RIM_STEP_M))
        lines: list[Named] = [("river", "river", "姚江", "Yao River", river)]
        for kind, drawings in (("stream", drawn.STREAMS), ("main_road", drawn.MAIN_ROADS)):
            for zh, en, drawing in drawings:
                points = plane.from_ground(rounded(np.array(drawing)))
                hilly = float(np.median(terrain.height(np.array(drawing)))) > HILLY
                sway_m = SWAY_M[kind, hilly]
                lines.append((kind, en, zh, en, swayed(rng, points, sway_m, LINE_STEP_M)))
        for at, canal in enumerate(_canals(rng, plane, outline)):
            lines.append(("stream", f"canal {at}", None, None, canal))
        return cls(plane, terrain, outline, river, tuple(lines))

    def water(self) -> shapely.Geometry:
        """The lakes in the layout."""
        lakes: shapely.Geometry = shapely.union_all(
            shapely.transform(list(self.terrain.lakes), self.plane.from_ground)
        )
        return lakes

    def townships(self, rng: np.random.Generator) -> dict[str, shapely.Polygon]:
        """The townships' polygons by code: the outline cut along the drawn lines."""
        seats = self.plane.from_ground(np.array(list(drawn.SEATS.values())))
        whole = [Piece(self.outline, seats)]
        lines: list[Callable[[], shapely.LineString]] = [
            *(partial(self._township_line, rng, line) for line in drawn.TOWNSHIP_LINES),
            self._town_reach,
            *(partial(self._township_line, rng, line) for line in drawn.TOWN_LINES),
        ]
        for draw in lines:
            whole = _parted_once(whole, draw)
        codes = list(drawn.SEATS)
        return {
            codes[int(np.flatnonzero((seats == piece.mass[0]).all(axis=1))[0])]: piece.shape
            for piece in whole
        }

    def mass(self, rng: np.random.Generator, shape: shapely.Polygon, count: int) -> Points:
        """Points strewn in a region of the layout as densely as people live."""
        tried, density = self._lived_in(rng, shape, TRIED_A_POINT * count)
        chosen = rng.choice(len(tried), count, replace=True, p=density / density.sum())
        # A place drawn twice moves a little, so that two halves can part it.
        return tried[chosen] + rng.normal(0, 8, (count, 2))

    def people(self, rng: np.random.Generator, shape: shapely.Polygon) -> float:
        """How many live in a region, relative to other regions: the density's integral."""
        _, density = self._lived_in(rng, shape, TRIED_A_REGION)
        return float(density.mean() * shape.area)

    def _lived_in(
        self, rng: np.random.Generator, shape: shapely.Polygon, count: int
    ) -> tuple[Points, NDArray[np.float64]]:
        west, south, east, north = shape.bounds
        tried = rng.uniform((west, south), (east, north), (count, 2))
        tried = tried[shapely.contains_xy(shape, tried[:, 0], tried[:, 1])]
        return tried, self.terrain.density(self.plane.to_ground(tried))

    def _township_line(self, rng: np.random.Generator, line: drawn.Line) -> shapely.LineString:
        points = self.plane.from_ground(rounded(np.array(line)))
        hilly = float(self.terrain.height(np.array(line)).mean()) > 0.4
        return swayed(rng, points, 70.0 if hilly else 16.0, 90.0)

    def _town_reach(self) -> shapely.LineString:
        """The river through the town, with a way to it from the west."""
        start, meet, end = self.plane.from_ground(np.array(drawn.TOWN_REACH))
        river = shapely.get_coordinates(self.river)
        first, last = (int(np.argmin(np.hypot(*(river - at).T))) for at in (meet, end))
        return shapely.LineString(np.vstack([start, river[first : last + 1]]))


def _parted_once(whole: list[Piece], draw: Callable[[], shapely.LineString]) -> list[Piece]:
    """Pieces with one more line through them, drawn again where it sways past what it parts."""
    for _ in range(TRIES_A_LINE):
        line = draw()
        parts = [part for piece in whole for part in _parted(piece, line)]
        if len(parts) > len(whole):
            return parts
    return whole


def _parted(piece: Piece, line: shapely.LineString) -> list[Piece]:
    sides = halves(piece, line)
    if sides is None or min(len(side.mass) for side in sides) == 0:
        return [piece]
    return list(sides)


def _canals(
    rng: np.random.Generator, plane: Plane, outline: shapely.Polygon
) -> list[shapely.LineString]:
    west, _, east, north = outline.bounds
    border = plane.from_ground(np.array([[121.1, CANALS_FROM_LAT]]))[0, 1]
    plain = shapely.intersection(outline, shapely.box(west, border, east, north))
    found = []
    for turn, gaps in zip((np.pi / 2, 0.0), CANAL_GAPS_M, strict=True):
        for offset in np.cumsum(rng.uniform(*gaps, 60)) - 40_000:
            line = straight(Piece(outline, np.empty((0, 2))), COAST_ANGLE + turn, float(offset))
            lane = field_lane(rng, line, 0.05, 700.0)
            for part in shapely.get_parts(shapely.intersection(lane, plain)):
                if isinstance(part, shapely.LineString) and part.length > 600:
                    longer = shapely.get_coordinates(shapely.segmentize(part, LINE_STEP_M))
                    found.append(shapely.LineString(longer))
    return found
