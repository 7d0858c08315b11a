"""The demo city's grids: 1,497 cells in 326 communities in 21 townships, by a seed.

Points are strewn in an outline of our own, denser towards the town, then cut in
halves again and again (a k-d tree whose leaves hold as many points as a
township, then a community, has grids). Each point's Voronoi cell, clipped to the
outline, is a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from io import StringIO

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.crs import snap_to_storage_grid

GRID_COUNT = 1_497
CENTRE_LNG, CENTRE_LAT = 121.155, 30.045
# Half the width and height of the outline; with its bays about 1,500 km².
REACH_LNG, REACH_LAT = 0.2, 0.222
RELAXATIONS = 6

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Names:
    """Codes and names of the real townships and communities."""

    townships: pd.DataFrame
    communities: pd.DataFrame


def read_names() -> Names:
    """The shipped lists: townships (code, name), communities (code, name, streetCode)."""
    folder = files(__package__) / "names"
    townships, communities = (
        pd.read_csv(StringIO((folder / f"{level}.csv").read_text("utf-8")), dtype=str)
        for level in ("townships", "communities")
    )
    return Names(townships, communities)


def generate_coverage(seed: int) -> gpd.GeoDataFrame:
    """The grids as a GridFrame (EPSG:4326, on the storage grid), always the same for a seed.

    Clipping makes each cell's corners on the outline by itself, so the frame
    still has to be admitted like any imported one (``boundaries.intake``).
    """
    rng = np.random.default_rng(seed)
    names = read_names()
    outline = _outline(rng)
    points = _relaxed(_strewn(rng, outline, GRID_COUNT), outline)
    shares = _grids_per_community(rng, names.communities)
    community = _communities_of(points, names, shares)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=outline, ordered=True)
    )
    frame = pd.DataFrame({"community": community, "lng": points[:, 0], "lat": points[:, 1]})
    frame["geometry"] = snap_to_storage_grid(shapely.intersection(cells, outline))
    # A grid's number counts inside its community west to east, north to south.
    frame = frame.sort_values(["community", "lng", "lat"], ascending=[True, True, False])
    number = frame.groupby("community").cumcount() + 1
    frame["code"] = frame["community"] + number.map("{:03d}".format)
    named = names.communities.set_index("code")
    frame["community_name"] = frame["community"].map(named["name"])
    frame["township"] = frame["community"].map(named["streetCode"])
    frame["township_name"] = frame["township"].map(names.townships.set_index("code")["name"])
    frame["name"] = frame["community_name"] + number.map("{:02d}网格".format)
    frame["kind"] = np.where(rng.random(len(frame)) < 0.06, "dedicated", "base")
    columns = ["code", "name", "kind", "community", "community_name", "township", "township_name"]
    frame = frame.sort_values("code").reset_index(drop=True)
    return gpd.GeoDataFrame(frame[columns], geometry=list(frame["geometry"]), crs=4326)


def _outline(rng: np.random.Generator) -> shapely.Polygon:
    """A round shape with bays: a circle whose radius follows a few slow waves."""
    angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    radius = np.ones_like(angle)
    for waves in (2, 3, 5, 9):
        radius += (
            rng.uniform(0.3, 0.9)
            / waves**1.4
            * 0.32
            * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
        )
    ring = np.column_stack(
        [
            CENTRE_LNG + REACH_LNG * radius * np.cos(angle),
            CENTRE_LAT + REACH_LAT * radius * np.sin(angle),
        ]
    )
    return shapely.Polygon(ring)


def _strewn(rng: np.random.Generator, outline: shapely.Polygon, count: int) -> Points:
    """Points in the outline; four times as dense in the town as at the rim."""
    west, south, east, north = outline.bounds
    kept = np.empty((0, 2))
    while len(kept) < count:
        tried = rng.uniform((west, south), (east, north), (8 * count, 2))
        far = np.hypot(
            (tried[:, 0] - CENTRE_LNG) / REACH_LNG, (tried[:, 1] - CENTRE_LAT) / REACH_LAT
        )
        chance = 0.12 + 0.88 * np.exp(-((far / 0.33) ** 2))
        inside = shapely.contains_xy(outline, tried[:, 0], tried[:, 1])
        kept = np.vstack([kept, tried[inside & (rng.random(len(tried)) < chance)]])
    return kept[:count]


def _relaxed(points: Points, outline: shapely.Polygon) -> Points:
    """Move each point to the centre of its cell a few times (Lloyd), so that cells are round."""
    for _ in range(RELAXATIONS):
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=outline, ordered=True)
        )
        points = shapely.get_coordinates(shapely.centroid(shapely.intersection(cells, outline)))
    return points


def _grids_per_community(rng: np.random.Generator, communities: pd.DataFrame) -> dict[str, int]:
    """Two grids at least for each community, the rest by chance; 1,497 in all."""
    extra = rng.multinomial(
        GRID_COUNT - 2 * len(communities), np.full(len(communities), 1 / len(communities))
    )
    return dict(zip(communities["code"], (2 + extra).tolist(), strict=True))


def _communities_of(points: Points, names: Names, shares: dict[str, int]) -> NDArray[np.object_]:
    """Which community each point belongs to: halves of halves, first by township."""
    by_township = names.communities.groupby("streetCode", sort=False)["code"].apply(list)
    # Streets (街道) stand first in the list and go to the middle, where the town is.
    order = list(by_township.index)
    order = order[6:14] + order[:6] + order[14:]
    found = np.empty(len(points), dtype=object)
    townships = [(code, sum(shares[c] for c in by_township[code])) for code in order]
    for township, members in _halved(points, np.arange(len(points)), townships):
        parts = [(code, shares[code]) for code in by_township[township]]
        for community, grids in _halved(points, members, parts):
            found[grids] = community
    return found


def _halved(
    points: Points, members: NDArray[np.int64], parts: list[tuple[str, int]]
) -> list[tuple[str, NDArray[np.int64]]]:
    """Split ``members`` among ``parts`` (name, how many) across the longer side, recursively."""
    if len(parts) == 1:
        return [(parts[0][0], members)]
    middle = len(parts) // 2
    left = sum(count for _, count in parts[:middle])
    spread = np.ptp(points[members], axis=0) * (np.cos(np.radians(CENTRE_LAT)), 1)
    along = members[np.argsort(points[members, int(np.argmax(spread))], kind="stable")]
    return _halved(points, along[:left], parts[:middle]) + _halved(
        points, along[left:], parts[middle:]
    )
