"""After every operation of any sequence the four proofs hold, and it can be undone and replayed."""

from __future__ import annotations

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.codes import CodeIssuer, CodeRule, RecordedCodes
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import Applied, Operation, apply
from boundaries.refusals import Refused
from tests.boundaries.planned_city import (
    LIMITS,
    RULES,
    operations,
    outline,
    prove_whole,
    shared_edges_match,
    small_city,
)

STEPS = 6


def bytes_of(city: DraftCoverage) -> list[tuple[str, str, str, str, bytes]]:
    """A coverage, byte for byte."""
    return [
        (grid.code, grid.name, grid.kind, grid.community, shapely.to_wkb(grid.geometry))
        for grid in sorted(city.grids.values(), key=lambda grid: grid.code)
    ]


@given(data=st.data(), seed=st.integers(0, 20), rule=st.sampled_from(RULES))
@settings(max_examples=settings().max_examples * 6 // 10)
def test_every_step_of_any_sequence_leaves_a_coverage(
    data: st.DataObject, seed: int, rule: CodeRule
) -> None:
    city = small_city(seed=seed)
    first = outline(city)
    used = set(city.grids)
    done: list[tuple[DraftCoverage, Operation, list[str], DraftCoverage]] = []
    for _ in range(STEPS):
        operation = data.draw(operations(city))
        before = bytes_of(city)
        codes = CodeIssuer.beside(rule, used)
        try:
            applied = apply(city, operation, codes, LIMITS)
        except Refused:
            # The coverage is as it was: nothing of it is ever altered.
            continue
        finally:
            assert bytes_of(city) == before
        holds(city, applied, used)
        done.append((city, operation, codes.issued, applied.coverage))
        city = applied.coverage
        used |= set(city.grids)
    assert abs(shapely.area(outline(city)) / shapely.area(first) - 1) < 1e-8
    for before_it, operation, issued, after in done:
        again = apply(before_it, operation, RecordedCodes(rule, issued), LIMITS)
        assert bytes_of(again.coverage) == bytes_of(after)


def holds(city: DraftCoverage, applied: Applied, used: set[str]) -> None:
    """The four proofs of the whole, and that what is told of the change is the change."""
    after = applied.coverage
    prove_whole(after)
    assert shared_edges_match(after)
    touched = {grid.code for grid in applied.changed}
    told = touched | set(applied.retired)
    for code in after.grids.keys() | city.grids.keys():
        if code not in told:
            assert after.grids[code] is city.grids[code]
    assert set(after.grids) == (set(city.grids) | touched) - set(applied.retired)
    assert not (touched - set(city.grids)) & used, "a new code was given before"
    # In degrees: a place put on a straight edge is not on its course in a projection.
    was = sum(shapely.area(city.grids[code].geometry) for code in told & city.grids.keys())
    now = sum(shapely.area(grid.geometry) for grid in applied.changed)
    assert abs(now - was) <= 1e-6 * was
    for grid in applied.changed:
        had = city.grids.get(grid.code)
        parts = shapely.get_num_geometries(grid.geometry)
        assert parts == 1 or (had and parts <= shapely.get_num_geometries(had.geometry))
