"""What is a coverage in the layout is one on the ground, where its straight edges bend."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from api.demo.bent_edges import put_down_coverage
from api.demo.buildings import generate_counts
from api.demo.coverage import generate_ground
from api.demo.cutting import directions
from api.demo.plane import Plane, Points
from boundaries.intake import admit, measuring_crs


def beside_a_long_edge(
    middle: Points, angle: float, length_m: float, at: float, apart_m: float
) -> np.ndarray:
    """Two wide grids, and between them a needle: one corner is that near its longest edge."""
    along, across = directions(angle)
    start, end = middle - along * length_m / 2, middle + along * length_m / 2
    near = start + along * length_m * at + across * apart_m
    left, right = (middle + across * length_m * way for way in (1, -1))
    faces: np.ndarray = np.asarray(
        shapely.polygons([[start, right, end, start], [start, near, end, start]])
    )
    return np.array([*faces, shapely.Polygon([start, near, end, left])], dtype=object)


@given(
    seed=st.integers(0, 40),
    middle=st.tuples(*[st.floats(-20_000, 20_000)] * 2),
    angle=st.floats(0, 3.14),
    length_m=st.floats(50, 900),
    at=st.floats(0.1, 0.9),
    apart_m=st.floats(0.35, 3),
)
def test_a_corner_beside_a_long_edge_stays_on_its_side(
    seed: int, middle: Points, angle: float, length_m: float, at: float, apart_m: float
) -> None:
    plane = Plane.drawn_by(np.random.default_rng(seed))
    faces = beside_a_long_edge(np.array(middle), angle, length_m, at, apart_m)
    laid = put_down_coverage(plane, faces)
    assert shapely.is_valid(laid).all()
    assert shapely.coverage_is_valid(laid)
    turns, were = (shapely.is_ccw(shapely.get_exterior_ring(each)) for each in (laid, faces))
    assert turns.tolist() == were.tolist()
    # No ground is lost, and each corner is where it was put before.
    union = shapely.coverage_union_all(laid)
    assert shapely.area(laid).sum() == pytest.approx(union.area, rel=1e-9)
    for before, after in zip(plane.put_down(faces), laid, strict=True):
        corners = {tuple(each) for each in shapely.get_coordinates(after).tolist()}
        assert {tuple(each) for each in shapely.get_coordinates(before).tolist()} <= corners
    back = plane.from_ground(shapely.get_coordinates(laid))
    linework = shapely.union_all(shapely.boundary(faces))
    assert shapely.distance(shapely.points(back), linework).max() < 0.02


def test_where_nothing_crosses_no_corner_is_added() -> None:
    plane = Plane.drawn_by(np.random.default_rng(1))
    squares = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)])
    assert shapely.to_wkb(put_down_coverage(plane, squares)).tolist() == (
        shapely.to_wkb(plane.put_down(squares)).tolist()
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 41))
def test_every_seed_is_a_coverage_as_it_is(seed: int) -> None:
    """The cities of seeds 25, 31, 36 and 37 had a grid that crossed itself."""
    ground = generate_ground.__wrapped__(seed)
    admission = admit(ground.grids, crs=measuring_crs(ground.grids))
    assert admission.repair is None
    assert admission.warnings == ()
    assert (generate_counts(ground, seed=seed)["households"] > 0).all()
