"""Real coverages of one city: what they are found to be, and that they are admitted so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import shapely

from boundaries.exchange import export_grids
from boundaries.files.fault_file import list_faults
from boundaries.files.grid_file import GridFile, read_grids
from boundaries.intake import CoverageRefused, admit, measuring_crs
from gis.coverage import outline_of
from gis.coverage_edges import edges
from gis.coverage_zoom import simplify_for_zoom
from gis.measures import area_m2
from tests.boundaries.grid_files import options

ROOT = Path(__file__).parents[2]
HOUSTON = ROOT / os.environ.get("WANGGE_TEST_DATA", "../shared/data") / "city-houston"
pytestmark = [
    pytest.mark.houston,
    pytest.mark.skipif(not HOUSTON.is_dir(), reason=f"no real data under {HOUSTON}"),
]


def _read(name: str, **given: Any) -> GridFile:
    return read_grids(HOUSTON / name, options(city_name="Houston", **given))


def test_the_police_beats_are_refused_for_one_ring_that_touches_itself() -> None:
    beats = _read("police_beats.geojson", code="Beats").frame
    crs = measuring_crs(beats)
    assert crs.to_epsg() == 32615
    with pytest.raises(CoverageRefused, match=r": 1 invalid polygon \(22B10\)$") as caught:
        admit(beats, crs=crs)
    faults = caught.value.faults
    assert [(fault.codes, fault.reason) for fault in faults.invalid] == [
        (("22B10",), "Ring Self-intersection")
    ]
    assert (len(faults.overlaps), len(faults.gaps), len(faults.mismatched)) == (0, 0, 0)
    assert len(list_faults(faults)) == 1 + 14 + 9


def test_the_repaired_beats_are_what_the_readme_of_the_data_measured() -> None:
    beats = _read("police_beats.geojson", code="Beats").frame
    crs = measuring_crs(beats)
    admission = admit(beats, repair=True, crs=crs)
    assert admission.repair is not None
    assert not admission.repair.vanished
    assert not admission.repair.changed
    assert admission.repair.moved_m2 < 0.01
    outline = outline_of(admission.frame.geometry.to_numpy())
    assert len(admission.frame) == 118
    assert len(outline.geoms) == 3
    holes = [fault.area_m2 for fault in admission.faults.holes]
    assert len(holes) == sum(len(part.interiors) for part in outline.geoms) == 14
    assert sum(holes) / 1e6 == pytest.approx(69.5, abs=0.05)
    assert area_m2([outline], crs)[0] / 1e6 == pytest.approx(1593, abs=0.5)
    assert len(admission.warnings) == 14 + 9


def test_the_shapefile_of_the_beats_gives_the_same_coverage() -> None:
    (shapefile,) = (HOUSTON / "police_beats_shapefile").glob("*.shp")
    frames = [
        read_grids(path, options(code="Beats", name="District")).frame
        for path in (shapefile, HOUSTON / "police_beats.geojson")
    ]
    crs = measuring_crs(frames[0])
    one, other = (admit(frame, repair=True, crs=crs).frame for frame in frames)
    assert one["code"].tolist() == other["code"].tolist()
    apart = shapely.symmetric_difference(one.geometry.to_numpy(), other.geometry.to_numpy())
    assert area_m2(apart, crs).max() < 1.0


def test_the_block_groups_pass_without_a_repair_and_without_a_moved_byte() -> None:
    groups = _read("census_block_groups.geojson", code="GEOID").frame
    crs = measuring_crs(groups)
    admission = admit(groups, crs=crs)
    assert admission.repair is None
    assert admission.warnings == ("grid 482012547001 has 4 parts",)
    assert [s.wkb for s in admission.frame.geometry] == [s.wkb for s in groups.geometry]
    outline = outline_of(groups.geometry.to_numpy())
    assert (len(groups), len(outline.geoms)) == (2144, 3)
    assert sum(len(part.interiors) for part in outline.geoms) == 0
    assert area_m2([outline], crs)[0] / 1e6 == pytest.approx(4592, abs=0.5)


def test_the_block_groups_come_back_from_an_export_byte_by_byte(tmp_path: Path) -> None:
    groups = _read("census_block_groups.geojson", code="GEOID").frame
    admitted = admit(groups, crs=measuring_crs(groups)).frame
    for suffix in (".gpkg", ".geojson", ".fgb", ".parquet"):
        export_grids(admitted, tmp_path / f"grids{suffix}")
        back = read_grids(tmp_path / f"grids{suffix}", options()).frame
        assert [s.wkb for s in back.geometry] == [s.wkb for s in admitted.geometry]


def test_the_super_neighborhoods_are_refused_with_the_faults_their_readme_tells() -> None:
    hoods = _read("super_neighborhoods.geojson", code="name").frame
    crs = measuring_crs(hoods)
    with pytest.raises(CoverageRefused) as caught:
        admit(hoods, crs=crs)
    faults = caught.value.faults
    assert [fault.codes for fault in faults.overlaps] == [
        ("Addicks Park Ten", "Spring Branch West"),
        ("Lazy Brook / Timbergrove", "Washington Avenue Coalition / Memorial Park"),
    ]
    assert sum(fault.area_m2 for fault in faults.overlaps) == pytest.approx(877, abs=0.5)
    assert len(faults.mismatched) == 4
    mismatched_m = sum(
        float(fault.reason.split()[0].replace(",", "")) for fault in faults.mismatched
    )
    assert mismatched_m / 1000 == pytest.approx(5.8, abs=0.05)
    pairs = {fault.codes for fault in faults.overlaps}
    assert {fault.codes for fault in faults.gaps} == pairs
    assert not faults.invalid


def test_the_repaired_super_neighborhoods_are_a_coverage_that_hardly_moved() -> None:
    hoods = _read("super_neighborhoods.geojson", code="name").frame
    admission = admit(hoods, repair=True, crs=measuring_crs(hoods))
    assert admission.repair is not None
    assert not admission.repair.vanished
    assert not admission.repair.changed
    assert 2000 < admission.repair.moved_m2 < 4000
    kept = sum(
        one.wkb == other.wkb
        for one, other in zip(hoods.geometry, admission.frame.geometry, strict=True)
    )
    assert kept >= 88 - 4 - 43  # four were repaired; rounding alone moved 43 others' bytes


@pytest.mark.parametrize("zoom", [8, 11, 14])
def test_the_block_groups_stay_a_coverage_at_every_zoom(zoom: int) -> None:
    groups = _read("census_block_groups.geojson", code="GEOID").frame
    simple = simplify_for_zoom(groups.geometry.to_numpy(), zoom)
    assert shapely.coverage_is_valid(simple)
    assert not shapely.is_empty(simple).any()
    tracts = groups["code"].str[:11].tolist()
    assert set(edges(simple, {"community": tracts}).level) == {"city", "community", "grid"}
