"""An ordinary day on real coverages: what nothing speaks against is done, not refused."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from boundaries.codes import CodeRule
from boundaries.draft_coverage import DraftCoverage
from boundaries.editing.neighbours import neighbours_of
from boundaries.operations import (
    Carve,
    Dissolve,
    Merge,
    MoveCorner,
    Operation,
    Redraw,
    Split,
    Transfer,
    apply,
)
from gis.crs import STEPS_PER_DEGREE
from tests.boundaries.planned_city import LIMITS, issuer, outline, prove_whole, shared_edges_match
from tests.boundaries.real_coverages import source, window_of

GRIDS = 40

pytestmark = pytest.mark.houston


class Day:
    """One operation after the other, each of which has to succeed."""

    def __init__(self, city: DraftCoverage) -> None:
        self.city, self.used = city, set(city.grids)

    def do(self, operation: Operation) -> set[str]:
        """Carry it out; the codes that are new."""
        applied = apply(self.city, operation, issuer(self.city, CodeRule(), self.used), LIMITS)
        new = applied.coverage.grids.keys() - self.city.grids.keys()
        self.city = applied.coverage
        self.used |= new
        return set(new)

    def area(self, code: str) -> float:
        return float(shapely.area(self.city.grids[code].geometry))


def disc(middle: shapely.Point, reach: float) -> shapely.Polygon:
    return shapely.buffer(middle, reach, quad_segs=3)


@pytest.mark.parametrize("name", ["block groups", "fl25", "iowa"])
@pytest.mark.parametrize("share", [0.2, 0.7])
def test_what_a_planner_does_all_day_is_done_on_real_coverages(name: str, share: float) -> None:
    day = Day(window_of(name, int(share * len(source(name)[0])), GRIDS))
    begun, limits = day.city, outline(day.city)
    for code in sorted(begun.grids)[:: GRIDS // 3]:
        shape = day.city.grids[code].geometry
        circle = shapely.maximum_inscribed_circle(shape, 1e-4)
        middle, reach = shapely.get_point(circle, 0), shapely.length(circle)
        kept = [each for each in day.city.grids if each != code]
        whole = day.area(code)
        # A yard in its midst, larger, smaller, round again and in two halves.
        [yard] = day.do(Carve(disc(middle, reach / 2), "园区"))
        assert day.area(yard) + day.area(code) == pytest.approx(whole, rel=1e-6)
        before = day.area(yard)
        east = shapely.Point(middle.x + reach / 2, middle.y)
        day.do(Transfer(yard, disc(east, reach / 5)))
        assert day.area(yard) > before
        day.do(Redraw(yard, disc(middle, reach / 2)))
        assert day.area(yard) == pytest.approx(before, rel=1e-4)
        corner = shapely.Point(shapely.get_coordinates(day.city.grids[yard].geometry)[0])
        toward = np.array(corner.coords[0]) * 0.9 + np.array(middle.coords[0]) * 0.1
        day.do(MoveCorner(corner, shapely.Point(toward)))
        assert day.area(yard) < before
        across = shapely.LineString(
            [(middle.x - reach, middle.y - reach / 9), (middle.x + reach, middle.y + reach / 9)]
        )
        halves = day.do(Split(yard, across))
        assert len(halves) == 2
        for half in sorted(halves):
            day.do(Dissolve(half, code))
        assert day.area(code) == pytest.approx(whole, rel=1e-6)
        assert set(day.city.grids) == {*kept, code}
        differs = shapely.symmetric_difference(day.city.grids[code].geometry, shape)
        assert shapely.area(differs) <= shapely.length(shape) / STEPS_PER_DEGREE
        # And with a neighbour it is one.
        other = next(iter(neighbours_of(day.city, code)))
        both = whole + day.area(other)
        day.do(Merge((code, other), allow_community_change=True))
        [one] = {code, other} & day.city.grids.keys()
        assert day.area(one) == pytest.approx(both, rel=1e-6)
    prove_whole(day.city)
    assert shared_edges_match(day.city)
    differs = shapely.symmetric_difference(outline(day.city), limits)
    assert shapely.area(differs) <= shapely.length(limits) / STEPS_PER_DEGREE
