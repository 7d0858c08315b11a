"""The demo city's grids: 1,497 of them in 326 communities in 21 townships, by a seed.

The outline is cut along drawn lines into townships, these along rivers, roads,
streets and ridges into communities and on into base grids, each with about its
share of those who live there; then schools, markets, industrial parks and hospitals
are cut out as dedicated grids. A community's code and three digits are a grid's
code: 001 and on the base grids, west to east, 901 and on the dedicated ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from io import StringIO

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from api.demo.bent_edges import put_down_coverage
from api.demo.cutting import Piece
from api.demo.dedicated import DEDICATED_COUNT, carve
from api.demo.noding import one_linework
from api.demo.partition import Partition
from api.demo.site import Site

GRID_COUNT = 1_497
LEAST_GRIDS_PER_COMMUNITY = 2
# Mass points a base grid: enough to halve by, few enough to be quick.
POINTS_PER_GRID = 70
FIRST_DEDICATED = 900
# Neighbourhoods and residents' committees have these in their codes, villages 200 and on.
URBAN_BELOW = 200
URBAN_WEIGHT = 1.5
ORDINALS = ("", "第二", "第三", "第四", "第五", "第六")


@dataclass(frozen=True, slots=True)
class Names:
    """Codes and names of the real townships and communities."""

    townships: pd.DataFrame
    communities: pd.DataFrame


@dataclass(frozen=True)
class DemoGround:
    """The grids of a seed as a GridFrame, and the site they lie on."""

    site: Site
    grids: gpd.GeoDataFrame


def read_names() -> Names:
    """The shipped lists: townships (code, name), communities (code, name, streetCode)."""
    folder = files(__package__) / "names"
    townships, communities = (
        pd.read_csv(StringIO((folder / f"{level}.csv").read_text("utf-8")), dtype=str)
        for level in ("townships", "communities")
    )
    return Names(townships, communities)


def generate_coverage(seed: int) -> gpd.GeoDataFrame:
    """The grids as a GridFrame (EPSG:4326, rounded to 1e-7 degree), always the same for a seed."""
    return generate_ground(seed).grids


@lru_cache(maxsize=2)
def generate_ground(seed: int) -> DemoGround:
    """Grids and site of a seed; treat as read-only, it is made once a process."""
    rng = np.random.default_rng(seed)
    names = read_names()
    site = Site.drawn_by(rng)
    partition = Partition(
        rng, site.plane, site.terrain, [line for *_, line in site.lines], site.water()
    )
    townships = site.townships(rng)
    base_count = _base_counts(rng, site, townships, names)
    shapes: list[shapely.Polygon] = []
    community: list[str] = []
    for township, communities in names.communities.groupby("streetCode", sort=True):
        codes = _urban_first(list(communities["code"]))
        quotas = _grids_per_community(rng, codes, base_count[str(township)])
        mass = site.mass(rng, townships[str(township)], POINTS_PER_GRID * sum(quotas))
        whole = Piece(townships[str(township)], mass)
        for code, quota, piece in zip(codes, quotas, partition.parts(whole, quotas), strict=True):
            shapes += [part.shape for part in partition.parts(piece, [1] * quota)]
            community += [code] * quota
    middle = np.array([shape.representative_point().coords[0] for shape in shapes])
    density = site.terrain.density(site.plane.to_ground(middle))
    base, carved = carve(rng, shapes, density)
    faces = one_linework([*base, *(cut.shape for cut in carved)])
    frame = pd.DataFrame(
        {
            "community": [*community, *(community[cut.base] for cut in carved)],
            "purpose": [None] * len(base) + [cut.purpose.word for cut in carved],
            "geometry": put_down_coverage(site.plane, faces),
        }
    )
    return DemoGround(site, _named(frame, names))


def _base_counts(
    rng: np.random.Generator, site: Site, townships: dict[str, shapely.Polygon], names: Names
) -> dict[str, int]:
    """Base grids of each township: two a community, the rest by how many live there."""
    communities = names.communities["streetCode"].value_counts()
    codes = sorted(townships)
    least = np.array([LEAST_GRIDS_PER_COMMUNITY * communities[code] for code in codes])
    lived_in = np.array([site.people(rng, townships[code]) for code in codes])
    more = _shared_out(GRID_COUNT - DEDICATED_COUNT - int(least.sum()), lived_in)
    return dict(zip(codes, (least + more).tolist(), strict=True))


def _grids_per_community(rng: np.random.Generator, codes: list[str], count: int) -> list[int]:
    weight = rng.gamma(9, 1 / 9, len(codes))
    weight *= np.where([_is_urban(code) for code in codes], URBAN_WEIGHT, 1.0)
    extra = _shared_out(count - LEAST_GRIDS_PER_COMMUNITY * len(codes), weight)
    return [LEAST_GRIDS_PER_COMMUNITY + int(more) for more in extra]


def _shared_out(count: int, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers in these proportions that sum to ``count``."""
    exact = np.cumsum(weight) / weight.sum() * count
    shares: NDArray[np.int64] = np.diff(np.rint(exact).astype(np.int64), prepend=0)
    return shares


def _urban_first(codes: list[str]) -> list[str]:
    return sorted(codes, key=lambda code: (not _is_urban(code), code))


def _is_urban(code: str) -> bool:
    return int(code[-3:]) < URBAN_BELOW


def _named(frame: pd.DataFrame, names: Names) -> gpd.GeoDataFrame:
    """The columns of a GridFrame: numbers within each community from west to east."""
    frame["lng"] = shapely.bounds(frame["geometry"].to_numpy())[:, 0]
    frame["kind"] = np.where(frame["purpose"].isna(), "base", "dedicated")
    frame = frame.sort_values(["community", "kind", "lng"], kind="stable")
    number = frame.groupby(["community", "kind"]).cumcount() + 1
    dedicated = frame["kind"] == "dedicated"
    frame["code"] = frame["community"] + (number + FIRST_DEDICATED * dedicated).map("{:03d}".format)
    named = names.communities.set_index("code")
    frame["community_name"] = frame["community"].map(named["name"])
    frame["township"] = frame["community"].map(named["streetCode"])
    frame["township_name"] = frame["township"].map(names.townships.set_index("code")["name"])
    village = frame["community_name"].str.removesuffix("委会").str.removesuffix("居")
    place = village.str.removesuffix("社区").str.removesuffix("村")
    # Two communities may share a place's name: then the second school there is the second.
    again = frame[dedicated].assign(place=place).groupby(["place", "purpose"]).cumcount()
    ordinal = again.map(ORDINALS.__getitem__).reindex(frame.index).fillna("")
    frame["name"] = np.where(
        dedicated,
        place + ordinal + frame["purpose"].fillna(""),
        village + number.map("{:02d}网格".format),
    )
    columns = ["code", "name", "kind", "community", "community_name", "township", "township_name"]
    frame = frame.sort_values("code").reset_index(drop=True)
    return gpd.GeoDataFrame(frame[columns], geometry=list(frame["geometry"]), crs=4326)
