from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from boundaries.intake import CoverageRefused, admit, measuring_crs
from gis.coverage import outline_of, prove
from gis.crs import snap_to_storage_grid
from gis.errors import BadInput
from tests.boundaries.grid_files import lattice_frame

CRS = pyproj.CRS.from_epsg(4549)


def _with_shapes(frame: gpd.GeoDataFrame, changed: dict[int, shapely.Geometry]) -> gpd.GeoDataFrame:
    shapes = frame.geometry.to_numpy().copy()
    for row, shape in changed.items():
        shapes[row] = shape
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=4326))


def _overlapping() -> gpd.GeoDataFrame:
    frame = lattice_frame(4, 4)
    return _with_shapes(frame, {5: shapely.buffer(frame.geometry[5], 2e-5, join_style="mitre")})


def _with_school() -> gpd.GeoDataFrame:
    """A dedicated grid drawn on top of a base grid that has no hole for it."""
    frame = lattice_frame(3, 3)
    return _with_shapes(frame, {8: shapely.buffer(frame.geometry[4].centroid, 5e-4)})


def test_the_metric_crs_goes_by_the_middle_of_the_frame_and_by_the_profile() -> None:
    assert measuring_crs(lattice_frame()).to_epsg() == 4549
    assert measuring_crs(lattice_frame(), "EPSG:32651").to_epsg() == 32651


def test_a_valid_coverage_is_admitted_unchanged() -> None:
    frame = lattice_frame(5, 4)
    admission = admit(frame, crs=CRS)
    assert admission.warnings == ()
    assert admission.repair is None
    assert admission.frame.equals(frame)


def test_coordinates_are_rounded_once_to_the_storage_grid() -> None:
    frame = lattice_frame(4, 4)
    rng = np.random.default_rng(5)
    offsets = {
        xy: rng.uniform(-3e-10, 3e-10, 2)
        for xy in map(tuple, shapely.get_coordinates(frame.geometry.to_numpy()).tolist())
    }
    moved = shapely.transform(
        frame.geometry.to_numpy(),
        lambda xy: np.array([point + offsets[tuple(point.tolist())] for point in xy]),
    )
    finer = frame.set_geometry(gpd.GeoSeries(moved, crs=4326))
    assert admit(finer, crs=CRS).frame.equals(frame)


def test_a_broken_coverage_is_refused_with_every_fault_and_left_alone() -> None:
    frame = _overlapping()
    before = frame.copy()
    with pytest.raises(CoverageRefused, match=r"8 overlaps \(first G000. and G000.\)") as caught:
        admit(frame, crs=CRS)
    assert caught.value.code == "coverage_invalid"
    assert len(caught.value.faults.overlaps) == caught.value.where["overlaps"] == 8
    assert frame.equals(before)


def test_a_repair_admits_it_and_passes_the_proofs() -> None:
    admission = admit(_overlapping(), repair=True, crs=CRS)
    frame = admission.frame
    shapes = frame.geometry.to_numpy()
    prove(frame["code"].tolist(), shapes, outline_of(shapes), CRS)
    assert admission.repair is not None
    assert len(admission.faults.overlaps) == 8
    assert shapely.equals_exact(shapes, snap_to_storage_grid(shapes), 0.0).all()


def test_a_repair_that_would_lose_a_grid_is_refused_naming_it() -> None:
    with pytest.raises(CoverageRefused, match="G0008") as caught:
        admit(_with_school(), repair=True, crs=CRS)
    assert caught.value.code == "repair_loses_grids"
    assert caught.value.where == {"codes": ["G0008"]}


def test_dropping_what_collapses_is_said_and_nothing_else_is_lost() -> None:
    admission = admit(_with_school(), repair=True, drop_collapsed=True, crs=CRS)
    assert admission.frame["code"].tolist() == [f"G000{i}" for i in range(8)]
    assert list(admission.frame.index) == list(range(8))
    assert any("dropped grid G0008" in warning for warning in admission.warnings)


def test_a_wide_gap_is_admitted_as_a_declared_hole_with_a_warning() -> None:
    frame = lattice_frame(3, 3).drop(index=4).reset_index(drop=True)
    admission = admit(frame, crs=CRS)
    (warning,) = admission.warnings
    assert warning.startswith("declared hole: ")
    assert "m² at 121.01" in warning
    assert admission.frame.equals(frame)


def test_the_widest_gap_that_refuses_can_be_chosen() -> None:
    frame = lattice_frame(3, 3).drop(index=4).reset_index(drop=True)
    with pytest.raises(CoverageRefused, match="1 narrow gap"):
        admit(frame, max_gap_m=5000, crs=CRS)
    closed = admit(frame, max_gap_m=5000, repair=True, crs=CRS)
    assert closed.repair is not None
    assert len(closed.repair.changed) == 1
    assert any("the repair changed grid" in warning for warning in closed.warnings)
    whole = shapely.union_all(lattice_frame(3, 3).geometry.to_numpy())
    assert shapely.symmetric_difference(closed.frame.union_all(), whole).area < 1e-12


def test_what_only_rounding_breaks_is_refused_and_can_be_repaired() -> None:
    # The tip of the lower grid lies 1e-10 degree below the slanted edge of the upper one,
    # and rounds to 5e-10 above it.
    upper = shapely.Polygon([(121, 30), (121.01, 30.0000033314), (121.01, 30.01), (121, 30.01)])
    lower = shapely.Polygon([(121.004, 29.99), (121.006, 29.99), (121.005, 30.0000016656)])
    assert shapely.coverage_is_valid([upper, lower])
    frame = lattice_frame(2, 1).set_geometry(gpd.GeoSeries([upper, lower], crs=4326))
    with pytest.raises(CoverageRefused, match="2 polygons with mismatched edges"):
        admit(frame, crs=CRS)
    admission = admit(frame, repair=True, crs=CRS)
    assert admission.repair is not None
    # The new node lies on the edge as the metric CRS draws it: 1 cm off, half way along 1 km.
    assert admission.repair.moved_m2 < 10.0


@pytest.mark.parametrize("max_gap_m", [-1.0, float("nan")])
def test_a_negative_gap_is_no_limit(max_gap_m: float) -> None:
    with pytest.raises(BadInput) as caught:
        admit(lattice_frame(), max_gap_m=max_gap_m, crs=CRS)
    assert caught.value.code == "max_gap_negative"


def test_a_grid_of_several_parts_is_admitted_with_a_warning() -> None:
    frame = lattice_frame(3, 3)
    both = shapely.MultiPolygon([frame.geometry[0], frame.geometry[8]])
    pair = _with_shapes(frame, {0: both}).drop(index=8)
    assert admit(pair, crs=CRS).warnings == ("grid G0000 has 2 parts",)


def test_a_grid_smaller_than_the_storage_grid_is_refused_by_name() -> None:
    frame = lattice_frame(3, 3)
    crumb = shapely.box(121.5, 30.5, 121.5 + 1e-11, 30.5 + 1e-11)
    with pytest.raises(CoverageRefused) as caught:
        admit(_with_shapes(frame, {8: crumb}), crs=CRS)
    assert [fault.codes for fault in caught.value.faults.invalid] == [("G0008",)]
    with pytest.raises(CoverageRefused, match="G0008"):
        admit(_with_shapes(frame, {8: crumb}), repair=True, crs=CRS)


def test_a_self_crossing_polygon_is_refused_and_can_be_repaired() -> None:
    frame = lattice_frame(3, 3)
    ring = shapely.get_coordinates(frame.geometry[8])
    ring[[3, 4]] = ring[[4, 3]]
    broken = _with_shapes(frame, {8: shapely.Polygon(ring)})
    with pytest.raises(CoverageRefused, match=r"1 invalid polygon \(G0008\)") as caught:
        admit(broken, crs=CRS)
    assert caught.value.faults.invalid[0].reason == "Self-intersection"
    assert len(admit(broken, repair=True, crs=CRS).frame) == 9
