"""Sequences of operations on real coverages: the proofs hold after each, and of the whole."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries.codes import CodeIssuer, CodeRule, RecordedCodes
from boundaries.draft_coverage import DraftCoverage
from boundaries.operations import Applied, Operation, apply
from boundaries.refusals import Refused
from gis.coverage import prove
from tests.boundaries.planned_city import LIMITS, RULES, operations, outline, shared_edges_match
from tests.boundaries.real_coverages import SOURCES, source, window_of
from tests.boundaries.test_operation_sequences import bytes_of

LARGEST_WINDOW = 150
MOST_STEPS = 12
PROVE_EVERY = 4
"""Steps on a whole city between two proofs of the whole."""

pytestmark = pytest.mark.houston
rules = st.sampled_from(RULES)
per_profile = settings().max_examples


def proven(city: DraftCoverage, outline_before: shapely.MultiPolygon) -> None:
    """The four proofs, the outline being the one before the first operation."""
    shapes = [grid.geometry for grid in city.grids.values()]
    prove(list(city.grids), shapes, outline_before, city.crs)


def redraw_and_prove(
    data: st.DataObject, city: DraftCoverage, rule: CodeRule, prove_every: int
) -> None:
    """Some operations one after the other; each is proven, replayed, and left its past alone."""
    first, before_all = outline(city), bytes_of(city)
    begun, used = city, set(city.grids)
    done: list[tuple[DraftCoverage, Operation, list[str], Applied]] = []
    for step in range(1, data.draw(st.integers(1, MOST_STEPS), label="steps") + 1):
        operation = data.draw(operations(city))
        codes = CodeIssuer.beside(rule, used)
        try:
            applied = apply(city, operation, codes, LIMITS)
        except Refused:
            continue
        done.append((city, operation, codes.issued, applied))
        city = applied.coverage
        used |= city.grids.keys()
        if step % prove_every == 0:
            proven(city, first)
    proven(city, first)
    assert shared_edges_match(city)
    replayed = begun
    for before, operation, issued, _ in done:
        # Undone, the draft is the one before, which no operation altered.
        assert bytes_of(before) == bytes_of(replayed)
        replayed = apply(replayed, operation, RecordedCodes(rule, issued), LIMITS).coverage
    assert bytes_of(replayed) == bytes_of(city)
    assert bytes_of(begun) == before_all


def redraw_a_window(data: st.DataObject, names: list[str]) -> None:
    """A sequence on a window of a coverage, with the proof of the whole after each step."""
    name = data.draw(st.sampled_from(names), label="coverage")
    middle = data.draw(st.integers(0, len(source(name)[0]) - 1), label="middle")
    count = data.draw(st.integers(2, LARGEST_WINDOW), label="grids")
    redraw_and_prove(data, window_of(name, middle, count), data.draw(rules), prove_every=1)


@given(data=st.data())
@settings(max_examples=20)  # In `make prove` the next test tries 10,000.
def test_every_step_of_a_sequence_on_a_window_leaves_a_coverage(data: st.DataObject) -> None:
    redraw_a_window(data, ["beats", "block groups", "fl25", "iowa"])


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=per_profile * 2)
def test_every_step_of_ten_thousand_sequences_leaves_a_coverage(data: st.DataObject) -> None:
    redraw_a_window(data, list(SOURCES))


@pytest.mark.slow
@pytest.mark.parametrize("name", SOURCES)
@given(data=st.data())
@settings(max_examples=max(per_profile // 250, 1))
def test_a_sequence_on_a_whole_city_leaves_a_coverage(data: st.DataObject, name: str) -> None:
    redraw_and_prove(
        data,
        window_of(name, 0, len(source(name)[0])),
        data.draw(rules),
        prove_every=PROVE_EVERY,
    )
