"""``wangge bench hotspots`` on a city small enough for a test."""

from __future__ import annotations

import pytest

from api.bench.hotspots import compare, growth


# esda compiles its loops for half a minute.
@pytest.mark.slow
def test_every_answer_agrees_with_the_peers() -> None:
    found = compare(points=3_000, cells=150, draws=199, runs=1, seed=1)
    assert [each.agree for each in found if each.peer] == [True, True, True]
    assert {each.peer for each in found} == {None, "esda", "one H3 conversion"}
    assert all(each.ours_s > 0 for each in found)


def test_growth_is_measured_in_steps_of_ten() -> None:
    found = growth(largest=10_000, runs=1, seed=1)
    assert [each.what for each in found] == ["hotspots of counts"]
    assert 9_000 < found[0].size < 12_000
