"""Small regions with what is counted on them, to be made even or divided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from boundaries.balancing.region import Region
from boundaries.draft_coverage import DraftCoverage
from boundaries.steps import Shape
from boundaries.succession.counted import Counted
from gis.crs import objects


def scattered_counts(
    shapes: Sequence[shapely.Geometry],
    seed: int,
    *,
    buildings: int = 12,
    blocks: int = 0,
    on_corners: bool = True,
) -> Counted:
    """Buildings at random in each shape, more in some, and square blocks over all of them.

    A fourth of the buildings stands on corners of the shapes, unless that is not wanted.
    """
    rng = np.random.default_rng(seed)
    found: list[shapely.Geometry] = []
    for shape in shapes:
        west, south, east, north = shapely.bounds(shape)
        many = int(rng.integers(1, buildings + 1))
        places = rng.uniform((west, south), (east, north), (20 * many, 2))
        inside = places[shapely.contains_xy(shape, places)][:many]
        found += [shapely.Point(place) for place in inside]
        corners = shapely.get_coordinates(shape) if on_corners else places[:0]
        found += [shapely.Point(corner) for corner in rng.permutation(corners)[: many // 3]]
    west, south, east, north = shapely.total_bounds(shapes)
    for x, y in rng.uniform((west, south), (east, north), (blocks, 2)):
        found.append(shapely.box(x, y, x + (east - west) / 5, y + (north - south) / 5))
    figure = rng.integers(0, 40, len(found)).astype(float)
    return Counted(objects(found), figure)


def region_in(
    city: DraftCoverage,
    counted: Counted,
    codes: Sequence[str] | None = None,
    lines: Sequence[shapely.LineString] = (),
    *,
    keep_communities: bool = True,
) -> Region:
    """Some grids of a draft, or all of them, with what is counted."""
    chosen = sorted(city.grids if codes is None else codes)
    grids = {code: city.grids[code].geometry for code in chosen}
    around = {code for shape in grids.values() for code in city.meeting(shape.bounds)}
    return Region(
        grids=grids,
        parents={code: city.grids[code].community if keep_communities else "T" for code in chosen},
        around={code: city.grids[code].geometry for code in around},
        lines=lines,
        counted=counted,
        crs=city.crs,
    )


def recounted(
    shapes: Mapping[str, Shape], counted: Counted, wanted: Sequence[str]
) -> dict[str, float]:
    """What each grid weighs, one thing counted after the other; a corner is the lowest code's."""
    sums = dict.fromkeys(wanted, 0.0)
    for thing, figure in zip(counted.geometries, counted.figure.tolist(), strict=True):
        if shapely.get_dimensions(thing) == 0:
            at = min(
                (code for code, shape in shapes.items() if shape.intersects(thing)), default=""
            )
            if at in sums:
                sums[at] += figure
            continue
        for code in wanted:
            sums[code] += figure * shapes[code].intersection(thing).area / thing.area
    return sums
