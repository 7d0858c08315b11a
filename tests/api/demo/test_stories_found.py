"""The finder finds the demo city's stories, and nothing else, from what a city knows of its cases.

It reads categories, places and local times. Only these tests know where the stories are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from api.demo import drawn
from api.demo.background import background_shapes
from api.demo.buildings import generate_counts
from api.demo.coverage import generate_ground
from api.demo.places import Places
from api.demo.plane import METRES_PER_LAT, METRES_PER_LNG
from api.demo.reports import generate_reports
from api.demo.stories import Story, stories
from api.profile import CityProfile
from gis.city_cases import CityCases
from gis.datum import Datum, to_wgs84
from gis.findings import Finding, find
from tests.api.demo.conftest import NOW

KINDS = {"vehicles": "growing", "market": "returning", "noise": "wandering"}
NEAR_M = 300.0
SEEDS = range(1, 21)


def cases_of(made: pd.DataFrame) -> CityCases:
    """Reports as the city takes them in, each a case."""
    category, names = pd.factorize(made["category"], sort=True)
    lng, lat = made["lng"].to_numpy().copy(), made["lat"].to_numpy().copy()
    shifted = (made["datum"] == Datum.GCJ02.value).to_numpy()
    lng[shifted], lat[shifted] = to_wgs84(lng[shifted], lat[shifted], Datum.GCJ02)
    occurred = made["occurred_at"].dt.tz_localize(None).to_numpy("datetime64[s]")
    return CityCases(category.astype(np.int64), list(names), lng, lat, occurred)


def found_in(made: pd.DataFrame) -> Sequence[Finding]:
    return find(cases_of(made), drawn.outline(), np.datetime64(NOW.replace(tzinfo=None), "s")).found


def away_m(finding: Finding, one: Story) -> float:
    """To where the story was last."""
    place = one.places.iloc[-1]
    east_m = (finding.lng - place["lng"]) * METRES_PER_LNG
    return float(np.hypot(east_m, (finding.lat - place["lat"]) * METRES_PER_LAT))


def finding_of(one: Story, found: Sequence[Finding]) -> Finding | None:
    near = [
        finding
        for finding in found
        if finding.category == one.category and away_m(finding, one) <= NEAR_M
    ]
    return near[0] if near else None


def test_the_three_stories_of_a_city_are_found_and_nothing_else(
    made: pd.DataFrame, told: list[Story]
) -> None:
    found = found_in(made)
    assert len(found) == 3
    for one in told:
        finding = finding_of(one, found)
        assert finding is not None
        assert finding.kind == KINDS[one.name]
        assert finding.since is not None
        began = one.places["start"].min().tz_localize(None).to_datetime64()
        # What begins slowly is noticed weeks after.
        assert -14 <= (finding.since - began.astype("M8[D]")).astype(int) <= 42
        assert finding.occasions > 4 * finding.expected


@pytest.mark.slow
def test_of_twenty_cities_each_story_is_found_in_eighteen_with_no_more_than_one_false_a_city(
    profile: CityProfile,
) -> None:
    """Of the cities without stories, or with their labels shuffled, one in ten has a finding."""
    urgencies = {category.code: category.urgency for category in profile.categories}
    times = dict.fromkeys(KINDS, 0)
    false = {"stories": 0, "none": 0, "shuffled": 0}
    for seed in SEEDS:
        ground = generate_ground(seed)
        background = background_shapes(ground)
        counts = generate_counts(ground, seed=seed)
        places = Places.of(np.random.default_rng([seed, 4]), ground, counts, background)
        told = stories(ground.grids, background, seed=seed, now=NOW)
        made = generate_reports(places, told, urgencies, seed=seed, now=NOW)
        found = found_in(made)
        matched = [one.name for one in told if finding_of(one, found)]
        for name in matched:
            times[name] += 1
        # What tells a story from too far away is false too.
        false["stories"] += len(found) - len(matched)
        rest = made[made["story"].isna()]
        false["none"] += len(found_in(rest))
        labels = np.random.default_rng(seed).permutation(rest["category"].to_numpy())
        false["shuffled"] += len(found_in(rest.assign(category=labels)))
    assert min(times.values()) >= 18, times
    assert false["stories"] <= len(SEEDS)
    assert max(false["none"], false["shuffled"]) <= len(SEEDS) // 10, false
