"""What is put into a made-up city is found where it lies; where nothing is, nothing is found."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from gis.city_cases import CityCases
from gis.findings import Finding, FindingOptions, Findings, find
from tests.gis.patterns.made_up_city import (
    EAST_M,
    LAT,
    LNG,
    MIDNIGHT,
    NORTH_M,
    NOW,
    OUTLINE,
    MadeUp,
    growing,
    moody,
    rain,
    returning,
    told_again,
    wandering,
)

AT = {"a": (-1_500.0, 900.0), "b": (2_000.0, -1_200.0), "c": (1_000.0, 3_000.0)}


def found_in(city: MadeUp, level: float = 0.01) -> Findings:
    return find(city.cases(), OUTLINE, NOW, FindingOptions(level=level))


def away_m(finding: Finding, at: tuple[float, float]) -> float:
    east = (finding.lng - LNG) * EAST_M - at[0]
    return float(np.hypot(east, (finding.lat - LAT) * NORTH_M - at[1]))


@lru_cache(maxsize=1)
def three_stories() -> MadeUp:
    rng = np.random.default_rng(5)
    city = rain(rng).and_also(growing(rng, AT["a"], 45, weeks=8))
    return city.and_also(returning(rng, AT["b"], weeks=15)).and_also(wandering(rng, AT["c"], 7))


@lru_cache(maxsize=1)
def of_three_stories() -> dict[str, Finding]:
    findings = found_in(three_stories()).found
    assert len(findings) == 3
    return {finding.category: finding for finding in findings}


def test_what_grows_at_a_place_is_found_there_with_its_weeks() -> None:
    finding = of_three_stories()["a"]
    assert finding.kind == "growing"
    assert away_m(finding, AT["a"]) < 100
    assert finding.reach_m < 400
    assert finding.since is not None
    assert 4 <= (MIDNIGHT - finding.since).astype(int) / 7 <= 9
    assert finding.cases >= 35 > 3 * finding.expected
    assert sum(finding.by_week) == finding.cases


def test_what_returns_on_weekend_mornings_is_told_with_its_hours() -> None:
    finding = of_three_stories()["b"]
    assert finding.kind == "returning"
    assert away_m(finding, AT["b"]) < 50
    assert finding.block is not None
    assert set(finding.block.days) == {5, 6}
    assert finding.block.from_hour <= 8
    assert finding.block.from_hour + finding.block.hours >= 10
    assert finding.cases == 30


def test_what_wanders_is_told_with_its_way_and_where_it_was_last() -> None:
    finding = of_three_stories()["c"]
    assert finding.kind == "wandering"
    assert away_m(finding, AT["c"]) < 100
    gone_m = np.diff([lng for lng, _ in finding.way]) * EAST_M
    assert len(gone_m) >= 4
    assert gone_m == pytest.approx(np.full(len(gone_m), 200.0), abs=60)


def test_what_is_over_is_no_finding_of_today() -> None:
    city = three_stories()
    later = replace(city, hours_ago=city.hours_ago + 10 * 168)
    assert not {finding.category for finding in found_in(later).found} & {"a", "c"}


def test_what_has_always_been_so_is_told_without_a_beginning_if_it_has_its_hours() -> None:
    rng = np.random.default_rng(6)
    city = rain(rng)
    [finding] = found_in(city.and_also(returning(rng, AT["b"], weeks=52))).found
    assert (finding.kind, finding.since) == ("returning", None)
    assert away_m(finding, AT["b"]) < 50
    # A place that is awake from three to midnight, all year, is no news.
    count = 300
    days, hour = rng.integers(0, 364, count), rng.uniform(0, 9, count)
    x_m, y_m = rng.normal(0, 30, (2, count)) + np.array(AT["a"])[:, None]
    evenings = MadeUp(np.full(count, 4), x_m, y_m, days * 24 + hour)
    assert found_in(city.and_also(evenings)).found == ()


def test_ten_calls_about_each_of_a_few_things_are_no_pattern() -> None:
    """Six occasions in half a year are not found, however many call."""
    rng = np.random.default_rng(2)
    city = rain(rng)
    few = growing(rng, AT["a"], 6, weeks=26)
    assert found_in(city.and_also(told_again(rng, few, 10.0))).found == ()


def test_among_places_with_moods_a_mood_is_seldom_a_finding_and_a_story_is() -> None:
    """Rates vary as much as they are: held against rain alone, 2.7 moods a city are findings."""
    moods = 0
    for seed in range(4):
        rng = np.random.default_rng([seed, 5])
        city = moody(rng, rain(rng, 60_000), 1.0)
        found = found_in(city.and_also(growing(rng, AT["a"], 45, weeks=8))).found
        stories = [one for one in found if one.category == "a" and away_m(one, AT["a"]) < 200]
        assert len(stories) == 1
        moods += len(found) - 1
    assert moods <= 3


def test_where_nothing_else_is_told_a_place_is_not_silent() -> None:
    """A city of one category has no rhythm of others to be held against."""
    rng = np.random.default_rng(3)
    city = rain(rng)
    only = city.category == 0
    alone = MadeUp(*(getattr(city, field.name)[only] for field in fields(city)))
    findings = found_in(alone.and_also(growing(rng, AT["a"], 45, weeks=8))).found
    assert len(findings) == 1
    assert away_m(findings[0], AT["a"]) < 150


def test_the_order_of_the_rows_and_the_names_of_categories_do_not_matter() -> None:
    city = three_stories()
    order = np.random.default_rng(1).permutation(len(city.category))
    mixed = MadeUp(*(getattr(city, field.name)[order] for field in fields(city)))
    renamed = replace(mixed.cases(), category=5 - mixed.category, categories="fedcba")
    found = {one.category: one for one in find(renamed, OUTLINE, NOW).found}
    for category, finding in of_three_stories().items():
        assert found[category].cases == finding.cases
        assert found[category].p == pytest.approx(finding.p)


def test_cases_beyond_the_outline_after_today_or_nowhere_do_not_matter() -> None:
    cases = three_stories().cases()
    strange = CityCases(
        np.array([0, 1, 2]),
        cases.categories,
        np.array([LNG + 1, LNG, np.nan]),
        np.array([LAT, LAT, LAT]),
        np.array([NOW, NOW + np.timedelta64(3, "D"), NOW]),
    )
    both = CityCases(
        np.append(cases.category, strange.category),
        cases.categories,
        np.append(cases.lng, strange.lng),
        np.append(cases.lat, strange.lat),
        np.append(cases.occurred, strange.occurred),
    )
    assert {one.category: one for one in find(both, OUTLINE, NOW).found} == of_three_stories()


def test_too_little_is_told_as_what_it_is() -> None:
    none = np.zeros(0)
    nothing = MadeUp(np.zeros(0, dtype=np.int64), none, none, none)
    assert found_in(nothing) == Findings((), 0.0, "no_cases")
    rng = np.random.default_rng(4)
    short = growing(rng, AT["a"], 500, weeks=7)
    assert found_in(short).lack == "too_short"
    one = MadeUp(np.array([0]), np.zeros(1), np.zeros(1), np.array([60 * 168.0]))
    assert found_in(one).found == ()
    stacked = replace(short, x_m=np.zeros(500), y_m=np.zeros(500), hours_ago=short.hours_ago * 8)
    assert found_in(stacked).found == ()


@settings(max_examples=max(8, settings().max_examples // 50))
@given(seed=st.integers(0, 2**32 - 1))
def test_rain_with_rhythms_has_nothing_at_a_level_far_below_chance(seed: int) -> None:
    """Once in 100,000 cities at most."""
    rng = np.random.default_rng(seed)
    assert found_in(told_again(rng, rain(rng, 3_000), 0.2), level=1e-5).found == ()


@pytest.mark.slow
@pytest.mark.parametrize("labels", ["own", "shuffled"])
def test_of_cities_without_a_story_no_more_have_a_finding_than_the_level_allows(
    labels: str,
) -> None:
    """Each category at its own places and hours, or each place with its own rhythm."""
    cities, level = 300, 0.1
    wrong = 0
    for seed in range(cities):
        rng = np.random.default_rng([seed, 17])
        city = told_again(rng, rain(rng, 4_000), 0.1)
        if labels == "shuffled":
            city = replace(city, category=rng.permutation(city.category))
        wrong += bool(found_in(city, level=level).found)
    # More than this has a chance of one in a thousand at the level itself.
    assert wrong <= binom.isf(1e-3, cities, level)
