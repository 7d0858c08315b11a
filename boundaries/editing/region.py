"""Several grids drawn anew at once: a plan worked out elsewhere, taken over as one operation.

The lines that the new shapes do not have in common with the old ones are noded with the
coverage and with each other; each face then goes to the shape it lies in. What two shapes
claim or none does is an error of drawing: up to 2 cm wide it goes to the neighbour with the
longest edge, wider it is refused, with the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from boundaries.codes import CodeSource
from boundaries.draft_coverage import BASE, DEDICATED, Box, DraftCoverage, DraftGrid
from boundaries.editing.drawn import check_drawn, check_size
from boundaries.editing.ground import AIR, Ground, owners_of, rings_of
from boundaries.editing.handing_over import NOBODY, Handed, grids_of, m2_of, place_of, reassigned
from boundaries.editing.linework import noded_lines
from boundaries.editing.loose_ground import Loose, settled
from boundaries.editing.patch import Patch, faces_of, polygon_of
from boundaries.editing.renaming import checked_name
from boundaries.editing.splitting import Change, name_of_new
from boundaries.refusals import Refused
from boundaries.steps import Shape
from gis.crs import STEPS_PER_DEGREE, objects
from gis.errors import NotFound

MOST_GRIDS = 20_000
MOST_PLACES = 2_000_000
"""Of all shapes of one region together: the whole demo city has 69,000."""


@dataclass(frozen=True, slots=True)
class DrawnGrid:
    """A grid as it is to be.

    Parameters
    ----------
    area
        Polygon or MultiPolygon, EPSG:4326.
    code
        Of a grid of the draft, or one that the draft does not have: then a new grid gets it;
        None for a new grid that is coded by the city's rule.
    name, kind, community
        None for what the grid has; of a new grid, for what that grid has from which it takes
        the most ground.
    """

    area: shapely.Geometry
    code: str | None = None
    name: str | None = None
    kind: str | None = None
    community: str | None = None


def redraw_region(
    coverage: DraftCoverage,
    drawn: Sequence[DrawnGrid],
    retire: Sequence[str],
    codes: CodeSource,
    *,
    smallest_m2: float,
) -> Change:
    """Put grids in the place of others that have the same ground together.

    Raises
    ------
    Refused
        ``grid_twice``, ``kind_unknown``, ``region_uncovered``, ``region_overlap``,
        ``region_beyond``: the shapes and the old ground are not the same; ``outline_fixed``,
        ``piece_too_small``, ``name_invalid``, ``code_taken`` and those of an area.
    NotFound
        ``grid_not_found``, ``community_not_found``.
    """
    _check(coverage, drawn, retire)
    shapes = [_in_steps(each) for each in drawn]
    # No code has a NUL: these stand for those that are given below.
    keys = [each.code or f"\0{at}" for at, each in enumerate(drawn)]
    region = {*retire, *(code for code in keys if code in coverage.grids)}
    ground = _ground(coverage, shapes, region)
    handed = _claimed(coverage, ground, shapes, keys, region)
    news = {key: each for key, each in zip(keys, drawn, strict=True) if key not in coverage.grids}
    handed = _described(coverage, handed, news, codes)
    for code in sorted(region | handed.describe.keys()):
        mine = [at for at, owner in enumerate(handed.owners) if owner == code]
        if mine and m2_of(coverage, handed, mine) < smallest_m2:
            raise Refused(
                "piece_too_small",
                f"Grid {code} would have less than {smallest_m2:,.1f} m².",
                place_of(handed, mine),
                grid=code,
            )
    changed, retired = grids_of(coverage, handed)
    by_code = {grid.code: grid for grid in changed}
    for code, each in zip(keys, drawn, strict=True):
        if code in coverage.grids and code not in retired:
            by_code[code] = _with_words(by_code.get(code, coverage.grids[code]), each)
    return [by_code[code] for code in sorted(by_code)], retired


def _check(coverage: DraftCoverage, drawn: Sequence[DrawnGrid], retire: Sequence[str]) -> None:
    if not drawn or len(drawn) > MOST_GRIDS:
        raise Refused("region_invalid", f"A region is of 1 to {MOST_GRIDS:,} grids.")
    for code in retire:
        coverage.grid(code)
    named = [*retire, *(each.code for each in drawn if each.code is not None)]
    twice = {code for code in named if named.count(code) > 1}
    if twice:
        code = min(twice)
        raise Refused("grid_twice", f"Grid {code} is named more than once.", grid=code)
    for each in drawn:
        check_drawn(each.area, "area")
        if each.community is not None and each.community not in coverage.communities:
            raise NotFound(
                "community_not_found",
                f"There is no community {each.community}.",
                community=each.community,
            )
        if each.kind not in (None, BASE, DEDICATED):
            raise Refused("kind_unknown", f"A grid is {BASE} or {DEDICATED}, not {each.kind}.")
    together = shapely.geometrycollections([each.area for each in drawn])
    check_size(together, "region", MOST_PLACES)


def _in_steps(drawn: DrawnGrid) -> Shape:
    parts = rings_of(drawn.area)
    shape = None
    if all(len(ring) >= 4 for part in parts for ring in part):
        shape = polygon_of(parts)
    if shape is None or not shapely.is_valid(shape):
        reason = "it is too thin" if shape is None else shapely.is_valid_reason(shape).split("[")[0]
        raise Refused(
            "area_invalid",
            f"The shape of grid {drawn.code or 'without a code'} is no polygon: {reason}.",
            shapely.boundary(drawn.area),
            grid=drawn.code,
        )
    return shape


def _ground(coverage: DraftCoverage, shapes: Sequence[Shape], region: Iterable[str]) -> Ground:
    bounds = shapely.bounds(objects(shapes)) / STEPS_PER_DEGREE
    west, south = (bounds[:, :2].min(axis=0) - AIR).tolist()
    east, north = (bounds[:, 2:].max(axis=0) + AIR).tolist()
    box: Box = (west, south, east, north)
    patch = Patch.of(coverage, sorted({*coverage.meeting(box), *region}))
    patch, drawn = noded_lines(patch, shapes)
    faces = faces_of(patch.edges() | drawn)
    return Ground(patch, faces, owners_of(patch, faces), np.zeros(len(faces), dtype=bool))


def _claimed(
    coverage: DraftCoverage,
    ground: Ground,
    shapes: Sequence[Shape],
    keys: Sequence[str],
    region: set[str],
) -> Handed:
    """Each face of the region with the grid it lies in."""
    claims: list[list[str]] = [[] for _ in ground.faces]
    faces, areas = objects(ground.faces), objects(shapes)
    face, shape = shapely.STRtree(areas).query(faces, "intersects")
    common = shapely.area(shapely.intersection(faces[face], areas[shape]))
    # By most of its ground: a point of it may lie where its lines were moved by 2 mm.
    is_in = common > shapely.area(faces[face]) / 2
    for at, number in zip(face[is_in].tolist(), shape[is_in].tolist(), strict=True):
        claims[at].append(keys[number])
    owners = list(ground.owners)
    loose: list[Loose] = []
    for at, (owner, claimed) in enumerate(zip(ground.owners, claims, strict=True)):
        if owner not in region:
            if claimed:
                loose.append(Loose(at, "outline_fixed" if owner is None else "region_beyond"))
        elif len(claimed) == 1:
            owners[at] = claimed[0]
        else:
            owners[at] = NOBODY
            code = "region_overlap" if claimed else "region_uncovered"
            loose.append(Loose(at, code, tuple(sorted(claimed or keys))))
    return settled(coverage, Handed(ground, owners, {}), loose, set(keys))


def _described(
    coverage: DraftCoverage,
    handed: Handed,
    news: Mapping[str, DrawnGrid],
    codes: CodeSource,
) -> Handed:
    """The new grids with their codes and words, west to east as everywhere."""
    describe: dict[str, DraftGrid] = {}
    found = []
    for key, drawn in news.items():
        mine = [at for at, owner in enumerate(handed.owners) if owner == key]
        if not mine:
            raise Refused("piece_too_small", "A new grid would have no ground.", drawn.area)
        bounds = shapely.bounds(objects([handed.ground.faces[at] for at in mine]))
        found.append((float(bounds[:, 0].min()), -float(bounds[:, 3].max()), key, mine))
    for _, _, key, mine in sorted(found):
        drawn = news[key]
        old = coverage.grids[_origin(handed, mine)]
        community, kind = drawn.community or old.community, drawn.kind or old.kind
        if drawn.code is None:
            code = codes.new(community, kind, old.code)
        else:
            code = drawn.code
            codes.refuse_taken(code)
        name = name_of_new(old, code) if drawn.name is None else checked_name(drawn.name)
        describe[code] = DraftGrid(code, name, kind, community, shapely.Polygon())
        handed = reassigned(handed, mine, code)
    return replace(handed, describe=describe)


def _origin(handed: Handed, faces: Sequence[int]) -> str:
    """The grid that most of some faces' ground is of; the lowest code of two."""
    areas: dict[str, float] = {}
    for at in faces:
        owner = handed.ground.owners[at]
        if owner is not None:
            areas[owner] = areas.get(owner, 0.0) + handed.ground.faces[at].area
    return min(areas, key=lambda code: (-areas[code], code))


def _with_words(grid: DraftGrid, drawn: DrawnGrid) -> DraftGrid:
    return replace(
        grid,
        name=grid.name if drawn.name in (None, grid.name) else checked_name(str(drawn.name)),
        kind=drawn.kind or grid.kind,
        community=drawn.community or grid.community,
    )
