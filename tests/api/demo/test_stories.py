"""The three stories are in the reports, where and when ``stories`` says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from api.demo.coverage import DemoGround
from api.demo.plane import METRES_PER_LAT, METRES_PER_LNG
from api.demo.stories import Story, stories
from tests.api.demo.conftest import NOW, SEED


def story(told: list[Story], name: str) -> Story:
    [found] = [one for one in told if one.name == name]
    return found


def near(made: pd.DataFrame, one: Story) -> pd.DataFrame:
    """Reports of the story's category at its places in their times, whoever made them."""
    parts = []
    of_kind = made[made["category"] == one.category]
    place: Any
    for place in one.places.itertuples():
        away_m = np.hypot(
            (of_kind["true_lng"] - place.lng) * METRES_PER_LNG,
            (of_kind["true_lat"] - place.lat) * METRES_PER_LAT,
        )
        during = of_kind["occurred_at"].between(place.start, place.end, inclusive="left")
        parts.append(of_kind[(away_m <= place.reach_m) & during])
    found: pd.DataFrame = pd.concat(parts)
    return found


@pytest.mark.parametrize("name", ["vehicles", "market", "noise"])
def test_its_reports_are_where_and_when_it_says(
    name: str, told: list[Story], made: pd.DataFrame
) -> None:
    one = story(told, name)
    own = made[made["story"] == name]
    found = near(made, one)
    assert len(one.reports) > 80
    assert own.index.isin(found.index).mean() > 0.9
    assert (found["story"] == name).mean() > 0.5


def test_vehicles_pile_up_in_one_quarter(told: list[Story], ground: DemoGround) -> None:
    one = story(told, "vehicles")
    members = ground.grids[ground.grids["community"] == one.area].geometry.to_numpy()
    quarter = shapely.coverage_union_all(members).buffer(1e-6)
    assert shapely.contains_xy(quarter, one.reports["lng"], one.reports["lat"]).all()
    at = one.reports["occurred_at"]
    middle = at.min() + (NOW - at.min()) / 2
    assert (at > middle).sum() > 2 * (at <= middle).sum()


def test_the_market_s_fire_lane_is_blocked_every_weekend_morning_and_never_else(
    told: list[Story], ground: DemoGround
) -> None:
    one = story(told, "market")
    [market] = ground.grids.geometry[ground.grids["code"] == one.area]
    place: Any
    [place] = one.places.itertuples()
    assert market.exterior.distance(shapely.Point(place.lng, place.lat)) < 1e-9
    at = one.reports["occurred_at"]
    assert set(at.dt.day_of_week) == {5, 6}
    assert at.dt.hour.between(7, 10).all()
    weeks = (NOW - place.start) // timedelta(weeks=1)
    assert at.dt.isocalendar().week.nunique() >= weeks - 1


def test_the_noise_moves_on_every_week(told: list[Story]) -> None:
    places = story(told, "noise").places
    step_m = np.hypot(
        np.diff(places["lng"]) * METRES_PER_LNG, np.diff(places["lat"]) * METRES_PER_LAT
    )
    assert (step_m > 100).all()
    assert (step_m < 250).all()
    assert (places["end"][:-1].to_numpy() == places["start"][1:].to_numpy()).all()
    first, last = places.iloc[0], places.iloc[-1]
    gone_m = np.hypot(
        (last.lng - first.lng) * METRES_PER_LNG, (last.lat - first.lat) * METRES_PER_LAT
    )
    assert gone_m > 0.7 * step_m.sum()


def test_the_seed_chooses_places_and_times(
    told: list[Story], ground: DemoGround, background: gpd.GeoDataFrame
) -> None:
    for one, same in zip(told, stories(ground.grids, background, seed=SEED, now=NOW), strict=True):
        assert one.places.equals(same.places)
        assert one.reports.equals(same.reports)
    others = [stories(ground.grids, background, seed=seed, now=NOW) for seed in range(2, 8)]
    for number in range(3):
        assert len({other[number].places["lng"].iloc[0] for other in others}) > 3
        # When it began, and when within the week things happen.
        assert len({other[number].places["start"].min() for other in others}) > 1
        assert len({other[number].reports["occurred_at"].min() for other in others}) > 3
