"""The grids of a draft behave as a dictionary that is copied for each change."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from boundaries import layered_grids
from boundaries.layered_grids import DraftGrid, LayeredGrids

CODES = st.sampled_from([f"G{n}" for n in range(12)])
CHANGES = st.tuples(
    st.dictionaries(CODES, st.integers(0, 9), max_size=3), st.sets(CODES, max_size=2)
)


def grid(code: str, at: int) -> DraftGrid:
    return DraftGrid(code, code, "base", "C", shapely.box(at, 0, at + 1.5, 1))


def near(grids: dict[str, DraftGrid], west: float, east: float) -> list[str]:
    box = shapely.box(west, 0.2, east, 0.4)
    return sorted(code for code, each in grids.items() if shapely.intersects(each.geometry, box))


@given(changes=st.lists(CHANGES, max_size=12), most=st.integers(0, 6))
def test_every_version_stays_what_a_copied_dictionary_would_be(
    changes: list[tuple[dict[str, int], set[str]]], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layered_grids, "MOST_ABOVE", most)
        model = {f"G{n}": grid(f"G{n}", n) for n in range(5)}
        made = [(LayeredGrids(model), dict(model))]
        for changed, maybe_gone in changes:
            gone = (maybe_gone & model.keys()) - changed.keys()
            new = [grid(code, at) for code, at in changed.items()]
            model = {code: each for code, each in model.items() if code not in gone}
            model |= {each.code: each for each in new}
            made.append((made[-1][0].with_changes(new, gone), dict(model)))
    for layered, expected in made:
        assert dict(layered) == expected
        assert len(layered) == len(expected)
        assert all((f"G{n}" in layered) is (f"G{n}" in expected) for n in range(12))
        for west in np.arange(0.25, 9, 2):
            found = layered.meeting((float(west), 0.2, float(west) + 0.5, 0.4))
            assert sorted(found) == near(expected, float(west), float(west) + 0.5)


def test_a_grid_that_is_not_there_cannot_go() -> None:
    grids = LayeredGrids({"A": grid("A", 0)})
    without = grids.with_changes([], ["A"])
    with pytest.raises(KeyError):
        without.with_changes([], ["A"])
    with pytest.raises(KeyError):
        without["A"]
    assert list(grids) == ["A"]


def test_the_grids_go_to_another_process_and_back() -> None:
    grids = LayeredGrids({"A": grid("A", 0)}).with_changes([grid("B", 1)], ["A"])
    assert dict(pickle.loads(pickle.dumps(grids))) == dict(grids)
