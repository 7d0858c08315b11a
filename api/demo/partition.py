"""Parting a region again and again until every part has the mass it is meant to have.

Each cut tries what is there first: a river, canal or main road that crosses the
region. Else it is a line of its own: a street of the town's network, a kinked lane
between fields, or a ridge in the mountains. The cut that leaves the rounder pieces
is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from api.demo.cutting import (
    Piece,
    compactness,
    field_lane,
    halves,
    mass_offsets,
    ridge_line,
    straight,
)
from api.demo.plane import Plane, Points
from api.demo.terrain import Terrain

# The town's streets run with the river; towards the coast lanes follow the shore.
TOWN_ANGLE, COAST_ANGLE = np.radians(-3.0), np.radians(27.0)
TOWN_TO_LAT, COAST_FROM_LAT = 30.095, 30.205
STREET_GAPS_M = (70.0, 150.0)
STREETS_REACH_M = 6_500.0
HILLY, FIELDS_BELOW_DENSITY = 0.35, 0.1
TRIED = 5
BARRIER_BONUS, STREET_BONUS, CROWD_BONUS, WATER_MALUS = 0.3, 0.08, 0.08, 0.5
LEAST_BARRIER_COMPACTNESS = 0.2
# A cut may miss the mass a part is meant to have by this factor.
UNBALANCE = 1.7


@dataclass(frozen=True)
class Cut:
    """Two pieces, how many quotas the first of them takes, and how good it is."""

    first: Piece
    second: Piece
    taken: int
    score: float


@dataclass
class Partition:
    """Cuts regions of one seed's layout."""

    rng: np.random.Generator
    plane: Plane
    terrain: Terrain
    barriers: Sequence[shapely.LineString]
    water: shapely.Geometry
    streets: list[Points] = field(init=False)
    tree: shapely.STRtree = field(init=False)

    def __post_init__(self) -> None:
        self.tree = shapely.STRtree(list(self.barriers))
        steps = self.rng.uniform(*STREET_GAPS_M, (2, 400))
        self.streets = [row - row.mean() for row in np.cumsum(steps, axis=1)]

    def parts(self, piece: Piece, quotas: Sequence[int]) -> list[Piece]:
        """One piece for each quota, with about its share of the mass, in their order."""
        if len(quotas) == 1:
            return [piece]
        cut = self._best_cut(piece, quotas)
        return self.parts(cut.first, quotas[: cut.taken]) + self.parts(
            cut.second, quotas[cut.taken :]
        )

    def _best_cut(self, piece: Piece, quotas: Sequence[int]) -> Cut:
        cuts = self._barrier_cuts(piece, quotas)
        for more in range(4):
            cuts += self._own_cuts(piece, quotas, freely=more > 0)
            if cuts:
                return max(cuts, key=lambda cut: cut.score)
        raise RuntimeError(f"no line parts the region around {piece.shape.centroid}")

    def _barrier_cuts(self, piece: Piece, quotas: Sequence[int]) -> list[Cut]:
        found = []
        for at in self.tree.query(piece.shape, predicate="intersects"):
            sides = halves(piece, self.barriers[at])
            if sides is None or min(map(_compact, sides)) < LEAST_BARRIER_COMPACTNESS:
                continue
            for first, second in (sides, sides[::-1]):
                share = len(first.mass) / max(1, len(piece.mass))
                sums = np.cumsum(quotas)[:-1] / sum(quotas)
                taken = int(np.argmin(np.abs(sums - share)))
                if _fits(share, float(sums[taken])) and _fits(1 - share, 1 - float(sums[taken])):
                    score = self._score(first, second, taken + 1, quotas) + BARRIER_BONUS
                    found.append(Cut(first, second, taken + 1, score))
        return found

    def _own_cuts(self, piece: Piece, quotas: Sequence[int], *, freely: bool) -> list[Cut]:
        middle = _middle(quotas)
        share = sum(quotas[:middle]) / sum(quotas)
        lines = self._lines(piece, share, freely=freely)
        lines.sort(key=lambda found: found[0])
        cuts = []
        for _, line, bonus, on_right in lines[: TRIED if not freely else None]:
            sides = halves(piece, line)
            if sides is None:
                continue
            across = np.array(line.coords[-1]) - np.array(line.coords[0])
            to_first = sides[0].shape.representative_point().coords[0] - np.array(line.coords[0])
            first_is_right = across[0] * to_first[1] - across[1] * to_first[0] < 0
            first, second = sides if first_is_right == on_right else sides[::-1]
            score = self._score(first, second, middle, quotas) + bonus
            cuts.append(Cut(first, second, middle, score))
        return cuts

    def _lines(
        self, piece: Piece, share: float, *, freely: bool
    ) -> list[tuple[float, shapely.LineString, float, bool]]:
        """Lines to try: cost (the less the better), line, bonus, whether its right goes first."""
        centre = np.array(piece.shape.centroid.coords)
        lng_lat = self.plane.to_ground(centre)
        hilly = float(self.terrain.height(lng_lat)[0]) > HILLY
        fields = float(self.terrain.density(lng_lat)[0]) < FIELDS_BELOW_DENSITY
        in_town = not fields and float(np.hypot(*centre[0])) < STREETS_REACH_M
        base = _frame_angle(float(lng_lat[0, 1]))
        turns = np.arange(2) * np.pi / 2
        if hilly or freely:
            turns = np.arange(8) * np.pi / 8 + self.rng.uniform(0, np.pi / 8)
        elif fields:
            turns = turns + self.rng.normal(0, 0.12, 2)
        found = []
        for turn in turns:
            angle = base + float(turn)
            for offset, on_right in zip(
                mass_offsets(piece, angle, (share, 1 - share)), (True, False), strict=True
            ):
                family = round(2 * float(turn) / np.pi) % 2
                bonus = 0.0
                if in_town:
                    snapped = self._street(family, float(offset))
                    if abs(snapped - offset) < 0.12 * np.sqrt(piece.shape.area):
                        offset, bonus = snapped, STREET_BONUS
                line = straight(piece, angle, float(offset))
                cost = shapely.intersection(line, piece.shape).length
                if cost == 0:
                    continue
                wet = shapely.intersection(line, self.water).length
                if hilly:
                    line = ridge_line(self.rng, line, 0.045, 110.0)
                elif fields:
                    line = field_lane(self.rng, line, 0.06, 420.0)
                found.append((cost + 2 * wet, line, bonus - WATER_MALUS * wet / cost, on_right))
        return found

    def _street(self, family: int, offset: float) -> float:
        lanes = self.streets[family]
        return float(lanes[np.argmin(np.abs(lanes - offset))])

    def _score(self, first: Piece, second: Piece, taken: int, quotas: Sequence[int]) -> float:
        score = min(_compact(first), _compact(second))
        # The quotas come with the town's communities first: they belong where it is dense.
        crowded_first = first.density >= second.density
        return score + (CROWD_BONUS if crowded_first and taken < len(quotas) else 0.0)


def _frame_angle(lat: float) -> float:
    turned = np.clip((lat - TOWN_TO_LAT) / (COAST_FROM_LAT - TOWN_TO_LAT), 0, 1)
    return float(TOWN_ANGLE + turned * (COAST_ANGLE - TOWN_ANGLE))


def _middle(quotas: Sequence[int]) -> int:
    sums = np.cumsum(quotas)[:-1] / sum(quotas)
    return int(np.argmin(np.abs(sums - 0.5))) + 1


def _fits(share: float, wanted: float) -> bool:
    return wanted / UNBALANCE < share < wanted * UNBALANCE


def _compact(piece: Piece) -> float:
    return compactness(piece.shape)
