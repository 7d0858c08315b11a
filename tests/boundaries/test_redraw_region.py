"""Drawing several grids anew at once, as a plan that was worked out elsewhere."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from boundaries.codes import CodeRule, RecordedCodes
from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.region import DrawnGrid
from boundaries.operations import RedrawRegion, apply
from boundaries.refusals import Refused
from gis.crs import objects
from gis.errors import NotFound
from tests.boundaries.planned_city import (
    LIMITS,
    issuer,
    operations,
    prove_whole,
    shared_edges_match,
    small_city,
)
from tests.boundaries.square_city import (
    block,
    cells,
    done,
    outline_kept,
    refused,
    ring,
    shape,
    square_city,
    tried,
)
from tests.boundaries.test_operation_sequences import bytes_of

CITY = square_city()
STEP_CELLS = 1e-7
FIVE_CENTIMETRES_DEG = 5e-7
M2_IN_A_SQUARE_DEGREE = 1.07e10
"""At 30° north."""
Places = NDArray[np.float64]


def drawn(code: str | None, area: shapely.Geometry) -> DrawnGrid:
    return DrawnGrid(area, code)


def test_four_grids_become_three_under_other_lines() -> None:
    """The new one is coded after G04, most of whose ground it takes."""
    region = RedrawRegion(
        (
            drawn("G00", ring((0, 0), (2, 0), (2, 0.5), (0, 0.7))),
            drawn(None, ring((0, 0.7), (2, 0.5), (2, 2), (1.5, 2), (0, 1))),
            drawn("G04", ring((0, 1), (1.5, 2), (0, 2))),
        ),
        retire=("G01", "G03"),
    )
    applied = tried(CITY, region)
    after = done(CITY, region)
    assert set(after.grids) == set(CITY.grids) - {"G01", "G03"} | {"G04-1"}
    assert cells(after, "G00") == pytest.approx(1.2)
    assert cells(after, "G04") == pytest.approx(0.75)
    assert applied.retired == ("G01", "G03")
    assert outline_kept(CITY, after)


def test_neighbours_get_the_new_corners_on_their_edges() -> None:
    after = done(
        CITY, RedrawRegion((drawn("G00", block(0, 0, 1, 0.5)), drawn(None, block(0, 0.5, 1, 1))))
    )
    corners = shapely.get_coordinates(shape(after, "G03")).tolist()
    assert [121.01, 30.005] in corners


def test_words_are_kept_unless_they_are_given() -> None:
    left, right = block(0, 0, 0.5, 1), block(0.5, 0, 1, 1)
    region = RedrawRegion(
        (DrawnGrid(left, "G00"), DrawnGrid(right, "X1", name="东段", kind="dedicated"))
    )
    after = done(CITY, region).grids
    assert (after["G00"].name, after["G00"].kind) == ("G00", "base")
    assert (after["X1"].name, after["X1"].kind, after["X1"].community) == (
        "东段",
        "dedicated",
        "C0",
    )


def test_a_grid_that_only_gets_another_name_is_told_and_no_other() -> None:
    named = RedrawRegion((DrawnGrid(shape(CITY, "G04"), "G04", name="桥西"),))
    applied = tried(CITY, named)
    assert [grid.name for grid in applied.changed] == ["桥西"]


def test_the_same_shapes_change_nothing() -> None:
    grids = tuple(drawn(code, grid.geometry) for code, grid in CITY.grids.items())
    refused(CITY, RedrawRegion(grids), "nothing_changes")


def test_the_edge_of_a_community_moves_only_where_that_is_allowed() -> None:
    """G04 is of C0, G07 beside it of C1."""
    grids = (drawn("G04", block(1, 1, 2.5, 2)), drawn("G07", block(2.5, 1, 3, 2)))
    refused(CITY, RedrawRegion(grids), "community_edge")
    after = done(CITY, RedrawRegion(grids, allow_community_change=True))
    assert cells(after, "G04") == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("grids", "retire", "code"),
    [
        ([("G00", block(0, 0, 1, 0.9))], (), "region_uncovered"),
        ([("G00", block(0, 0, 1, 0.6)), (None, block(0, 0.5, 1, 1))], (), "region_overlap"),
        ([("G00", block(0, 0, 1.1, 1))], (), "region_beyond"),
        ([("G00", block(-0.1, 0, 1, 1))], (), "outline_fixed"),
        ([("G00", block(0, 0, 1, 1)), ("G00", block(0, 0, 1, 1))], (), "grid_twice"),
        ([("G00", block(0, 0, 1, 1))], ("G00",), "grid_twice"),
        ([("G00", ring((0, 0), (1, 1), (1, 0), (0, 1)))], (), "area_invalid"),
        ([("G00", block(0, 0, 1, 1)), (None, block(0, 0, 1, 1))], (), "region_overlap"),
        ([("G00", block(0, 0, 1, 0.9999999)), (None, block(0, 0.9999999, 1, 1))], (), None),
        ([("G00", block(0, 0, 1, 2))], ("G01", "G02"), "region_uncovered"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    grids: list[tuple[str | None, shapely.Geometry]], retire: tuple[str, ...], code: str | None
) -> None:
    region = RedrawRegion(tuple(drawn(*each) for each in grids), retire)
    if code is None:
        with pytest.raises(Refused):
            tried(CITY, region)
        return
    why = refused(CITY, region, code)
    assert (why.place is None) == (code == "grid_twice")


def test_a_code_that_was_given_before_is_not_given_again() -> None:
    grids = (drawn("G00", block(0, 0, 1, 0.5)), drawn("OLD", block(0, 0.5, 1, 1)))
    with pytest.raises(Refused, match="given before"):
        tried(CITY, RedrawRegion(grids), None, "OLD")


@pytest.mark.parametrize(
    ("grids", "retire"),
    [((DrawnGrid(block(0, 0, 1, 1), "G00", community="C9"),), ()), ((), ("G99",))],
)
def test_a_community_or_a_grid_that_there_is_none_of_is_named(
    grids: tuple[DrawnGrid, ...], retire: tuple[str, ...]
) -> None:
    with pytest.raises(NotFound, match=r"C9|G99"):
        tried(CITY, RedrawRegion((*grids, drawn("G01", block(0, 1, 1, 2))), retire))


def reached(data: st.DataObject, city: DraftCoverage, steps: int) -> DraftCoverage:
    """Another plan of the same city, by the single operations."""
    used = set(city.grids)
    for _ in range(steps):
        try:
            city = apply(
                city, data.draw(operations(city)), issuer(city, CodeRule(), used), LIMITS
            ).coverage
        except Refused:
            continue
        used |= set(city.grids)
    return city


def region_between(
    before: DraftCoverage, after: DraftCoverage, moved: dict[str, shapely.Geometry] | None = None
) -> RedrawRegion:
    """Everything that differs, as one region; codes that are new are left to the rule."""
    differs = [code for code in after.grids if before.grids.get(code) != after.grids[code]]
    grids = [
        DrawnGrid(
            (moved or {}).get(code, after.grids[code].geometry),
            code if code in before.grids else None,
            after.grids[code].name,
            after.grids[code].kind,
            after.grids[code].community,
        )
        for code in sorted(differs)
    ]
    gone = sorted(before.grids.keys() - after.grids.keys())
    return RedrawRegion(tuple(grids), tuple(gone), allow_community_change=True)


def is_drawable(city: DraftCoverage, plan: DraftCoverage) -> bool:
    """Whether no grid has threads or necks that centimetres swallow, nor a new one two parts."""
    shapes = objects(shapes_of(plan))
    thinner = shapely.buffer(shapes, -FIVE_CENTIMETRES_DEG)
    hang_together = shapely.get_num_geometries(shapes) == shapely.get_num_geometries(thinner)
    new = [grid.geometry for code, grid in plan.grids.items() if code not in city.grids]
    return bool(
        hang_together.all()
        and not shapely.is_empty(thinner).any()
        and (shapely.get_num_geometries(objects(new)) == 1).all()
    )


def farthest_m2(ours: Iterable[shapely.Geometry], theirs: Iterable[shapely.Geometry]) -> float:
    """The most ground by which a shape differs from the nearest of the others."""
    # In degrees: a place put on a straight edge is not on its course in a projection.
    wanted = objects(list(theirs))
    apart = [
        shapely.area(shapely.symmetric_difference(mine, wanted)).min() for mine in objects([*ours])
    ]
    return float(max(apart)) * M2_IN_A_SQUARE_DEGREE


def shapes_of(city: DraftCoverage) -> list[shapely.Geometry]:
    return [grid.geometry for grid in city.grids.values()]


def test_ground_that_hangs_on_a_thread_of_millimetres_is_its_shapes() -> None:
    """G00 gains a triangle of G03 that ends in a thread along their edge.

    The thread leads to 1.9 mm beside the corner and is brought there: the point in the middle
    of the ground that is gained lies in the thread, and outside of what was drawn for G00.
    """
    kink, top = (1 + 22 * STEP_CELLS, 0.1), (1 - 19 * STEP_CELLS, 1)
    west = ring((0, 0), (1.5, 0), kink, top, (0, 1))
    east = ring((1.5, 0), (2, 0), (2, 1), top, kink)
    after = done(CITY, RedrawRegion((drawn("G00", west), drawn("G03", east))))
    assert cells(after, "G00") == pytest.approx(1.025, abs=1e-4)


@given(data=st.data(), seed=st.integers(0, 20))
@settings(max_examples=settings().max_examples // 2)
def test_any_plan_that_operations_reach_is_reached_at_once(data: st.DataObject, seed: int) -> None:
    city = small_city(seed=seed)
    plan = reached(data, city, 4)
    region = region_between(city, plan)
    assume(is_drawable(city, plan))
    # A corner moved by less than 2 mm is no other corner: that changes nothing.
    assume(region.grids and farthest_m2(shapes_of(plan), shapes_of(city)) >= 2)
    codes = issuer(city, CodeRule())
    applied = apply(city, region, codes, LIMITS)
    prove_whole(applied.coverage)
    assert shared_edges_match(applied.coverage)
    assert len(applied.coverage.grids) == len(plan.grids)
    # What is nearer than 2 mm to an old corner or edge is brought to it: 2 m² a kilometre.
    assert farthest_m2(shapes_of(plan), shapes_of(applied.coverage)) < 2
    again = apply(city, region, RecordedCodes(CodeRule(), codes.issued), LIMITS)
    assert bytes_of(again.coverage) == bytes_of(applied.coverage)


@given(data=st.data(), seed=st.integers(0, 20), shake=st.integers(0, 2**32 - 1))
@settings(max_examples=settings().max_examples // 2)
def test_corners_that_do_not_match_by_a_centimetre_are_brought_together(
    data: st.DataObject, seed: int, shake: int
) -> None:
    """Every corner of every shape shaken by itself: strips between them, over and under."""
    city = small_city(seed=seed)
    plan = reached(data, city, 3)
    assume(is_drawable(city, plan))
    rng = np.random.default_rng(shake)
    moved = {}
    for code, grid in plan.grids.items():
        moved[code] = shaken(grid.geometry, rng)
        assume(shapely.is_valid(shapely.transform(moved[code], lambda c: c.round(9))))
    region = region_between(city, plan, moved)
    assume(len(region.grids) > 1)
    applied = apply(city, region, issuer(city, CodeRule()), LIMITS)
    prove_whole(applied.coverage)
    assert shared_edges_match(applied.coverage)
    reach_m2 = 0.01 * max(shapely.length(shape) for shape in shapes_of(plan)) * 111_000
    assert farthest_m2(shapes_of(plan), shapes_of(applied.coverage)) < reach_m2


def shaken(geometry: shapely.Geometry, rng: np.random.Generator) -> shapely.Geometry:
    """A shape with each corner moved by up to 4 mm in each direction."""
    polygons = [
        shapely.Polygon(*_shaken_rings(polygon, rng)) for polygon in shapely.get_parts(geometry)
    ]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _shaken_rings(
    polygon: shapely.Polygon, rng: np.random.Generator
) -> tuple[Places, list[Places]]:
    rings = [shapely.get_coordinates(each)[:-1] for each in shapely.get_rings(polygon)]
    shell, *holes = (places + rng.uniform(-4e-8, 4e-8, places.shape) for places in rings)
    return shell, holes


def test_a_whole_city_is_drawn_anew_at_once() -> None:
    """Every edge between columns moves by a tenth of a cell."""
    grids = []
    for column, row in itertools.product(range(4), range(3)):
        west, east = (x + 0.1 * (0 < x < 4) for x in (column, column + 1))
        grids.append(drawn(f"G{column * 3 + row:02d}", block(west, row, east, row + 1)))
    after = done(CITY, RedrawRegion(tuple(grids), allow_community_change=True))
    assert cells(after, "G00") == pytest.approx(1.1)
    assert cells(after, "G11") == pytest.approx(0.9)
