"""Who inherits from a grid that is split, merged, moved, carved, renumbered or given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from boundaries.succession.inheritance import Inheritance, inheritance
from boundaries.succession.lineage import Changed, CodedPolygons, Descent, changed_between, trace
from gis.measures import area_m2
from tests.boundaries.two_versions import CRS, two_versions

Boxes = Mapping[str, tuple[float, float]]


def strip(boxes: Boxes) -> CodedPolygons:
    """Grids of 1 km height side by side, from and to so many hundredths of a degree east."""
    return CodedPolygons.of(
        list(boxes),
        [shapely.box(121 + a / 100, 30, 121 + b / 100, 30.01) for a, b in boxes.values()],
    )


def heirs(before: Boxes, after: Boxes) -> Inheritance:
    old, new = strip(before), strip(after)
    return inheritance(changed_between(old, new), trace(old, new, CRS))


@pytest.mark.parametrize(
    ("what", "before", "after", "passed"),
    [
        ("split", {"a": (0, 3)}, {"b": (0, 1), "c": (1, 3)}, [("a", "b"), ("a", "c")]),
        ("split, the largest keeps", {"a": (0, 3)}, {"a": (0, 2), "c": (2, 3)}, [("a", "c")]),
        ("merge", {"a": (0, 1), "b": (1, 2)}, {"c": (0, 2)}, [("a", "c"), ("b", "c")]),
        ("merge, one keeps", {"a": (0, 1), "b": (1, 2)}, {"a": (0, 2)}, [("b", "a")]),
        ("move", {"a": (0, 1), "b": (1, 2)}, {"a": (0, 1.9), "b": (1.9, 2)}, []),
        ("recode", {"a": (0, 1)}, {"b": (0, 1)}, [("a", "b")]),
        (
            "carve out of two",
            {"a": (0, 2), "b": (2, 4)},
            {"a": (0, 1.5), "d": (1.5, 2.2), "b": (2.2, 4)},
            [("a", "d")],
        ),
        (
            "dissolve into two",
            {"a": (0, 1), "b": (1, 2), "c": (2, 3)},
            {"a": (0, 1.4), "c": (1.4, 3)},
            [("b", "c")],
        ),
    ],
)
def test_heirs_of(what: str, before: Boxes, after: Boxes, passed: list[tuple[str, str]]) -> None:
    assert list(heirs(before, after).passed) == passed, what


def test_of_two_with_equal_area_the_lowest_code_inherits() -> None:
    def piece(old: str, new: str) -> Descent:
        return Descent(old, new, area_m2=5e5, area_share=0.5, households_share=None)

    gone = Changed(frozenset("a"), frozenset(), frozenset("bc"))
    assert inheritance(gone, [piece("a", "c"), piece("a", "b")]).passed == (("a", "b"),)
    added = Changed(frozenset(), frozenset("n"), frozenset("ab"))
    assert inheritance(added, [piece("b", "n"), piece("a", "n")]).passed == (("a", "n"),)


def test_a_grid_outside_the_new_outline_has_no_heir() -> None:
    found = heirs({"a": (0, 1), "b": (1, 2)}, {"a": (0, 1)})
    assert found.passed == ()
    assert found.heirless == {"b"}


@given(st.integers(0, 2**32))
def test_every_new_grid_on_old_ground_and_every_gone_one_within_the_city_is_provided_for(
    seed: int,
) -> None:
    two = two_versions(seed)
    changed = changed_between(two.before, two.after)
    found = inheritance(changed, trace(two.before, two.after, CRS))
    m2: dict[tuple[str, str], float] = defaultdict(float)
    sizes = area_m2(two.cells, CRS)
    for was, became, size in zip(two.owner_before, two.owner_after, sizes, strict=True):
        if was and became:
            m2[was, became] += size
    for code in changed.gone:
        to = {new: size for (old, new), size in m2.items() if old == code}
        assert (code in found.heirless) == (not to)
        if to:
            assert (code, max(to, key=lambda new: to[new])) in found.passed
    for code in changed.added:
        of = {old: size for (old, new), size in m2.items() if new == code}
        if of:
            assert (max(of, key=lambda old: of[old]), code) in found.passed
    # Nothing goes to a grid that went on, but what is left of one that is gone.
    assert all(old in changed.gone or new in changed.added for old, new in found.passed)
