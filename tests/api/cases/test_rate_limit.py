"""Buckets: never more than the burst and what filled in, each sender for itself."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cases.rate_limit import Buckets, Rate


@given(
    per_minute=st.integers(1, 600),
    burst=st.integers(1, 20),
    pauses_s=st.lists(st.floats(0, 30), min_size=1, max_size=40),
)
def test_no_stretch_of_time_lets_more_through_than_it_may(
    per_minute: int, burst: int, pauses_s: list[float]
) -> None:
    buckets = Buckets(Rate(per_minute, burst))
    now_s, passed = 0.0, []
    for pause_s in pauses_s:
        now_s += pause_s
        if buckets.take("a", now_s):
            passed.append(now_s)
    for first, last in combinations_with_replacement(range(len(passed)), 2):
        stretch_s = passed[last] - passed[first]
        assert last - first + 1 <= burst + stretch_s * per_minute / 60 + 1e-6


@given(burst=st.integers(1, 50))
def test_a_burst_passes_and_the_next_one_does_not(burst: int) -> None:
    buckets = Buckets(Rate(6, burst))
    assert [buckets.take("a", 0.0) for _ in range(burst + 1)] == [True] * burst + [False]


def test_whoever_keeps_to_the_rate_is_never_stopped() -> None:
    buckets = Buckets(Rate(6, 1))
    assert all(buckets.take("a", 10.0 * number) for number in range(1000))


def test_one_sender_does_not_empty_the_bucket_of_another() -> None:
    buckets = Buckets(Rate(1, 1))
    assert buckets.take("a", 0.0)
    assert not buckets.take("a", 1.0)
    assert buckets.take("b", 1.0)


def test_the_memory_is_bounded_and_forgets_who_was_quiet_longest() -> None:
    buckets = Buckets(Rate(1, 1), kept=100)
    for number in range(1000):
        buckets.take(str(number), 0.0)
    assert len(buckets) == 100
    assert not buckets.take("999", 0.0)
    assert buckets.take("0", 0.0)


@pytest.mark.parametrize(("per_minute", "burst"), [(0, 1), (1, 0), (-1, 1), (float("nan"), 1)])
def test_a_rate_that_lets_nothing_through_is_refused(per_minute: float, burst: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Rate(per_minute, burst)
