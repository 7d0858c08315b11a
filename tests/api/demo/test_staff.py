"""Sixteen thousand people, posted so that each of the five rules finds somebody."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from api.cases.duty import NO_RULE, Roster
from api.demo.coverage import DemoGround
from api.demo.staff import GeneratedStaff, generate_staff
from api.profile import CityProfile
from gis.store.staff import Post
from gis.store.tables.staff import STAFF_ROLES
from tests.api.demo.conftest import NOW, SEED, ZONE

Areas = dict[str, tuple[str, int]]


@pytest.fixture(scope="module")
def areas(ground: DemoGround) -> Areas:
    """Ids as the store would give them."""
    return {
        code: (level, number)
        for level, column in (
            ("grid", "code"),
            ("community", "community"),
            ("township", "township"),
        )
        for number, code in enumerate(sorted(ground.grids[column].unique()), 1)
    }


@pytest.fixture(scope="module")
def people(ground: DemoGround, areas: Areas) -> GeneratedStaff:
    return generate_staff(ground.grids, areas, seed=SEED, now=NOW, zone=ZONE)


def test_there_are_sixteen_thousand_eight_hundred_in_six_roles(people: GeneratedStaff) -> None:
    assert len(people.names) == 16_800
    roles = Counter(post.role for post in people.assignments)
    assert set(roles) == set(STAFF_ROLES)
    assert roles["stationed"] == 360
    assert roles["on_call"] == 180
    assert 1_300 < roles["worker"] < roles["grid_lead"] < 1_497
    assert {post.staff_code for post in people.assignments} == set(people.names)
    assert all(2 <= len(name) <= 3 for name in people.names.values())


def test_nobody_is_entered_twice_at_once(people: GeneratedStaff) -> None:
    """The store's exclusion constraint would refuse it."""
    for posts in (people.assignments, people.duties):
        by_post: dict[tuple[str, str, int, str], list[Post]] = {}
        for post in posts:
            by_post.setdefault((post.staff_code, post.level, post.area_id, post.role), []).append(
                post
            )
        for same in by_post.values():
            spans = sorted((p.start, p.end) for p in same if p.start and p.end)
            assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_a_day_has_three_shifts_and_each_is_handed_over(people: GeneratedStaff) -> None:
    today = [
        post for post in people.duties
        if post.level == "township" and post.start and post.start.date() == NOW.date()
    ]  # fmt: skip
    assert {p.start.strftime("%H:%M") for p in today if p.start} == {"08:00", "15:45", "23:45"}
    grid_days = [p for p in people.duties if p.level == "grid" and p.role == "worker"]
    assert len(grid_days) < 10 * 1_497
    assert len(grid_days) > 0.85 * 10 * 1_497


def test_every_rule_answers_somewhere_within_two_days(
    people: GeneratedStaff, areas: Areas, ground: DemoGround, profile: CityProfile
) -> None:
    rules = Counter(_rules(people, areas, ground, profile))
    assert set(rules) == {1, 2, 3, 4, 5}
    assert rules[NO_RULE] == 0
    assert rules[1] > 0.5 * rules.total()


def test_the_seed_makes_the_people(
    ground: DemoGround, areas: Areas, people: GeneratedStaff
) -> None:
    again, other = (
        generate_staff(ground.grids, areas, seed=seed, now=NOW, zone=ZONE) for seed in (SEED, 2)
    )
    assert again == people
    assert other.names != people.names


def _rules(
    people: GeneratedStaff, areas: Areas, ground: DemoGround, profile: CityProfile
) -> list[int]:
    """The rule for every grid at every hour of two days."""
    codes = {code: number for number, code in enumerate(people.names, 1)}
    posts = pd.DataFrame(
        [
            (table, number, p.level, p.area_id, p.role, codes[p.staff_code], p.staff_code,
             p.start, p.end)
            for table, listed in (("duty", people.duties), ("assignment", people.assignments))
            for number, p in enumerate(listed, 1)
        ],
        columns=["table", "row_id", "level", "area_id", "role", "staff_id", "staff_code",
                 "start", "stop"],
    )  # fmt: skip
    roster = Roster.build(posts, profile.duty.roles)
    grid, community, township = (
        np.array([areas[code][1] for code in ground.grids[column]])
        for column in ("code", "community", "township")
    )
    found: list[int] = []
    for hour in range(48):
        at = NOW.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=hour)
        instants = np.full(len(grid), np.datetime64(at, "us"))
        found += roster.at(grid, community, township, instants).rule.tolist()
    return found
