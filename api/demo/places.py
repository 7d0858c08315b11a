"""Where things happen in the demo city: at home, on streets, markets, rivers, sites.

Each kind of place answers with points (degrees). A third of what happens somewhere
happens again where it happened before: a few bins always overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from api.demo import drawn
from api.demo.coverage import DemoGround
from api.demo.plane import METRES_PER_LNG, Points
from api.demo.scatter import Numbers, moved, points_in

# So many lasting trouble spots a kind of place, and the share of reports that are theirs.
SPOTS, SPOT_SHARE, SPOT_REACH_M = 140, 0.3, 18.0
BESIDE_STREET_M, BESIDE_ROAD_M, BESIDE_RIVER_M = 5.0, 8.0, 14.0
HOME_REACH_M, MARKET_REACH_M, SITE_REACH_M = 12.0, 45.0, 60.0
SITES = 34
STEP_M = 25.0
OUTSIDE_FROM_M, OUTSIDE_TO_M = 150.0, 4_000.0

Pool = tuple[Numbers, Numbers, Numbers]
Crowd = Callable[[Points], Numbers]


@dataclass(frozen=True)
class Places:
    """Pools to draw places from: longitude, latitude, weight by kind; made by ``of``."""

    pools: dict[str, Pool]
    reach_m: dict[str, float]

    @classmethod
    def of(
        cls,
        rng: np.random.Generator,
        ground: DemoGround,
        counts: gpd.GeoDataFrame,
        background: gpd.GeoDataFrame,
    ) -> Self:
        """Places of a city with these buildings (``buildings``) and roads (``background``)."""
        grids = ground.grids
        shapes, names = grids.geometry.to_numpy(), grids["name"]
        crowd: Crowd = ground.site.terrain.density
        home = (counts.geometry.x.to_numpy(), counts.geometry.y.to_numpy(),
                counts["households"].to_numpy(float))  # fmt: skip
        lines = {
            kind: background.geometry[background["kind"] == kind].to_numpy()
            for kind in ("road", "main_road", "stream")
        }
        river = shapely.transform(ground.site.river, ground.site.plane.to_ground)
        markets = shapes[names.str.endswith("农贸市场").to_numpy()]
        works = shapes[names.str.contains("工业园|医院|学").to_numpy()]
        at = rng.choice(len(home[0]), SITES, p=home[2] / home[2].sum())
        return cls(
            pools={
                "home": home,
                "street": _along(lines["road"], crowd, 0.7),
                "road": _along(np.append(lines["main_road"], lines["road"]), crowd, 0.35),
                "river": _along(np.append(lines["stream"], np.array([river])), crowd, 0.4),
                "market": _inside(rng, markets, 60, crowd, 0.3),
                "works": _joined(_inside(rng, works, 25, crowd, 0.2), home, 0.5),
                "site": (home[0][at], home[1][at], rng.gamma(2, 1, SITES)),
            },
            reach_m={
                "home": HOME_REACH_M,
                "street": BESIDE_STREET_M,
                "road": BESIDE_ROAD_M,
                "river": BESIDE_RIVER_M,
                "market": MARKET_REACH_M,
                "works": HOME_REACH_M,
                "site": SITE_REACH_M,
            },
        )

    def draw(self, rng: np.random.Generator, kind: str, count: int) -> tuple[Numbers, Numbers]:
        """``count`` places of a kind, some of them again and again."""
        lng, lat, weight = self.pools[kind]
        chosen = rng.choice(len(lng), count, p=weight / weight.sum())
        spots = rng.choice(len(lng), SPOTS, p=weight / weight.sum())
        often = 1 / np.arange(1, SPOTS + 1) ** 0.8
        again = rng.random(count) < SPOT_SHARE
        chosen[again] = spots[rng.choice(SPOTS, int(again.sum()), p=often / often.sum())]
        reach_m = np.where(again, SPOT_REACH_M, self.reach_m[kind])
        return moved(rng, lng[chosen], lat[chosen], reach_m)


def outside(rng: np.random.Generator, count: int) -> tuple[Numbers, Numbers]:
    """Places up to 4 km beyond the city's outline."""
    outline = drawn.outline()
    rim = shapely.difference(
        outline.buffer(OUTSIDE_TO_M / METRES_PER_LNG),
        outline.buffer(OUTSIDE_FROM_M / METRES_PER_LNG),
    )
    return points_in(rng, np.full(count, rim, dtype=object))


def _along(lines: NDArray[np.object_], crowd: Crowd, power: float) -> Pool:
    """A place every few metres of the lines; the more people, the likelier."""
    dense = shapely.segmentize(shapely.get_parts(lines), STEP_M / METRES_PER_LNG)
    at = shapely.get_coordinates(dense)
    return at[:, 0], at[:, 1], crowd(at) ** power


def _inside(
    rng: np.random.Generator, areas: NDArray[np.object_], each: int, crowd: Crowd, power: float
) -> Pool:
    """So many places in each of the areas."""
    lng, lat = points_in(rng, np.repeat(areas, each))
    return lng, lat, crowd(np.column_stack([lng, lat])) ** power


def _joined(first: Pool, second: Pool, share: float) -> Pool:
    """Two pools as one, of which the first has this share."""
    weight = np.append(share * first[2] / first[2].sum(), (1 - share) * second[2] / second[2].sum())
    return np.append(first[0], second[0]), np.append(first[1], second[1]), weight
