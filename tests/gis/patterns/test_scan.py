"""The scan against every window counted by itself, and tails against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import hypergeom

from gis.patterns.attainable import Attainable, log_least_tail
from gis.patterns.occasions import is_new_occasion
from gis.patterns.scan import (
    Discs,
    Margins,
    Occasions,
    least_counts,
    log_factorials,
    log_tail,
    scan,
    sizes_of,
    window_totals,
)
from gis.patterns.scan_windows import BLOCKS, SLOT_H, spans_of, window_of
from gis.patterns.unrest import unrest
from gis.patterns.wandering import order_ratio, p_of_order

Ints = NDArray[np.int64]
PLACES, CATEGORIES, WEEKS, PLAIN = 9, 3, 40, 30


def in_window(index: int, week: Ints, day: Ints, hour: Ints) -> NDArray[np.bool_]:
    """What a window holds, by its own words."""
    window = window_of(index, PLAIN)
    held = np.ones(len(week), dtype=bool)
    if window.weeks is not None:
        held &= week < window.weeks
    if window.block is not None:
        begins, length = window.block.from_hour, window.block.hours
        hours = {(begins + number) % 24 for number in range(length)}
        held &= np.isin(day, window.block.days) & np.isin(hour, list(hours))
    return held


@settings(max_examples=max(6, settings().max_examples // 20))
@given(seed=st.integers(0, 2**32 - 1))
def test_the_scan_finds_the_window_that_counting_each_by_itself_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 150
    category, place = rng.integers(CATEGORIES, size=count), rng.integers(PLACES, size=count)
    week = np.minimum(rng.geometric(0.08, count) - 1, WEEKS - 1)
    day, hour = rng.integers(7, size=count), rng.integers(24, size=count)
    windows = [in_window(index, week, day, hour) for index in range(PLAIN + BLOCKS)]
    order = np.argsort(place * CATEGORIES + category, kind="stable")
    starts = np.searchsorted(
        (place * CATEGORIES + category)[order], np.arange(PLACES * CATEGORIES + 1)
    )
    span, slot = spans_of(week), hour // SLOT_H
    occasions = Occasions(starts, week[order], span[order], day[order], slot[order], CATEGORIES)
    # A row of places, each with the next on both sides.
    around = [[one for one in (at - 1, at, at + 1) if 0 <= one < PLACES] for at in range(PLACES)]
    discs = Discs(np.cumsum([0, *map(len, around)]), np.concatenate(around))
    logs = log_factorials(4 * count)
    city = Margins(window_totals(week, span, day, slot, PLAIN), count)
    held = np.array(windows, dtype=int)
    assert city.windows.tolist() == held.sum(axis=1).tolist()
    level = float(np.log(0.05))
    for one in range(CATEGORIES):
        own = category == one
        totals = window_totals(week[own], span[own], day[own], slot[own], PLAIN)
        margins = Margins(totals, int(own.sum()))
        sizes = sizes_of(occasions, discs, one)
        least = least_counts(margins, level, logs)
        best, log_p = scan(occasions, discs, one, sizes, margins, city, least, PLAIN, level, logs)
        for at, centre in enumerate(sizes.centres):
            near = np.isin(place, around[centre])
            c = int((near & own).sum())
            assert sizes.sizes[at] == c
            n, t, m, all_t = (
                held @ rows.astype(int) for rows in (near & own, own, near, np.ones(count))
            )
            lent = max(0, 3 * c - int((near & ~own).sum()))
            then = m + np.floor(lent * all_t / count + 0.5).astype(int)
            p = np.maximum(
                hypergeom.sf(n - 1, own.sum(), c, t),
                hypergeom.sf(n - 1, near.sum() + lent, c, then),
            )
            if best[at] < 0:
                assert p.min() > 0.05 * (1 - 1e-9)
            else:
                assert np.exp(log_p[at]) == pytest.approx(p.min(), rel=1e-8)
                assert p[best[at]] == pytest.approx(p.min(), rel=1e-8)


@given(data=st.data())
def test_the_tail_is_that_of_scipy(data: st.DataObject) -> None:
    whole = data.draw(st.integers(1, 400))
    marked, drawn = (data.draw(st.integers(0, whole)) for _ in range(2))
    found = data.draw(st.integers(max(0, drawn + marked - whole), min(marked, drawn)))
    ours = log_tail(found, whole, marked, drawn, log_factorials(whole))
    theirs = hypergeom.sf(found - 1, whole, marked, drawn)
    assert np.exp(ours) == pytest.approx(theirs, rel=1e-6, abs=1e-300)


@given(data=st.data())
def test_no_tail_is_less_than_the_least_its_margins_allow(data: st.DataObject) -> None:
    whole = data.draw(st.integers(1, 300))
    marked, drawn = (data.draw(st.integers(1, whole)) for _ in range(2))
    logs = log_factorials(whole)
    most = min(marked, drawn)
    least = log_least_tail(np.array([marked]), np.array([drawn]), whole, logs)[0]
    assert least == pytest.approx(log_tail(most, whole, marked, drawn, logs), abs=1e-9)


@given(log_least=st.lists(st.floats(-60, 0), min_size=1, max_size=300))
def test_the_bound_lets_no_more_tests_come_to_the_level_than_it_is(log_least: list[float]) -> None:
    attainable = Attainable()
    tests = np.array(log_least)
    attainable.add(tests, np.ones(len(tests), dtype=np.int64))
    bound = attainable.bound(0.05)
    assert (tests <= np.log(0.05 / bound)).sum() <= max(bound, 1)
    # Bonferroni's number is never undercut by more than a step of its search.
    assert bound <= len(tests) * 1.02 + 1


@given(seed=st.integers(0, 2**32 - 1))
def test_an_occasion_is_what_no_earlier_case_near_by_told(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = 60
    category = rng.integers(2, size=count)
    x_m, y_m = rng.uniform(0, 200, (2, count))
    # Some at the same time, none just as far apart as a pair may be.
    hours = np.round(rng.uniform(0, 24, count)) * 1.7
    found = is_new_occasion(category, x_m, y_m, hours, near_m=50, within_h=12)
    for at in range(count):
        earlier = (hours < hours[at]) | ((hours == hours[at]) & (np.arange(count) < at))
        near = (np.abs(x_m - x_m[at]) <= 50) & (np.abs(y_m - y_m[at]) <= 50)
        lately = hours[at] - hours <= 12
        assert found[at] == ~(earlier & near & lately & (category == category[at])).any()


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_unrest_is_the_variance_of_the_places_rates(phi: float) -> None:
    rng = np.random.default_rng(3)
    before = rng.poisson(60, 3_000)
    rate = rng.gamma(1 / phi, phi, 3_000) if phi else np.ones(3_000)
    told = rng.poisson(20 * rate)
    # Places with more in the window have more in all: the spread is seen a little less.
    assert unrest(told, before + told) == pytest.approx(phi * 9 / 16, abs=0.05)


def test_a_walk_is_in_order_and_a_crowd_is_not() -> None:
    rng = np.random.default_rng(1)
    x_m, y_m = rng.normal(0, 50, (2, 60))
    assert order_ratio(x_m, y_m) == pytest.approx(2, abs=0.6)
    assert p_of_order(x_m, y_m, draws=499, rng=rng) > 0.01
    walking = x_m + np.arange(60) * 10
    assert order_ratio(walking, y_m) < 1
    assert p_of_order(walking, y_m, draws=499, rng=rng) == 1 / 500
    assert order_ratio(np.zeros(5), np.zeros(5)) == 2
    assert p_of_order(np.zeros(5), np.zeros(5), draws=9, rng=rng) == 1
