from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.coverage import outline_of, prove
from gis.coverage_outline import outline_change
from gis.crs import metric_crs
from gis.errors import BadInput
from gis.measures import area_m2
from tests.gis.lattice import codes_of, crooked_lattice

CRS = metric_crs(121.0, 30.0)


def test_the_outline_is_the_union_with_its_declared_holes() -> None:
    cells = crooked_lattice(4, 4, seed=1)
    grids = np.delete(cells, 5)
    outline = outline_of(grids)
    assert outline.geom_type == "MultiPolygon"
    assert shapely.equals(outline, shapely.unary_union(list(grids)))
    (hole,) = outline.geoms[0].interiors
    assert shapely.equals(shapely.Polygon(hole), cells[5])


@pytest.mark.parametrize("other", [(1, 1, 3, 3), (0, 0, 2, 2), (1, 0, 3, 2)])
def test_polygons_that_overlap_have_no_outline(other: tuple[float, float, float, float]) -> None:
    with pytest.raises(BadInput) as caught:
        outline_of([shapely.box(0, 0, 2, 2), shapely.box(*other)])
    assert caught.value.code == "coverage_invalid"


@pytest.mark.parametrize("seed", range(3))
def test_a_valid_coverage_passes_all_proofs(seed: int) -> None:
    cells = crooked_lattice(5, 4, seed=seed)
    outline = outline_of(cells)
    prove(codes_of(cells), cells, outline, CRS, unchanged_outline=outline)


def test_the_first_proof_names_the_invalid_polygon_and_its_reason() -> None:
    cells = crooked_lattice(3, 3, seed=2)
    outline = outline_of(cells)
    cells[4] = shapely.Polygon([(121, 30), (121.01, 30.01), (121.01, 30), (121, 30.01)])
    with pytest.raises(BadInput, match="G0004: Self-intersection") as caught:
        prove(codes_of(cells), cells, outline, CRS)
    assert caught.value.code == "polygon_invalid"
    assert caught.value.where == {"codes": ["G0004"]}


@pytest.mark.parametrize("nothing", [shapely.Polygon(), None, shapely.Point(121, 30)])
def test_the_first_proof_refuses_what_has_no_area(nothing: shapely.Geometry | None) -> None:
    cells = crooked_lattice(3, 3, seed=2)
    outline = outline_of(cells)
    cells[4] = nothing
    with pytest.raises(BadInput, match="G0004") as caught:
        prove(codes_of(cells), cells, outline, CRS)
    assert caught.value.code == "polygon_invalid"


def test_the_second_proof_names_the_grids_whose_edges_mismatch() -> None:
    cells = crooked_lattice(3, 3, seed=3)
    outline = outline_of(cells)
    ring = shapely.get_coordinates(cells[4])
    ring[1, 1] -= 1e-9  # one step of the storage grid, into the neighbour
    cells[4] = shapely.Polygon(ring)
    with pytest.raises(BadInput, match="G0004") as caught:
        prove(codes_of(cells), cells, outline, CRS)
    assert caught.value.code == "coverage_invalid"


def test_the_third_proof_sees_a_missing_grid_that_coverage_is_valid_does_not() -> None:
    cells = crooked_lattice(3, 3, seed=4)
    outline = outline_of(cells)
    left = np.delete(cells, 4)
    assert shapely.coverage_is_valid(left)
    with pytest.raises(BadInput) as caught:
        prove(codes_of(left), left, outline, CRS)
    assert caught.value.code == "outline_differs"
    place = shapely.from_wkt("POINT ({lng} {lat})".format(**caught.value.where))
    assert cells[4].contains(place)
    assert caught.value.where["area_m2"] == pytest.approx(1e6, rel=0.3)


def test_the_fourth_proof_sees_an_outline_that_moved_undeclared() -> None:
    cells = crooked_lattice(3, 3, seed=5)
    before = outline_of(cells)
    shrunk = cells[:-1]
    now = outline_of(shrunk)
    prove(codes_of(shrunk), shrunk, now, CRS)
    with pytest.raises(BadInput) as caught:
        prove(codes_of(shrunk), shrunk, now, CRS, unchanged_outline=before)
    assert caught.value.code == "outline_changed"
    where = caught.value.where
    assert cells[-1].contains(shapely.from_wkt("POINT ({lng} {lat})".format(**where)))
    assert where["added_m2"] == 0.0
    # The scale of the metric CRS is within 1.0006 of the ground's.
    assert where["removed_m2"] == pytest.approx(float(area_m2(cells[-1:], CRS)[0]), rel=2e-3)


@pytest.mark.parametrize("share", [0.13, 0.5, 0.77])
def test_a_corner_put_on_a_long_straight_edge_does_not_move_the_outline(share: float) -> None:
    # 4 km from end to end, and nowhere near to parallel or meridian.
    ends = np.array([[121.000000123, 30.0], [121.039999877, 30.010000321]])
    top = (121.01, 30.04)
    place = np.round(ends[0] + share * (ends[1] - ends[0]), 9)
    plain, noded = (shapely.Polygon([ends[0], *between, ends[1], top]) for between in ([], [place]))
    before = outline_of([plain])
    prove(["A"], [noded], before, CRS, unchanged_outline=before)
    change = outline_change(before, outline_of([noded]))
    assert change is None or change.moved_m2 < 0.2


def test_the_fourth_proof_measures_an_outline_half_a_world_away() -> None:
    here, there = shapely.box(121.0, 30.0, 121.01, 30.01), shapely.box(2.35, 48.85, 2.36, 48.86)
    paris = metric_crs(2.35, 48.85)
    with pytest.raises(BadInput) as caught:
        prove(["A"], [there], outline_of([there]), paris, unchanged_outline=outline_of([here]))
    assert caught.value.code == "outline_changed"
    expected_m2 = area_m2([here], CRS)[0], area_m2([there], paris)[0]
    found_m2 = caught.value.where["removed_m2"], caught.value.where["added_m2"]
    assert found_m2 == pytest.approx(expected_m2, rel=2e-3)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=settings().max_examples // 4)
def test_what_an_outline_gains_and_loses_is_the_ground_that_changed(seed: int) -> None:
    cells = crooked_lattice(4, 4, seed=seed)
    rng = np.random.default_rng(seed)
    before, after = (rng.random(16) < 0.7 for _ in range(2))
    before[0] = after[0] = True
    change = outline_change(outline_of(cells[before]), outline_of(cells[after]))
    if (before == after).all():
        assert change is None
        return
    assert change is not None
    areas_m2 = area_m2(cells, CRS)
    assert change.added_m2 == pytest.approx(areas_m2[after & ~before].sum(), rel=2e-3, abs=0.01)
    assert change.removed_m2 == pytest.approx(areas_m2[before & ~after].sum(), rel=2e-3, abs=0.01)
    (where,) = np.flatnonzero(shapely.contains_xy(cells, change.lng, change.lat))
    assert before[where] != after[where]


def test_an_outline_may_differ_by_less_than_a_square_metre() -> None:
    cells = crooked_lattice(3, 3, seed=6)
    outline = outline_of(cells)
    x, y = shapely.get_coordinates(outline)[0]
    speck = 1e-5  # about a metre
    outside = shapely.union(outline, shapely.box(x - speck / 4, y, x + speck / 4, y + speck / 4))
    prove(codes_of(cells), cells, outside, CRS)
    far = shapely.union(outline, shapely.box(100, 20, 100 + 2 * speck, 20 + 2 * speck))
    with pytest.raises(BadInput):
        prove(codes_of(cells), cells, far, CRS)


def test_a_proof_holds_for_the_polygons_it_was_made_of_and_for_no_others() -> None:
    cells = crooked_lattice(3, 3, seed=7)
    codes = codes_of(cells)
    proven = prove(codes, cells, None, CRS)
    assert shapely.equals(proven.outline, outline_of(cells))
    assert proven.is_of(codes, cells)
    assert proven.is_of(codes[::-1], cells[::-1])
    assert not proven.is_of(codes[::-1], cells)
    assert not proven.is_of(codes[:-1], cells[:-1])
    assert not proven.is_of([*codes, "more"], [*cells, shapely.box(100, 20, 101, 21)])
    ring = shapely.get_coordinates(cells[4])
    ring[1, 1] -= 1e-9  # one step of the storage grid
    cells[4] = shapely.Polygon(ring)
    assert not proven.is_of(codes, cells)


def test_a_proof_of_nothing_fails() -> None:
    with pytest.raises(BadInput):
        prove([], [], shapely.MultiPolygon(), CRS)
