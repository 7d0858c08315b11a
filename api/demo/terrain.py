"""The lie of the demo city's land: where it rises, where it is water, how densely it is lived in.

All functions take longitude, latitude as an array of shape (n, 2) and answer n numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from api.demo import drawn
from api.demo.plane import METRES_PER_LAT, METRES_PER_LNG, Points, metres

Numbers = NDArray[np.float64]

# South of this line the Siming mountains begin, within so many degrees.
MOUNTAINS_FROM_LAT, FOOT_DEG = 29.958, 0.014
# Lone hills of the plain: longitude, latitude, reach in metres, height (mountains are 1).
LONE_HILLS = (
    (121.055, 30.030, 1_300, 0.8), (121.205, 30.075, 900, 0.6), (121.285, 30.058, 1_400, 0.9),
    (121.355, 30.060, 1_200, 0.8), (121.105, 29.995, 900, 0.7), (121.175, 29.998, 900, 0.6),
    (120.960, 30.108, 800, 0.6), (121.305, 29.982, 1_100, 0.7), (121.380, 29.998, 900, 0.7),
    (121.082, 30.096, 700, 0.6), (121.178, 30.128, 900, 0.7), (120.935, 30.150, 600, 0.5),
)  # fmt: skip
_LONE_REACH_M = [reach_m / np.sqrt(2) for _, _, reach_m, _ in LONE_HILLS]
# Valley floors of the mountains stay low around their towns.
VALLEYS = ("330281113", "330281114", "330281112", "330281111")
VALLEY_REACH_M = 1_840

# How densely people live, relative to the middle of the town.
TOWN_REACH_M, SUBURB_REACH_M, SUBURB_SHARE = 2_500, 5_600, 0.22
PLAIN, MOUNTAIN = 0.022, 0.004
STREETS, SEAT_REACH_M = 0.3, 850
# Half of the seats are small places; these are towns of their own.
LARGE_SEATS = {"330281103": 0.6, "330281005": 0.5, "330281006": 0.45, "330281106": 0.35,
               "330281113": 0.35, "330281109": 0.3}  # fmt: skip
SMALL_SEATS = {"330281115": 0.08, "330281116": 0.08, "330281201": 0.08, "330281112": 0.15}


@dataclass(frozen=True)
class Terrain:
    """Hills and water of one seed; made by ``drawn_by``."""

    folds: NDArray[np.float64]  # rows: kx, ky (rad/m), phase
    lakes: tuple[shapely.Polygon, ...]

    @classmethod
    def drawn_by(cls, rng: np.random.Generator) -> Self:
        """Fold the mountains by chance and give the lakes their shores."""
        folds = []
        for length_m in (7_000, 3_400, 1_900):
            for _ in range(3):
                along = rng.uniform(0, np.pi)
                k = 2 * np.pi / length_m
                folds.append((k * np.cos(along), k * np.sin(along), rng.uniform(0, 2 * np.pi)))
        return cls(np.array(folds), tuple(_shore(rng, rim) for _, _, rim in drawn.LAKES))

    def height(self, lng_lat: Points) -> Numbers:
        """How high the land lies: 0 the plain, about 1 the mountains."""
        ground = metres(lng_lat)
        waves = np.sin(ground @ self.folds[:, :2].T + self.folds[:, 2]).reshape(len(ground), 3, 3)
        fold = waves.mean(axis=2) @ (0.5, 0.32, 0.18)
        south = (MOUNTAINS_FROM_LAT - lng_lat[:, 1]) / FOOT_DEG + 2.5 * fold
        height: Numbers = (1 / (1 + np.exp(-np.clip(south, -30, 30)))) * (1 + 0.5 * fold)
        lone = _bumps(ground, [(lng, lat) for lng, lat, *_ in LONE_HILLS], _LONE_REACH_M)
        tops = np.array([top for *_, top in LONE_HILLS])
        height = np.maximum(height, (lone * tops).max(axis=1) * (1 + 0.35 * fold))
        valleys = _bumps(ground, [drawn.SEATS[code] for code in VALLEYS], VALLEY_REACH_M)
        height *= (1 - 0.9 * valleys).prod(axis=1)
        return height

    def density(self, lng_lat: Points) -> Numbers:
        """How many live here per area, relative to the middle of the town; none on water."""
        ground = metres(lng_lat)
        height = np.clip(self.height(lng_lat), 0, 1)
        town, suburb = _bumps(ground, [drawn.CENTRE] * 2, (TOWN_REACH_M, SUBURB_REACH_M)).T
        found: Numbers = PLAIN + town + SUBURB_SHARE * suburb
        found *= (1 - 0.92 * height) ** 2
        found += MOUNTAIN * height
        streets = [LARGE_SEATS.get(code, SMALL_SEATS.get(code, STREETS)) for code in drawn.SEATS]
        found += _bumps(ground, list(drawn.SEATS.values()), SEAT_REACH_M) @ streets
        for lake in self.lakes:
            found[shapely.contains_xy(lake, lng_lat[:, 0], lng_lat[:, 1])] = 0
        return found


def rounded(line: Points, times: int = 3, *, closed: bool = False) -> Points:
    """Cut the corners of a line or ring again and again (Chaikin)."""
    for _ in range(times):
        ends = np.roll(line, -1, axis=0) if closed else line[1:]
        starts = line if closed else line[:-1]
        between = np.stack([0.75 * starts + 0.25 * ends, 0.25 * starts + 0.75 * ends], axis=1)
        between = between.reshape(-1, 2)
        line = between if closed else np.vstack([line[:1], between, line[-1:]])
    return line


def _shore(rng: np.random.Generator, rim: drawn.Line) -> shapely.Polygon:
    """A rough rim with bays of a few ten metres, and round."""
    ring = np.array(rim)
    between = (ring + np.roll(ring, -1, axis=0)) / 2
    ring = np.stack([ring, between], axis=1).reshape(-1, 2)
    ring += rng.normal(0, 60, ring.shape) / (METRES_PER_LNG, METRES_PER_LAT)
    return shapely.Polygon(rounded(ring, closed=True)).buffer(0)


def _bumps(
    ground: Points, places: Sequence[tuple[float, float]], reach_m: float | Sequence[float]
) -> Numbers:
    """For each point (row) and place: 1 at the place, falling off as a normal curve."""
    at = metres(np.array(places))
    away = ((ground[:, None, :] - at) ** 2).sum(axis=2)
    found: Numbers = np.exp(-away / (2 * np.square(reach_m)))
    return found
