from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gis.coverage_faults import find_faults
from gis.coverage_gaps import enclosed_gaps, gap_widths_m
from gis.crs import metric_crs, snap_to_storage_grid, unproject
from gis.measures import area_m2
from tests.gis.lattice import codes_of, crooked_lattice

CRS = metric_crs(121.0, 30.0)
ORIGIN = np.array([596_000.0, 3_320_000.0])


def _metres(*shapes: shapely.Geometry) -> NDArray[np.object_]:
    """Shapes drawn in metres around a place of zone 120 E, in degrees on the storage grid."""
    moved = [shapely.transform(shape, lambda xy: xy + ORIGIN) for shape in shapes]
    return snap_to_storage_grid(unproject(moved, CRS))


def _disturbed(seed: int) -> NDArray[np.object_]:
    """A lattice in which some cells grew, some shrank, and one is gone."""
    rng = np.random.default_rng(seed)
    cells = crooked_lattice(5, 5, seed=seed)
    for index in rng.choice(len(cells), 5, replace=False):
        cells[index] = shapely.buffer(cells[index], rng.uniform(-3e-4, 3e-4), join_style="mitre")
    return snap_to_storage_grid(np.delete(cells, 12))


@pytest.mark.parametrize("seed", range(5))
def test_a_valid_coverage_has_no_faults_at_all(seed: int) -> None:
    cells = crooked_lattice(6, 5, seed=seed)
    faults = find_faults(codes_of(cells), cells, crs=CRS)
    assert not faults.refuses
    assert not any(faults.by_kind.values())


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=settings().max_examples // 4)
def test_overlaps_are_those_of_brute_force_over_all_pairs(seed: int) -> None:
    cells = _disturbed(seed)
    codes = codes_of(cells)
    faults = find_faults(codes, cells, crs=CRS)
    expected = {}
    for (a, left), (b, right) in combinations(zip(codes, cells, strict=True), 2):
        shared_m2 = float(area_m2([shapely.intersection(left, right)], CRS)[0])
        if shared_m2 > 0.01:
            expected[a, b] = shared_m2
    found = {fault.codes: fault.area_m2 for fault in faults.overlaps}
    assert found == pytest.approx(expected)
    by_code = dict(zip(codes, cells, strict=True))
    for fault in faults.overlaps:
        place = shapely.Point(fault.lng, fault.lat)
        assert all(by_code[code].covers(place) for code in fault.codes)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=settings().max_examples // 4)
def test_gaps_and_holes_are_what_no_way_from_outside_leads_to(seed: int) -> None:
    cells = _disturbed(seed)
    faults = find_faults(codes_of(cells), cells, crs=CRS)
    union = shapely.union_all(cells)
    around = shapely.buffer(shapely.envelope(union), 0.01)
    uncovered = shapely.get_parts(shapely.difference(around, union))
    inner = uncovered[~shapely.intersects(uncovered, shapely.boundary(around))]
    expected_m2 = area_m2(inner, CRS)
    enclosed = [f for f in (*faults.gaps, *faults.holes) if "open" not in f.reason]
    found_m2 = sum(fault.area_m2 for fault in enclosed)
    assert found_m2 == pytest.approx(expected_m2[expected_m2 > 0.01].sum(), rel=1e-6, abs=0.1)
    # A slit's place may be in its thinnest end, there within a storage step of a grid.
    inside = shapely.buffer(union, -1e-9)
    for fault in (*faults.gaps, *faults.holes):
        assert not inside.covers(shapely.Point(fault.lng, fault.lat))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=settings().max_examples // 4)
def test_what_is_no_valid_coverage_never_passes(seed: int) -> None:
    cells = _disturbed(seed)
    faults = find_faults(codes_of(cells), cells, crs=CRS)
    assert bool(faults.mismatched) == (not shapely.coverage_is_valid(cells))
    assert faults.refuses or shapely.coverage_is_valid(cells)


@pytest.mark.parametrize("off", [1e-9, 1e-8, 1e-6, -1e-9, -1e-8, -1e-6])
def test_a_vertex_the_neighbour_lacks_is_reported_however_little_it_moves(off: float) -> None:
    left = shapely.box(121.0, 30.0, 121.01, 30.01)
    right = shapely.Polygon(
        [(121.01, 30.0), (121.02, 30.0), (121.02, 30.01), (121.01, 30.01), (121.01 + off, 30.005)]
    )
    cells = snap_to_storage_grid([left, right])
    # It moves into A and out of it: GEOS calls the first no coverage, the second a valid one.
    faults = find_faults(["A", "B"], cells, crs=CRS)
    assert faults.refuses
    assert {fault.codes for fault in (*faults.mismatched, *faults.gaps)} & {("A",), ("A", "B")}
    assert bool(faults.mismatched) == (not shapely.coverage_is_valid(cells))
    if off > 0:
        (gap,) = faults.gaps
        assert gap.area_m2 == pytest.approx(area_m2([gap.geometry], CRS)[0], abs=1e-9)
        assert shapely.Point(gap.lng, gap.lat).x > 121.01


def test_a_t_junction_exactly_on_the_edge_is_reported_too() -> None:
    cells = [
        shapely.box(0.0, 0.0, 0.5, 1.0),
        shapely.box(0.5, 0.0, 1.0, 0.5),
        shapely.box(0.5, 0.5, 1.0, 1.0),
    ]
    faults = find_faults(["A", "B", "C"], cells, crs=metric_crs(0.5, 0.5))
    assert [fault.codes[0] for fault in faults.mismatched] == ["A", "B", "C"]
    assert not faults.overlaps
    assert not faults.gaps


def test_an_invalid_polygon_is_named_with_reason_and_place() -> None:
    bow_tie = shapely.Polygon([(121, 30), (121.01, 30.01), (121.01, 30), (121, 30.01)])
    (fault,) = find_faults(["X"], [bow_tie], crs=CRS).invalid
    assert fault.codes == ("X",)
    assert fault.reason == "Self-intersection"
    assert (fault.lng, fault.lat) == pytest.approx((121.005, 30.005))


def test_a_polygon_that_rounding_left_empty_is_a_fault() -> None:
    faults = find_faults(["X", "Y"], [shapely.Polygon(), shapely.box(121, 30, 122, 31)], crs=CRS)
    assert [fault.codes for fault in faults.invalid] == [("X",)]
    assert faults.refuses


def test_a_polygon_inside_another_says_which_lies_in_which() -> None:
    cells = _metres(shapely.box(0, 0, 1000, 1000), shapely.box(200, 200, 300, 400))
    (fault,) = find_faults(["base", "school"], cells, crs=CRS).overlaps
    assert fault.codes == ("base", "school")
    assert fault.reason == "school lies inside base"
    assert fault.area_m2 == pytest.approx(20_000, rel=1e-6)


@pytest.mark.parametrize(("width_m", "refuses"), [(0.5, True), (9.9, True), (10.1, False)])
def test_a_gap_refuses_up_to_the_limit_and_is_a_declared_hole_beyond(
    width_m: float, refuses: bool
) -> None:
    gap = shapely.box(400, 300, 400 + width_m, 700)
    west, east = shapely.box(0, 0, 400, 1000), shapely.box(400, 0, 1000, 1000)
    cells = _metres(_with_corners(west, gap), shapely.difference(east, gap))
    faults = find_faults(["A", "B"], cells, max_gap_m=10.0, crs=CRS)
    (fault,) = faults.gaps or faults.holes
    assert faults.refuses == refuses
    assert bool(faults.gaps) == refuses
    assert fault.codes == ("A", "B")
    assert fault.area_m2 == pytest.approx(width_m * 400, rel=1e-3)


def test_the_width_of_a_gap_is_its_narrow_side_however_long_it_is() -> None:
    shapes = [
        shapely.box(0, 0, 8000, 3),
        shapely.Point(0, 0).buffer(20, quad_segs=64),
        shapely.LineString([(0, 0), (500, 40), (900, -60)]).buffer(2),
    ]
    assert gap_widths_m(_metres(*shapes), CRS) == pytest.approx([3, 40, 4], abs=0.03)


def test_a_narrow_gap_open_at_both_ends_refuses_like_an_enclosed_one() -> None:
    cells = _metres(
        shapely.box(0, 0, 1000, 1000),
        shapely.box(1005, 0, 2000, 1000),
        shapely.box(0, 1000, 9, 1009),
    )
    assert shapely.coverage_is_valid(cells)
    faults = find_faults(["A", "B", "C"], cells, max_gap_m=10.0, crs=CRS)
    (gap,) = faults.gaps
    assert gap.codes == ("A", "B")
    assert gap.area_m2 == pytest.approx(5000, rel=0.01)
    assert gap.reason == "gap 5.00 m wide, open to the outside"
    assert not find_faults(["A", "B", "C"], cells, max_gap_m=4.0, crs=CRS).refuses


def test_a_wedge_between_two_borders_meant_to_be_one_is_a_gap() -> None:
    south = shapely.Polygon([(0, 0), (1000, 0), (1000, 500), (0, 500)])
    north = shapely.Polygon([(0, 500), (1000, 506), (1000, 1000), (0, 1000)])
    (gap,) = find_faults(["S", "N"], _metres(south, north), crs=CRS).gaps
    assert gap.codes == ("N", "S")
    assert gap.area_m2 == pytest.approx(3000, rel=0.01)


@pytest.mark.parametrize("width_deg", [5e-8, 5e-7, 5e-6, 5e-5])
def test_a_slit_is_listed_with_its_ground_also_where_edges_mismatch(width_deg: float) -> None:
    # C lies across the top of both and has none of the slit's corners.
    slit = shapely.box(121.01, 30.0, 121.01 + width_deg, 30.01)
    cells = snap_to_storage_grid(
        [
            shapely.box(121.0, 30.0, 121.01, 30.01),
            shapely.box(121.01 + width_deg, 30.0, 121.02, 30.01),
            shapely.box(121.0, 30.01, 121.02, 30.02),
        ]
    )
    faults = find_faults(["A", "B", "C"], cells, crs=CRS)
    assert faults.mismatched
    (gap,) = faults.gaps
    assert {"A", "B"} <= set(gap.codes)
    assert gap.area_m2 == pytest.approx(area_m2([slit], CRS)[0], rel=0.01)
    assert shapely.buffer(slit, 1e-9).contains(shapely.Point(gap.lng, gap.lat))


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=settings().max_examples // 4)
def test_a_mismatch_elsewhere_hides_no_slit_and_makes_none(seed: int) -> None:
    cells = crooked_lattice(4, 3, seed=seed)
    for index in range(6, 12):  # the eastern half moves 4 m away
        cells[index] = shapely.transform(cells[index], lambda xy: np.add(xy, (4e-5, 0.0)))
    sound = snap_to_storage_grid(cells)
    codes = codes_of(sound)
    # Edges without a match in the west: new vertices, exactly on them or a step beside.
    mismatched = sound.copy()
    mismatched[0] = shapely.segmentize(sound[0], shapely.length(sound[0]) / 16)
    mismatched = snap_to_storage_grid(mismatched)
    faults = find_faults(codes, mismatched, crs=CRS)
    assert faults.mismatched
    # A corner of the outline rounded by 5 m that is long enough for a slit has 2 m² at most.
    expected, found = (
        {gap.codes: gap.area_m2 for gap in gaps if "open" in gap.reason and gap.area_m2 > 2}
        for gaps in (find_faults(codes, sound, crs=CRS).gaps, faults.gaps)
    )
    assert expected
    assert found == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("latitude", [0.5, 30.0, 60.0])
def test_long_edges_without_their_neighbours_vertices_make_no_slit(latitude: float) -> None:
    crs = metric_crs(0.5, latitude)
    cells = [
        shapely.box(0.0, latitude, 1.0, latitude + 0.5),
        *(
            shapely.box(west, latitude - 0.5, west + 0.25, latitude)
            for west in (0.0, 0.25, 0.5, 0.75)
        ),
    ]
    faults = find_faults(codes_of(np.array(cells)), cells, crs=crs)
    assert faults.mismatched
    assert not faults.gaps


def test_a_notch_and_a_creek_of_one_grid_are_parts_of_the_outline() -> None:
    notch = shapely.Polygon([(495, 1000), (505, 1000), (500, 960)])
    creek = shapely.box(200, 300, 205, 1000)
    left = shapely.box(0, 0, 500, 1000) - notch - creek
    cells = _metres(left, shapely.box(500, 0, 1000, 1000) - notch)
    assert not find_faults(["A", "B"], cells, crs=CRS).refuses


def test_a_grid_inside_a_hole_is_no_part_of_the_gap() -> None:
    ring = shapely.box(0, 0, 900, 900) - shapely.box(100, 100, 800, 800)
    gaps = enclosed_gaps(_metres(ring, shapely.box(300, 300, 400, 400)))
    assert area_m2(gaps, CRS) == pytest.approx([700 * 700 - 100 * 100], rel=1e-6)


def test_grids_of_several_parts_are_a_warning_with_their_number() -> None:
    (pair,) = _metres(shapely.MultiPolygon([shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)]))
    faults = find_faults(["A"], [pair], crs=CRS)
    assert not faults.refuses
    assert [(fault.codes, fault.reason) for fault in faults.multipart] == [(("A",), "2 parts")]


def _with_corners(cell: shapely.Geometry, gap: shapely.Geometry) -> shapely.Geometry:
    """Give the cell's east edge the two corners of a gap that begins on it."""
    ring = shapely.get_coordinates(cell)[:-1].tolist()
    west, south, _, north = shapely.bounds(gap).tolist()
    ring[1:1] = [[west, south], [west, north]]
    ordered = sorted(ring, key=lambda xy: np.arctan2(xy[1] - 500, xy[0] - 200))
    return shapely.Polygon(ordered)
