"""Coverages edited, written as a desktop GIS writes them, read and compared: what comes back.

What the operations found make is held against the edited coverage itself, by the ground that
is of one only, measured here and not by what is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.codes import CodeIssuer, CodeRule
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import apply
from boundaries.refusals import Refused
from gis.coverage import prove
from tests.boundaries.desktop_gis import CRSS, WAYS, brought_back, handed_out, saved, shaken
from tests.boundaries.planned_city import (
    LIMITS,
    issuer,
    operations,
    outline,
    shared_edges_match,
    small_city,
)
from tests.boundaries.real_coverages import source, window_of

RULE = CodeRule()
SNAP_M = 0.02
SEVEN_DECIMALS_M = 0.008
"""Half of 1e-7 degree, north and east at once."""
APART_M = 0.1
TOO_FINE = {"polygon_too_thin", "region_overlap", "region_uncovered", "new_part", "polygon_invalid"}
"""Where a plan has what is no wider than 2 cm, it may be refused; never made another plan."""
per_profile = settings().max_examples


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("edited")


def planned(data: st.DataObject, city: DraftCoverage, most: int) -> DraftCoverage:
    """The coverage after some operations, with codes that were never used before."""
    used = set(city.grids)
    for _ in range(data.draw(st.integers(0, most), label="operations")):
        try:
            operation = data.draw(operations(city))
            city = apply(city, operation, issuer(city, RULE, used), LIMITS).coverage
        except Refused:
            continue
        used |= set(city.grids)
    return city


def laid(city: DraftCoverage) -> dict[str, Any]:
    """The shapes of a coverage in metres, near enough to tell centimetres."""
    south = min(grid.geometry.bounds[1] for grid in city.grids.values())
    scale = (111_320 * np.cos(np.radians(south)), 110_900)
    return {
        code: shapely.transform(grid.geometry, lambda c: c * scale)
        for code, grid in city.grids.items()
    }


def is_apart(one: shapely.Geometry, other: shapely.Geometry, reach_m: float) -> bool:
    """Whether ground farther than ``reach_m`` from the other's is of one only."""
    return any(
        shapely.area(shapely.difference(a, shapely.buffer(b, reach_m))) > 0
        for a, b in ((one, other), (other, one))
    )


def differs(one: shapely.Geometry, other: shapely.Geometry, width_m: float) -> bool:
    """Whether ground wider than ``width_m`` is of one only; the tip of a spike is not."""
    ground = shapely.symmetric_difference(one, other)
    return not shapely.is_empty(shapely.buffer(ground, -width_m / 2))


def edges(shapes: dict[str, Any]) -> Iterator[tuple[tuple[float, float], ...]]:
    for shape in shapes.values():
        for ring in shapely.get_rings(shapely.get_parts(shape)):
            yield from pairwise(tuple(map(tuple, shapely.get_coordinates(ring).tolist())))


def is_coarse(*cities: DraftCoverage) -> bool:
    """Whether corners are 10 cm from each other and from every edge that they are not on."""
    found = {tuple(sorted(edge)) for city in cities for edge in edges(laid(city))}
    lines = np.asarray(shapely.linestrings(np.array(sorted(found))))
    if shapely.length(lines).min() < APART_M:
        return False
    corners = np.array(sorted({corner for edge in found for corner in edge}))
    points = np.asarray(shapely.points(corners))
    near, at = shapely.STRtree(lines).query(points, "dwithin", APART_M)
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)[at]
    is_end = (ends == corners[near, None, :]).all(axis=2).any(axis=1)
    to_end = np.hypot(*(ends - corners[near, None, :]).T).min(axis=0)
    # Half a step beside an edge is on it.
    is_on = (shapely.distance(points[near], lines[at]) < 2e-4) & (to_end >= APART_M)
    return bool((is_end | is_on).all())


def carried_out(base: DraftCoverage, path: Path) -> DraftCoverage:
    """The coverage after every operation that a file is found to be."""
    after, used = base, set(base.grids)
    for step in brought_back(base, path, allow_community_change=True).steps:
        codes = CodeIssuer.beside(RULE, used)
        after = apply(after, step.operation, codes, LIMITS).coverage
        used |= set(after.grids)
    return after


def comes_back(
    base: DraftCoverage, plan: DraftCoverage, path: Path, reach_m: float, *, coarse: bool
) -> None:
    """That a file made of a plan makes the plan of the base again."""
    try:
        after = carried_out(base, path)
    except Refused as why:
        if coarse or why.code not in TOO_FINE:
            raise
        return
    assert after.grids.keys() == plan.grids.keys()
    ours, wanted = laid(after), laid(plan)
    for code, grid in after.grids.items():
        other = plan.grids[code]
        assert (grid.name, grid.kind, grid.community) == (other.name, other.kind, other.community)
        assert not differs(ours[code], wanted[code], reach_m), code
        assert not (coarse and is_apart(ours[code], wanted[code], reach_m)), code
        if coarse and base.grids.get(code) == other:
            assert shapely.to_wkb(grid.geometry) == shapely.to_wkb(base.grids[code].geometry)
    prove(list(after.grids), [g.geometry for g in after.grids.values()], outline(base), base.crs)
    assert shared_edges_match(after)


ways, crss = st.sampled_from(sorted(WAYS)), st.sampled_from(CRSS)


def rounding_m(way: str) -> float:
    return SEVEN_DECIMALS_M if ".7" in way else 0.0


@given(data=st.data(), seed=st.integers(0, 30), way=ways, crs=crss)
@settings(max_examples=max(per_profile // 6, 10))
def test_a_plan_comes_back_from_any_format_in_any_crs(
    data: st.DataObject, folder: Path, seed: int, way: str, crs: str
) -> None:
    base = small_city(seed=seed)
    plan = planned(data, base, 4)
    path = saved(handed_out(plan), folder, way, crs)
    comes_back(base, plan, path, SNAP_M + rounding_m(way), coarse=is_coarse(base, plan))


@given(
    data=st.data(), seed=st.integers(0, 30), way=ways, crs=crss, together=st.booleans(),
    shake=st.integers(0, 2**32 - 1),
)  # fmt: skip
@settings(max_examples=max(per_profile // 6, 10))
def test_corners_moved_by_a_centimetre_are_brought_back(
    data: st.DataObject, folder: Path, seed: int, way: str, crs: str, together: bool, shake: int
) -> None:
    """In every row alike, or in each row by itself: then neighbours no longer meet."""
    base = small_city(seed=seed)
    plan = planned(data, base, 3)
    frame = shaken(handed_out(plan), np.random.default_rng(shake), 0.01, together=together)
    path = saved(frame, folder, way, crs)
    # Each of two copies of a corner may be 1 cm off, and one is brought to the other.
    reach_m = SNAP_M + 0.02 + rounding_m(way)
    comes_back(base, plan, path, reach_m, coarse=is_coarse(base, plan))


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("crs", CRSS)
def test_what_nobody_edited_is_no_operation(folder: Path, way: str, crs: str) -> None:
    city = small_city(5, 4, seed=7)
    found = brought_back(city, saved(handed_out(city), folder, way, crs))
    assert found.steps == ()
    assert found.found.unchanged == 20


@pytest.mark.houston
@pytest.mark.parametrize(
    ("name", "way", "crs"),
    [
        ("beats", ".gpkg", "EPSG:4326"),
        ("beats", ".7.geojson", "EPSG:4326"),
        ("beats", ".gbk.shp", "EPSG:2278"),
        ("block groups", ".fgb", "EPSG:3857"),
    ],
)
def test_houston_comes_back_unchanged(folder: Path, name: str, way: str, crs: str) -> None:
    """EPSG:2278 is the state plane of Texas, in feet."""
    frame, _ = source(name)
    city = window_of(name, 0, len(frame) if name == "beats" else 300)
    found = brought_back(city, saved(handed_out(city), folder, way, crs))
    assert found.steps == ()


@pytest.mark.houston
@given(data=st.data(), way=ways, crs=st.sampled_from(["EPSG:4326", "EPSG:3857", "EPSG:2278"]))
@settings(max_examples=max(per_profile // 25, 4))
def test_a_plan_of_houston_comes_back(
    data: st.DataObject, folder: Path, way: str, crs: str
) -> None:
    name = data.draw(st.sampled_from(["beats", "block groups"]), label="coverage")
    middle = data.draw(st.integers(0, len(source(name)[0]) - 1), label="middle")
    base = window_of(name, middle, data.draw(st.integers(2, 60), label="grids"))
    plan = planned(data, base, 3)
    path = saved(handed_out(plan), folder, way, crs)
    # Houston's own corners are nearer to each other than 10 cm in places.
    comes_back(base, plan, path, 2 * SNAP_M + rounding_m(way), coarse=False)
