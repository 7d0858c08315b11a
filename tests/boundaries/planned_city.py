"""Small draft coverages, and what a planner might draw on them, well or badly."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st
from numpy.typing import NDArray

from boundaries.codes import CodeIssuer, CodeRule
from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.neighbours import neighbours_of
from boundaries.editing.region import DrawnGrid
from boundaries.operations import (
    Carve,
    Dissolve,
    Limits,
    Merge,
    MoveCorner,
    MoveStretch,
    Operation,
    Redraw,
    RedrawRegion,
    Split,
    Transfer,
)
from gis.coverage import outline_of, prove
from gis.crs import metric_crs
from tests.gis.lattice import crooked_lattice

LIMITS = Limits(smallest_m2=1.0)
RULES = (
    CodeRule(),
    CodeRule(split="largest_keeps"),
    CodeRule(merge="new"),
)
CRS = metric_crs(121.0, 30.0)


def city_of(polygons: NDArray[np.object_], communities: int = 2) -> DraftCoverage:
    """A draft of some polygons: grids G00 …, in communities C0 … one after the other."""
    count = len(polygons)
    codes = [f"G{at:02d}" for at in range(count)]
    frame = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": codes,
            "kind": "base",
            "community": [f"C{at * communities // count}" for at in range(count)],
            "community_name": [f"社区{at * communities // count}" for at in range(count)],
            "township": "T",
            "township_name": "镇",
        },
        geometry=list(polygons),
        crs="EPSG:4326",
    )
    return DraftCoverage.of(frame, CRS)


def small_city(columns: int = 4, rows: int = 3, *, seed: int = 0) -> DraftCoverage:
    """A crooked lattice; G00 is the south-west, the cells come column by column."""
    return city_of(crooked_lattice(columns, rows, seed=seed))


def issuer(city: DraftCoverage, rule: CodeRule, used: set[str] | None = None) -> CodeIssuer:
    """Codes that no grid of the city has, nor any of ``used``."""
    return CodeIssuer.beside(rule, {*city.grids, *(used or ())})


def outline(city: DraftCoverage) -> shapely.MultiPolygon:
    """The union of a city's grids."""
    return outline_of([grid.geometry for grid in city.grids.values()])


def prove_whole(city: DraftCoverage) -> None:
    """The four proofs of a version that may be published."""
    shapes = [grid.geometry for grid in city.grids.values()]
    prove(list(city.grids), shapes, outline_of(shapes), CRS)


def shared_edges_match(city: DraftCoverage) -> bool:
    """Whether every edge between two grids is in both, vertex for vertex; no library asked.

    Each straight piece of a ring is in one grid, on the outline, or in two. A piece that
    another grid has with one more corner on it would be in one grid only, inside the city.
    """
    times: dict[frozenset[tuple[float, float]], int] = {}
    for grid in city.grids.values():
        for part in shapely.get_parts(grid.geometry):
            for ring in shapely.get_rings(part):
                points = [tuple(p) for p in shapely.get_coordinates(ring).tolist()]
                for a, b in itertools.pairwise(points):
                    times[frozenset((a, b))] = times.get(frozenset((a, b)), 0) + 1
    rim = set()
    for part in shapely.get_parts(outline(city)):
        for ring in shapely.get_rings(part):
            points = [tuple(p) for p in shapely.get_coordinates(ring).tolist()]
            rim |= {frozenset(pair) for pair in itertools.pairwise(points)}
    return all(count == (1 if piece in rim else 2) for piece, count in times.items())


@st.composite
def operations(draw: st.DrawFn, city: DraftCoverage) -> Operation:
    """Something a planner might do: near corners, along edges, across, freehand."""
    code = draw(st.sampled_from(sorted(city.grids)))
    grid = city.grids[code]
    allow = draw(st.booleans())
    match draw(st.integers(0, 8)):
        case 0:
            return Split(code, draw(lines(city, code)))
        case 1:
            near = [code, *neighbours_of(city, code)]
            members = draw(st.lists(st.sampled_from(near), min_size=1, max_size=3, unique=True))
            return Merge(tuple(members), allow)
        case 2:
            return MoveCorner(draw(_places(city, code)), draw(_places(city, code)), allow)
        case 3:
            return MoveStretch(draw(lines(city, code)), allow)
        case 4:
            return Transfer(code, draw(areas(city, code)), draw(_somebody(city, code)), allow)
        case 5:
            area = draw(areas(city, code))
            return Carve(area, "园区", None, draw(_somebody(city, code)), allow)
        case 6:
            return Dissolve(code, draw(_somebody(city, code)), allow)
        case 7:
            return draw(regions(city, code))
        case _:
            area = draw(areas(city, code))
            other = shapely.union if draw(st.booleans()) else shapely.difference
            shape = other(grid.geometry, area) if area.is_valid else area
            return Redraw(code, shape, draw(_somebody(city, code)), allow)


@st.composite
def regions(draw: st.DrawFn, city: DraftCoverage, code: str) -> RedrawRegion:
    """A grid and some of its neighbours under other lines, as a geometry library cuts them."""
    near = st.lists(st.sampled_from([code, *neighbours_of(city, code)]), max_size=3, unique=True)
    members = sorted({code, *draw(near)})
    ground = shapely.union_all([city.grids[each].geometry for each in members])
    lines_through = draw(st.lists(lines(city, code), min_size=1, max_size=3))
    cuts = shapely.union_all([shapely.boundary(ground), *lines_through])
    faces = [
        face
        for face in shapely.get_parts(shapely.polygonize([*shapely.get_parts(cuts)]))
        if shapely.contains_properly(ground, shapely.point_on_surface(face))
    ]
    codes: list[str | None] = [*members, *[None] * len(faces)]
    grids = [DrawnGrid(face, each) for face, each in zip(faces, codes, strict=False)]
    return RedrawRegion(tuple(grids), tuple(members[len(faces) :]), draw(st.booleans()))


def _somebody(city: DraftCoverage, code: str) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), st.sampled_from(list(neighbours_of(city, code)) or [code]))


@st.composite
def _places(draw: st.DrawFn, city: DraftCoverage, code: str) -> shapely.Point:
    """A corner, a place on an edge or a hair beside it, or anywhere in the grid's box."""
    shape = city.grids[code].geometry
    corners = shapely.get_coordinates(shape)
    at = draw(st.integers(0, len(corners) - 2))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        x, y = corners[at]
    elif kind in (1, 2):
        share = draw(st.floats(0, 1))
        x, y = corners[at] + share * (corners[at + 1] - corners[at])
    else:
        west, south, east, north = shape.bounds
        x, y = draw(st.floats(west, east)), draw(st.floats(south, north))
    hair = st.sampled_from([0.0, 0.0, 1e-12, 1e-9, -1e-9, 1e-8, -2e-8, 5e-8, 1e-7])
    return shapely.Point(x + draw(hair), y + draw(hair))


@st.composite
def lines(draw: st.DrawFn, city: DraftCoverage, code: str) -> shapely.LineString:
    """A line of a few bends near a grid, sometimes begun and ended outside it."""
    places = draw(st.lists(_places(city, code), min_size=2, max_size=5))
    west, south, east, north = city.grids[code].geometry.bounds
    if draw(st.booleans()):
        # Begun and ended outside, as a planner does.
        ways = st.sampled_from([(west, None), (east, None), (None, south), (None, north)])
        for end in (0, -1):
            x, y = draw(ways)
            places[end] = shapely.Point(
                (west + east) / 2 + draw(st.floats(-0.004, 0.004)) if x is None else x * 1.00001,
                (south + north) / 2 + draw(st.floats(-0.004, 0.004)) if y is None else y * 1.00002,
            )
    return shapely.LineString(places)


@st.composite
def areas(draw: st.DrawFn, city: DraftCoverage, code: str) -> shapely.Polygon:
    """A blob around a place, freehand: rarely it crosses itself."""
    middle = draw(_places(city, code))
    west, south, east, north = city.grids[code].geometry.bounds
    reach = max(east - west, north - south) * draw(st.floats(0.02, 0.8))
    bends = draw(st.lists(st.floats(0.3, 1.0), min_size=3, max_size=12))
    turns = np.linspace(0, 2 * np.pi, len(bends), endpoint=False) + draw(st.floats(0, 1))
    return shapely.Polygon(
        np.stack(
            [
                middle.x + reach * np.array(bends) * np.cos(turns),
                middle.y + reach * np.array(bends) * np.sin(turns),
            ],
            axis=1,
        )
    )
