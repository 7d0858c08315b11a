"""The few posts looked through one by one answer as the compiled roster does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from api.cases.duty import NO_ID, Roster
from api.cases.on_duty import AskedArea, PostsNearby
from gis.store.on_duty import HeldPost

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ORDER = ("worker", "grid_lead")
AREAS = {"grid": (1, 2), "community": (1, 2), "township": (1,)}

hours = st.integers(-4, 4)
bounds = st.one_of(st.none(), hours.map(lambda hour: NOON + timedelta(hours=hour)))


@st.composite
def posts(draw: st.DrawFn) -> list[HeldPost]:
    """Posts with ids of their own; some end before they begin, which cover nothing."""
    level = st.sampled_from(sorted(AREAS))
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(("duty", "assignment")),
                level.flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(AREAS[name]))),
                st.sampled_from(("worker", "grid_lead", "liaison", "on_call")),
                st.integers(1, 4),
                bounds,
                bounds,
            ),
            max_size=12,
        )
    )
    return [
        HeldPost(table, row, level, area, role, staff, f"S{staff}", "", start, stop)
        for row, (table, (level, area), role, staff, start, stop) in enumerate(drawn, start=1)
    ]


def roster_of(held: list[HeldPost]) -> Roster:
    columns = ("table", "row_id", "level", "area_id", "role", "staff_id", "staff_code")
    frame = pd.DataFrame({name: [getattr(post, name) for post in held] for name in columns})
    for name in ("start", "stop"):
        frame[name] = pd.Series([getattr(post, name) for post in held], dtype="object")
    ids = ["row_id", "area_id", "staff_id"]
    return Roster.build(frame.astype(dict.fromkeys(ids, "int64")), ORDER)


@given(held=posts(), grid=st.sampled_from((1, 2)), minutes=st.integers(-300, 300))
def test_posts_looked_through_answer_as_the_roster(
    held: list[HeldPost], grid: int, minutes: int
) -> None:
    instant = NOON + timedelta(minutes=minutes)
    area = AskedArea(grid, grid, 1)
    found = PostsNearby(held, ORDER).at(area, instant)
    expected = roster_of(held).at(
        np.array([area.grid_id]),
        np.array([area.community_id]),
        np.array([area.township_id]),
        np.array([np.datetime64(instant.replace(tzinfo=None), "us")]),
    )
    if found is None:
        assert expected.staff_id[0] == NO_ID
    else:
        post, rule = found
        assert (post.staff_id, post.row_id, rule) == (
            expected.staff_id[0],
            expected.row_id[0],
            expected.rule[0],
        )


def test_at_the_hand_over_the_one_who_begins_answers() -> None:
    before = HeldPost("duty", 1, "grid", 1, "worker", 1, "S1", "", None, NOON)
    after = HeldPost("duty", 2, "grid", 1, "worker", 2, "S2", "", NOON, None)
    nearby = PostsNearby([before, after], ORDER)
    area = AskedArea(1, 1, 1)
    assert nearby.at(area, NOON - timedelta(microseconds=1)) == (before, 1)
    assert nearby.at(area, NOON) == (after, 1)
