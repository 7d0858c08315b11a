from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import coverage_repair
from gis.coverage import outline_of, prove
from gis.coverage_faults import find_faults
from gis.coverage_repair import repair
from gis.crs import metric_crs, project, snap_to_storage_grid
from gis.errors import BadInput
from gis.measures import area_m2
from tests.gis.lattice import codes_of, crooked_lattice

CRS = metric_crs(121.0, 30.0)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=settings().max_examples // 4)
def test_a_repair_covers_the_same_ground_once_and_passes_the_proofs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = crooked_lattice(5, 4, seed=seed)
    for index in rng.choice(len(cells), 4, replace=False):
        cells[index] = shapely.buffer(cells[index], rng.uniform(-4e-5, 4e-5), join_style="mitre")
    done = repair(codes_of(cells), cells, max_gap_m=10.0, crs=CRS)
    prove(codes_of(cells), done.polygons, outline_of(done.polygons), CRS)
    assert not find_faults(codes_of(cells), done.polygons, crs=CRS).refuses
    assert done.vanished == ()
    # What was covered stays covered; only narrow enclosed gaps are added.
    before, after = shapely.union_all(project(cells, CRS)), project(done.polygons, CRS)
    lost = shapely.difference(before, shapely.union_all(after))
    assert lost.area < 1.0
    assert sum(shapely.area(after)) == pytest.approx(shapely.union_all(after).area, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_a_valid_coverage_keeps_its_bytes(seed: int) -> None:
    cells = crooked_lattice(6, 6, seed=seed)
    done = repair(codes_of(cells), cells, max_gap_m=10.0, crs=CRS)
    assert [shape.wkb for shape in done.polygons] == [shape.wkb for shape in cells]
    assert done.changed == ()
    assert done.moved_m2 == 0.0


def test_grids_away_from_the_fault_keep_their_bytes() -> None:
    cells = crooked_lattice(5, 5, seed=9)
    broken = cells.copy()
    broken[0] = shapely.buffer(cells[0], 3e-5, join_style="mitre")
    done = repair(codes_of(cells), broken, max_gap_m=10.0, crs=CRS)
    neighbours = {0, 1, 5, 6}
    for index in set(range(25)) - neighbours:
        assert done.polygons[index].wkb == cells[index].wkb


def test_a_grid_is_named_when_more_than_a_twentieth_of_its_area_moved() -> None:
    cells = crooked_lattice(2, 1, seed=3)
    overlap = shapely.transform(cells[1], lambda xy: xy - (0.0008, 0.0))  # 8 % of a cell
    done = repair(["A", "B"], snap_to_storage_grid([cells[0], overlap]), max_gap_m=1.0, crs=CRS)
    assert len(done.changed) == 1
    (change,) = done.changed
    assert 0.05 < change.share < 0.12
    index = ["A", "B"].index(change.code)
    assert change.after_m2 == pytest.approx(float(area_m2(done.polygons, CRS)[index]))
    moved = abs(change.after_m2 - change.before_m2) / change.before_m2
    assert change.share == pytest.approx(moved, rel=1e-6)


def test_a_small_change_is_not_named_but_counted() -> None:
    cells = crooked_lattice(2, 1, seed=3)
    overlap = shapely.transform(cells[1], lambda xy: xy - (0.0001, 0.0))
    done = repair(["A", "B"], snap_to_storage_grid([cells[0], overlap]), max_gap_m=1.0, crs=CRS)
    assert done.changed == ()
    assert done.moved_m2 > 1000


def test_a_grid_inside_another_vanishes_and_is_listed() -> None:
    cells = crooked_lattice(3, 3, seed=5)
    inside = shapely.buffer(cells[4].centroid, 0.001, quad_segs=2)
    shapes = snap_to_storage_grid([*cells, inside])
    codes = [*codes_of(cells), "school"]
    done = repair(codes, shapes, max_gap_m=10.0, crs=CRS)
    assert done.vanished == ("school",)
    assert done.polygons[-1].is_empty
    assert not any(shape.is_empty for shape in done.polygons[:-1])


def test_of_two_equal_polygons_one_vanishes_and_is_listed() -> None:
    cells = crooked_lattice(2, 2, seed=6)
    shapes = np.append(cells, cells[:1])
    done = repair(codes_of(shapes), shapes, max_gap_m=10.0, crs=CRS)
    assert len(done.vanished) == 1
    assert set(done.vanished) < {"G0000", "G0004"}


def test_a_polygon_that_collapses_when_made_valid_is_listed() -> None:
    spike = shapely.Polygon([(121.5, 30.5), (121.6, 30.5), (121.5, 30.5), (121.6, 30.5)])
    shapes = [*crooked_lattice(2, 2, seed=6), spike]
    done = repair(["A", "B", "C", "D", "spike"], shapes, max_gap_m=10.0, crs=CRS)
    assert done.vanished == ("spike",)


def test_wide_gaps_stay_open() -> None:
    cells = np.delete(crooked_lattice(3, 3, seed=7), 4)
    cells[0] = shapely.buffer(cells[0], 1e-5, join_style="mitre")
    done = repair(codes_of(cells), snap_to_storage_grid(cells), max_gap_m=10.0, crs=CRS)
    assert len(find_faults(codes_of(cells), done.polygons, crs=CRS).holes) == 1


def test_a_slit_open_to_the_outside_is_closed_too() -> None:
    cells = crooked_lattice(4, 3, seed=8)
    for index in range(6, 12):  # the eastern half moves 4 m away
        cells[index] = shapely.transform(cells[index], lambda xy: np.add(xy, (4e-5, 0.0)))
    apart = snap_to_storage_grid(cells)
    assert shapely.coverage_is_valid(apart)
    slits = find_faults(codes_of(apart), apart, crs=CRS).gaps
    assert slits
    done = repair(codes_of(apart), apart, max_gap_m=10.0, crs=CRS)
    prove(codes_of(apart), done.polygons, outline_of(done.polygons), CRS)
    assert not find_faults(codes_of(apart), done.polygons, crs=CRS).refuses
    grown_m2 = area_m2(done.polygons, CRS).sum() - area_m2(apart, CRS).sum()
    assert grown_m2 == pytest.approx(sum(slit.area_m2 for slit in slits), rel=0.02)
    assert len(outline_of(done.polygons).geoms) == 1


def test_a_repair_that_does_not_end_in_a_coverage_is_refused_with_the_grids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coverage_repair, "_MAX_ROUNDS", 1)
    monkeypatch.setattr(coverage_repair, "_clean", lambda shapes, *_: shapes)
    overlapping = [shapely.box(121, 30, 121.02, 30.02), shapely.box(121.01, 30.01, 121.03, 30.03)]
    with pytest.raises(BadInput, match="A, B") as caught:
        repair(["A", "B"], overlapping, max_gap_m=10.0, crs=CRS)
    assert caught.value.code == "repair_failed"
