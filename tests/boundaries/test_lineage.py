"""Lineage against an oracle that knows to whom each cell of the ground belonged and belongs."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from boundaries.succession.counted import Counted
from boundaries.succession.lineage import CodedPolygons, changed_between, trace
from gis.measures import area_m2
from tests.boundaries.two_versions import CRS, TwoVersions, two_versions

SEEDS = st.integers(0, 2**32)


def oracle(two: TwoVersions, of_cells: np.ndarray) -> dict[tuple[str, str], float]:
    """Sums of a figure of the cells, by owner before and after."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for was, became, figure in zip(two.owner_before, two.owner_after, of_cells, strict=True):
        if was and became:
            sums[was, became] += figure
    return sums


@given(SEEDS)
def test_every_piece_of_ground_is_followed_from_its_old_grid_to_its_new_one(seed: int) -> None:
    two = two_versions(seed)
    changed = changed_between(two.before, two.after)
    expected = {
        pair: size
        for pair, size in oracle(two, area_m2(two.cells, CRS)).items()
        if pair[0] in changed.before
    }
    found = {(row.old, row.new): row for row in trace(two.before, two.after, CRS)}
    assert set(found) == set(expected)
    whole = dict(zip(two.before.codes, area_m2(two.before.polygons, CRS), strict=True))
    for pair, size in expected.items():
        assert found[pair].area_m2 == pytest.approx(size, rel=1e-9)
        assert found[pair].area_share == pytest.approx(size / whole[pair[0]], rel=1e-9)
        assert found[pair].households_share is None


@given(SEEDS)
def test_changed_are_the_grids_with_other_cells_and_no_others(seed: int) -> None:
    two = two_versions(seed)
    changed = changed_between(two.before, two.after)

    def cells_of(owner: np.ndarray, code: str) -> list[int]:
        return np.flatnonzero(owner == code).tolist()

    before, after = set(two.before.codes), set(two.after.codes)
    assert changed.gone == before - after
    assert changed.added == after - before
    assert changed.redrawn == {
        code
        for code in before & after
        if cells_of(two.owner_before, code) != cells_of(two.owner_after, code)
    }


@given(SEEDS)
def test_households_go_with_the_ground_they_were_counted_on(seed: int) -> None:
    """Points inside cells, whole cells as polygons, and some that nobody counted."""
    two = two_versions(seed)
    rng = np.random.default_rng(seed)
    count = rng.integers(0, 4, len(two.cells)).astype(float)
    count[rng.random(len(count)) < 0.2] = np.nan
    is_point = rng.random(len(count)) < 0.5
    shapes = np.where(is_point, shapely.point_on_surface(two.cells), two.cells)
    found = trace(two.before, two.after, CRS, Counted(shapes, count))
    pieces = oracle(two, np.nan_to_num(count))
    whole: dict[str, float] = defaultdict(float)
    for was, figure in zip(two.owner_before, np.nan_to_num(count), strict=True):
        whole[was] += figure
    for row in found:
        if whole[row.old] == 0:
            assert row.households_share is None
        else:
            assert row.households_share == pytest.approx(
                pieces[row.old, row.new] / whole[row.old], abs=1e-9
            )


@given(SEEDS)
def test_the_overlay_of_changed_grids_alone_finds_what_that_of_all_finds(seed: int) -> None:
    two = two_versions(seed)
    found = {(row.old, row.new): row.area_m2 for row in trace(two.before, two.after, CRS)}
    changed = changed_between(two.before, two.after)
    every = {
        (old, new): common
        for old, was in zip(two.before.codes, two.before.polygons, strict=True)
        for new, became in zip(two.after.codes, two.after.polygons, strict=True)
        if (common := float(area_m2([shapely.intersection(was, became)], CRS)[0])) >= 1.0
    }
    unchanged = {pair for pair in every if pair[0] not in changed.before}
    assert {old == new for old, new in unchanged} <= {True}
    assert found == {pair: pytest.approx(m2) for pair, m2 in every.items() if pair not in unchanged}


def grids(**boxes: tuple[float, float, float, float]) -> CodedPolygons:
    return CodedPolygons.of(list(boxes), [shapely.box(*box) for box in boxes.values()])


def test_common_ground_of_less_than_a_square_metre_is_no_lineage() -> None:
    metre = 1e-5  # a degree of latitude is 111 km
    before = grids(a=(121.0, 30.0, 121.01, 30.01), b=(121.01, 30.0, 121.02, 30.01))
    east = 121.01 + metre / 1500  # 7 cm × 1.1 km: more; 0.06 cm × 1.1 km: less
    after = grids(a=(121.0, 30.0, east, 30.01), b=(east, 30.0, 121.02, 30.01))
    assert [(row.old, row.new) for row in trace(before, after, CRS)] == [("a", "a"), ("b", "b")]


def test_a_ring_that_begins_at_another_corner_is_no_change() -> None:
    ring = np.array([(121.0, 30.0), (121.1, 30.0), (121.1, 30.1), (121.0, 30.1)])
    before = CodedPolygons.of(["a"], [shapely.Polygon(ring)])
    after = CodedPolygons.of(["a"], [shapely.Polygon(np.roll(ring[::-1], 1, axis=0))])
    assert trace(before, after, CRS) == ()


def test_a_grid_that_only_got_another_code_is_wholly_its_successor() -> None:
    box = (121.0, 30.0, 121.01, 30.01)
    (row,) = trace(grids(a=box), grids(b=box), CRS)
    assert (row.old, row.new, row.area_share) == ("a", "b", 1.0)


def test_a_household_on_the_new_border_counts_for_the_lowest_code() -> None:
    before = grids(a=(121.0, 30.0, 121.02, 30.01))
    after = grids(b=(121.01, 30.0, 121.02, 30.01), c=(121.0, 30.0, 121.01, 30.01))
    at = np.array([shapely.Point(121.01, 30.005), shapely.Point(121.001, 30.005)], dtype=object)
    shares = trace(before, after, CRS, Counted(at, np.array([3.0, 1.0])))
    assert [(row.new, row.households_share) for row in shares] == [("b", 0.75), ("c", 0.25)]
