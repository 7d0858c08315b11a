"""A year of reports with the rhythm of a city, and with what goes wrong in real ones."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
import shapely

from api.cases.times import CLIENT_EARLIEST
from api.demo import drawn
from api.demo.coverage import DemoGround
from api.demo.habits import HABITS
from api.demo.places import Places
from api.demo.plane import METRES_PER_LAT, METRES_PER_LNG
from api.demo.reports import generate_reports
from api.demo.stories import Story
from api.profile import CityProfile
from gis.datum import Datum, to_wgs84
from gis.store.tables.cases import CASE_STATES, CHANNELS
from tests.api.demo.conftest import NOW, SEED


def of(made: pd.DataFrame, category: str) -> pd.DataFrame:
    return made[made["category"] == category]


def away_m(lng: pd.Series, lat: pd.Series, of_lng: pd.Series, of_lat: pd.Series) -> np.ndarray:
    away: np.ndarray = np.hypot(
        (lng.to_numpy() - of_lng.to_numpy()) * METRES_PER_LNG,
        (lat.to_numpy() - of_lat.to_numpy()) * METRES_PER_LAT,
    )
    return away


def test_a_year_of_every_category_and_nothing_of_tomorrow(
    made: pd.DataFrame, profile: CityProfile
) -> None:
    assert 55_000 < len(made) < 90_000
    assert set(made["category"]) == {category.code for category in profile.categories}
    assert set(HABITS) == set(made["category"])
    assert made["received_at"].max() <= NOW
    assert (made["occurred_at"] <= made["received_at"]).all()
    assert NOW - made["received_at"].min() > timedelta(days=360)
    assert made["received_at"].is_monotonic_increasing
    assert made["id"].is_unique


def test_a_usual_day_has_some_hundred_reports(made: pd.DataFrame) -> None:
    days = made.groupby(made["received_at"].dt.date).size().iloc[1:-1]
    assert 150 < days.median() < 400
    assert days.quantile(0.05) > 100
    assert days.quantile(0.95) < 500


def test_nights_are_quiet_and_e_bikes_are_charged_in_the_evening(made: pd.DataFrame) -> None:
    hour = made["occurred_at"].dt.hour
    assert hour.between(1, 4).mean() < 0.06
    charging = of(made, "ebike_charging")["occurred_at"].dt.hour
    assert charging.between(17, 22).mean() > 0.55
    advice = of(made, "policy_advice")["occurred_at"].dt.hour
    assert advice.between(8, 17).mean() > 0.85


def test_stalls_are_there_on_weekend_evenings(made: pd.DataFrame) -> None:
    at = of(made, "pavement_occupied")["occurred_at"]
    weekend = at.dt.day_of_week >= 5
    per_weekend_day, per_weekday = weekend.sum() / 2, (~weekend).sum() / 5
    assert per_weekend_day > 1.4 * per_weekday
    assert at[weekend].dt.hour.between(17, 22).mean() > 0.5


def test_e_bikes_are_charged_indoors_in_winter_and_streets_are_flooded_in_the_plum_rains(
    made: pd.DataFrame,
) -> None:
    charging = of(made, "ebike_charging")["occurred_at"].dt.month
    assert charging.isin([12, 1, 2]).sum() > 2.5 * charging.isin([6, 7, 8]).sum()
    water = of(made, "flooding")["occurred_at"]
    assert water.dt.month.isin([6, 7, 8, 9]).mean() > 0.75
    # It comes with the rain: a tenth of the days has most of it.
    days = water.dt.date.value_counts()
    assert days.iloc[:37].sum() > 0.6 * len(water)


def test_things_happen_where_such_things_happen(made: pd.DataFrame, ground: DemoGround) -> None:
    to_ground = ground.site.plane.to_ground
    lines = [
        shapely.transform(line, to_ground)
        for kind, *_, line in ground.site.lines
        if kind in {"river", "stream"}
    ]
    bank = shapely.union_all(lines).buffer(60 / METRES_PER_LNG)
    debris = of(made, "river_debris")
    inside = shapely.contains_xy(bank, debris["true_lng"], debris["true_lat"])
    assert inside.mean() > 0.9
    town = shapely.Point(drawn.CENTRE).buffer(0.05)
    assert 0.3 < shapely.contains_xy(town, made["true_lng"], made["true_lat"]).mean() < 0.9
    markets = ground.grids[ground.grids["name"].str.endswith("农贸市场")]
    near = shapely.union_all(markets.geometry.to_numpy()).buffer(150 / METRES_PER_LNG)
    stalls = of(made, "pavement_occupied")
    assert shapely.contains_xy(near, stalls["true_lng"], stalls["true_lat"]).mean() > 0.8


def test_some_things_are_reported_two_or_three_times(made: pd.DataFrame) -> None:
    copies = made[made["copy_of"] >= 0]
    assert 0.02 < len(copies) / len(made) < 0.08
    first = made.loc[copies["copy_of"]]
    away = away_m(copies["true_lng"], copies["true_lat"], first["true_lng"], first["true_lat"])
    assert np.quantile(away, 0.95) < 80
    assert (copies["category"].to_numpy() == first["category"].to_numpy()).all()
    assert copies["copy_of"].value_counts().max() == 2
    merged = made["state"] == "merged"
    assert (made["copy_of"][merged] >= 0).all()


def test_some_come_late_and_some_too_late_to_be_believed(made: pd.DataFrame) -> None:
    refused = made["time_flag"] == "client_time_refused"
    waited = made["received_at"] - made["client_time"]
    assert (waited[refused] > pd.Timedelta(CLIENT_EARLIEST)).all()
    assert (made["occurred_at"][refused] == made["received_at"][refused]).all()
    assert 30 < refused.sum() < 1_000
    late = (waited > pd.Timedelta(days=1)) & ~refused
    assert 0.004 < late.mean() < 0.03
    assert (made["occurred_at"][late] == made["client_time"][late]).all()


def test_some_coordinates_are_in_gcj02_and_some_of_them_do_not_say_so(made: pd.DataFrame) -> None:
    says = made[made["datum"] == "gcj02"]
    assert 0.05 < len(says) / len(made) < 0.4
    lng, lat = to_wgs84(says["lng"].to_numpy(), says["lat"].to_numpy(), Datum.GCJ02)
    back = away_m(pd.Series(lng), pd.Series(lat), says["true_lng"], says["true_lat"])
    assert back.max() < 0.5
    silent = made[made["datum"] == "wgs84"]
    off = away_m(silent["lng"], silent["lat"], silent["true_lng"], silent["true_lat"])
    wrong = off > 1
    assert 0.002 < wrong.mean() < 0.03
    assert 350 < np.median(off[wrong]) < 600


def test_a_few_lie_outside_the_city(made: pd.DataFrame) -> None:
    inside = shapely.contains_xy(drawn.outline(), made["true_lng"], made["true_lat"])
    assert 0.001 < (~inside).mean() < 0.02


def test_they_come_through_several_channels(made: pd.DataFrame) -> None:
    share = made["channel"].value_counts(normalize=True)
    assert (
        set(share.index) == {"web", "contributor", "staff", "hotline", "program"} <= set(CHANNELS)
    )
    assert share.min() > 0.01
    assert (made["accuracy_m"].notna() == made["channel"].isin(["web", "contributor"])).all()


def test_what_is_new_is_open_and_what_is_old_is_done(made: pd.DataFrame) -> None:
    assert set(made["state"]) <= set(CASE_STATES) - {"historic"}
    age = NOW - made["received_at"]
    is_open = ~made["state"].isin(["closed", "rejected", "merged"])
    assert is_open[age < timedelta(hours=6)].mean() > 0.8
    assert is_open[age > timedelta(days=60)].mean() < 0.01
    assert 250 < is_open.sum() < 1_500
    assert made["state"][is_open].nunique() == 8
    to_dispatch = made["state"].isin(["received", "registered"])
    assert age[to_dispatch].max() < timedelta(days=2)


def test_urgency_goes_by_category(made: pd.DataFrame, profile: CityProfile) -> None:
    urgent = made["urgency"] == "urgent"
    always = {c.code for c in profile.categories if c.urgency == "urgent"}
    assert urgent[made["category"].isin(always)].all()
    others = urgent[~made["category"].isin(always)]
    assert 0.005 < others.mean() < 0.1


def test_most_reports_have_words_of_their_category(made: pd.DataFrame) -> None:
    said = made[made["description"] != ""]
    assert 0.5 < len(said) / len(made) < 0.9
    assert said["description"].str.len().max() < 40
    assert set(of(said, "street_light")["description"]).isdisjoint(
        of(said, "garbage")["description"]
    )


@pytest.mark.parametrize("seed", [SEED, 2])
def test_the_seed_makes_the_reports(
    seed: int, made: pd.DataFrame, places: Places, told: list[Story], profile: CityProfile
) -> None:
    urgencies = {category.code: category.urgency for category in profile.categories}
    again = generate_reports(places, told, urgencies, seed=seed, now=NOW)
    assert again.equals(made) == (seed == SEED)


def test_an_hour_later_the_same_reports_are_there_and_some_more(
    made: pd.DataFrame, places: Places, told: list[Story], profile: CityProfile
) -> None:
    urgencies = {category.code: category.urgency for category in profile.categories}
    later = generate_reports(places, told, urgencies, seed=SEED, now=NOW + timedelta(hours=1))
    assert len(made) < len(later) < len(made) + 100
    kept = ["id", "lng", "lat", "category", "channel", "received_at", "description"]
    assert later.loc[: len(made) - 1, kept].equals(made[kept])
