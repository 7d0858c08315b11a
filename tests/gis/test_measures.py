from __future__ import annotations

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import metric_crs, unproject
from gis.measures import area_m2, length_m, polsby_popper

CRS = metric_crs(120.0, 30.0)
ORIGIN = (500_000.0, 3_320_000.0)


def _in_degrees(metres: shapely.Geometry) -> shapely.Geometry:
    (found,) = unproject([shapely.transform(metres, lambda xy: xy + ORIGIN)], CRS)
    assert isinstance(found, shapely.Geometry)
    return found


def test_a_kilometre_square_has_its_area_and_perimeter() -> None:
    square = _in_degrees(shapely.box(0, 0, 1000, 1000))
    assert area_m2([square], CRS)[0] == pytest.approx(1e6, rel=1e-9)
    assert length_m([square], CRS)[0] == pytest.approx(4000, rel=1e-9)


@given(lng=st.floats(118.6, 121.4), lat=st.floats(20.0, 50.0))
def test_area_and_length_agree_with_the_ellipsoid_to_a_thousandth(lng: float, lat: float) -> None:
    polygon = shapely.box(lng, lat, lng + 0.02, lat + 0.01)
    area, perimeter = pyproj.Geod(ellps="GRS80").geometry_area_perimeter(polygon)
    assert area_m2([polygon], CRS)[0] == pytest.approx(abs(area), rel=1e-3)
    assert length_m([polygon], CRS)[0] == pytest.approx(perimeter, rel=1e-3)


def test_a_circle_is_compact_a_square_less_and_a_thread_hardly() -> None:
    shapes = [
        shapely.Point(0, 0).buffer(500, quad_segs=256),
        shapely.box(0, 0, 500, 500),
        shapely.box(0, 0, 10_000, 1),
    ]
    scores = polsby_popper([_in_degrees(shape) for shape in shapes], CRS)
    assert scores == pytest.approx([1.0, np.pi / 4, np.pi * 1e4 / 10_001**2], rel=1e-4)


def test_compactness_is_undefined_without_an_area() -> None:
    nothing = [None, shapely.Polygon(), shapely.LineString([(120, 30), (120.1, 30)])]
    assert np.isnan(polsby_popper(nothing, CRS)).all()


def test_the_area_of_nothing_is_not_a_number() -> None:
    assert np.isnan(area_m2([None], CRS)[0])
    assert np.isnan(length_m([None], CRS)[0])
