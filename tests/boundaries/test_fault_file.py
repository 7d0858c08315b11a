from __future__ import annotations

import re
from pathlib import Path

import pyogrio
import pyproj
import pytest
import shapely

from boundaries.files.fault_file import list_faults, write_faults
from gis.coverage_faults import Faults, find_faults
from gis.crs import metric_crs

CRS = metric_crs(121.0, 30.0)


def _all_kinds() -> Faults:
    """Six grids with one fault of each kind."""
    bow_tie = shapely.Polygon([(122, 30), (122.01, 30.01), (122.01, 30), (122, 30.01)])
    slit = shapely.box(121.002, 30.004, 121.00201, 30.006)
    pond = shapely.box(121.006, 30.004, 121.008, 30.006)
    shapes = [
        shapely.box(121.0, 30.0, 121.01, 30.01) - slit - pond,
        shapely.box(121.009, 30.0, 121.02, 30.01),
        bow_tie,
        shapely.MultiPolygon(
            [shapely.box(123, 30, 123.01, 30.01), shapely.box(124, 30, 124.01, 30.01)]
        ),
    ]
    return find_faults(["A", "B", "C", "D"], shapes, crs=CRS)


def test_the_listing_names_codes_area_and_place_of_every_fault() -> None:
    faults = _all_kinds()
    lines = list_faults(faults)
    assert len(lines) == sum(len(found) for found in faults.by_kind.values())
    assert {line.split(":")[0] for line in lines} == set(faults.by_kind)
    (overlap,) = [line for line in lines if line.startswith("overlaps")]
    said = re.fullmatch(r"overlaps: A, B: ([\d,.]+) m², 121\.009500, 30\.005000: overlap", overlap)
    assert said is not None
    shared_m2, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(
        shapely.box(121.009, 30.0, 121.01, 30.01)
    )
    assert float(said[1].replace(",", "")) == pytest.approx(abs(shared_m2), rel=1e-3)


def test_a_fault_without_a_place_says_so() -> None:
    (line,) = list_faults(find_faults(["X"], [shapely.Polygon()], crs=CRS))
    assert line == "invalid: X: 0.00 m², no place: no area left on the 1e-9 degree grid"


def test_the_geopackage_has_a_layer_for_each_kind_with_its_faults(tmp_path: Path) -> None:
    faults = _all_kinds()
    path = tmp_path / "faults.gpkg"
    write_faults(faults, path)
    assert {name for name, _ in pyogrio.list_layers(path)} == set(faults.by_kind)
    for kind, found in faults.by_kind.items():
        table = pyogrio.read_dataframe(path, layer=kind)
        assert table.crs.to_epsg() == 4326
        assert list(table.columns) == ["codes", "area_m2", "lng", "lat", "reason", "geometry"]
        assert table["codes"].tolist() == [", ".join(fault.codes) for fault in found]
        assert table["area_m2"].tolist() == pytest.approx([fault.area_m2 for fault in found])
        assert shapely.equals_exact(
            table.geometry.to_numpy(), [fault.geometry for fault in found], 0.0
        ).all()


def test_a_second_report_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / "faults.gpkg"
    write_faults(_all_kinds(), path)
    write_faults(Faults(overlaps=_all_kinds().overlaps), path)
    assert [name for name, _ in pyogrio.list_layers(path)] == ["overlaps"]
