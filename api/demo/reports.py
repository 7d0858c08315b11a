"""A year of made-up reports for the demo city, with everything that goes wrong in real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.cases.local_time import TimeFlag
from api.cases.times import believed_time
from api.demo.habits import habit_of
from api.demo.places import Places, outside
from api.demo.rhythm import WET, Year
from api.demo.scatter import moved
from api.demo.states import drawn_states
from api.demo.stories import Story
from api.demo.words import sentences
from gis.datum import Datum, from_wgs84

REPORT_COUNT = 70_000
# Of a kind, how many days lie between two reports of the same thing: hours at most.
DUPLICATED, THIRD_SHARE, DUPLICATE_REACH_M, DUPLICATE_AFTER_H = 0.035, 0.25, 18.0, 1.6
LATE, VERY_LATE, LATE_DAYS, VERY_LATE_DAYS = 0.012, 0.003, (1.0, 6.5), (8.0, 40.0)
OUTSIDE = 0.003
RECENT_DAYS = 7
# What does not come from staff comes through these; the delay until receipt in minutes.
PUBLIC_CHANNELS = {"web": 0.47, "contributor": 0.19, "hotline": 0.3, "program": 0.04}
DELAY_MIN = {"web": 5.0, "contributor": 4.0, "hotline": 35.0, "staff": 9.0, "program": 0.5}
# Shares of coordinates in GCJ-02 that say so, and of those that say WGS84.
PHONE_GCJ02, PHONE_WRONG_DATUM = 0.35, 0.015
PHONES = ("web", "contributor")
ACCURACY_M = (6.0, 0.8)  # median and log spread of a phone's circle


@dataclass(frozen=True)
class Happened:
    """Columns of what happened, before anybody reported it: places are true, WGS84 degrees."""

    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    occurred_at: pd.DatetimeIndex
    category: NDArray[np.object_]
    story: NDArray[np.object_]


def generate_reports(
    places: Places,
    told: Sequence[Story],
    urgencies: Mapping[str, str],
    *,
    seed: int,
    now: datetime,
) -> pd.DataFrame:
    """Reports in the order of their receipt, none received after ``now``.

    Parameters
    ----------
    places, told
        Where things happen, and the stories among them.
    urgencies
        Category code → urgency of the profile; every category gets reports.
    now
        Aware, in the city's zone.

    Returns
    -------
    Columns ``id``; ``lng, lat, datum, accuracy_m`` as given; ``client_time`` (NaT where
    nobody said); ``received_at``, ``occurred_at``, ``time_flag``; ``category, channel,
    state, urgency, description``; ``story`` (its name or None), ``copy_of`` (position of the
    report of the same thing, -1 for none), ``true_lng, true_lat``.
    """
    rng = np.random.default_rng([seed, 2])
    frame = pd.DataFrame(vars(_happened(rng, places, told, list(urgencies), now)))
    frame = frame.rename(columns={"lng": "true_lng", "lat": "true_lat"})
    beyond = rng.random(len(frame)) < OUTSIDE
    frame.loc[beyond, ["true_lng", "true_lat"]] = np.column_stack(outside(rng, int(beyond.sum())))
    frame["row"], frame["copy_of"] = np.arange(len(frame)), -1
    frame = _with_duplicates(rng, frame)
    frame = _received(rng, frame)
    frame = frame.sort_values(["received_at", "row"], kind="stable").reset_index(drop=True)
    position = pd.Series(frame.index, index=frame["row"])
    frame["copy_of"] = position.reindex(frame["copy_of"]).fillna(-1).astype(int).to_numpy()
    # The first of two may be the one that is still on its way.
    on_its_way = int((frame["received_at"] > pd.Timestamp(now)).sum())
    frame.loc[frame["copy_of"] >= len(frame) - on_its_way, "copy_of"] = -1
    frame = _given(rng, frame.drop(columns="row"))
    frame["urgency"] = _urgency(rng, frame["category"], urgencies)
    age_s = (pd.Timestamp(now) - frame["received_at"]).dt.total_seconds().to_numpy()
    state = drawn_states(rng, age_s, (frame["urgency"] == "urgent").to_numpy())
    settled = age_s > RECENT_DAYS * 86_400
    frame["state"] = np.where((frame["copy_of"] >= 0) & settled, "merged", state)
    frame["description"] = sentences(rng, list(frame["category"]))
    # Cut last: no draw before depends on the hour, so an hour later the same city is made.
    frame = frame[frame["received_at"] <= pd.Timestamp(now)]
    frame.insert(0, "id", [f"demo-{seed}-{number:06d}" for number in range(1, len(frame) + 1)])
    return frame


def _happened(
    rng: np.random.Generator,
    places: Places,
    told: Sequence[Story],
    categories: Sequence[str],
    now: datetime,
) -> Happened:
    year = Year.before(now, rng)
    shares = np.array([habit_of(category).share for category in categories])
    parts = []
    for category, share in zip(categories, shares / shares.sum(), strict=True):
        habit, wet = habit_of(category), category in WET
        at = year.instants(rng, habit, round(share * REPORT_COUNT), wet=wet)
        lng, lat = places.draw(rng, habit.place, len(at))
        parts.append(pd.DataFrame({"lng": lng, "lat": lat, "occurred_at": at,
                                   "category": category, "story": None}))  # fmt: skip
    parts += [story.reports.assign(category=story.category, story=story.name) for story in told]
    frame = pd.concat([part.astype({"story": object}) for part in parts], ignore_index=True)
    return Happened(
        frame["lng"].to_numpy(float),
        frame["lat"].to_numpy(float),
        pd.DatetimeIndex(frame["occurred_at"]),
        frame["category"].to_numpy(object),
        frame["story"].to_numpy(object),
    )


def _with_duplicates(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Some things are reported twice, a few three times, by others and a little later."""
    copies = (rng.random(len(frame)) < DUPLICATED).astype(int)
    copies[copies > 0] += rng.random(int(copies.sum())) < THIRD_SHARE
    again = frame.loc[frame.index.repeat(copies)].copy()
    later = np.minimum(rng.exponential(DUPLICATE_AFTER_H, len(again)), 6.0) * 3_600
    again["occurred_at"] += pd.to_timedelta(np.floor(later), unit="s")
    again["true_lng"], again["true_lat"] = moved(
        rng, again["true_lng"].to_numpy(), again["true_lat"].to_numpy(), DUPLICATE_REACH_M
    )
    again["copy_of"] = again["row"]
    again["row"] = np.arange(len(frame), len(frame) + len(again))
    return pd.concat([frame, again], ignore_index=True)


def _received(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Through which channel and when it came in; some long after it happened."""
    by_staff = frame["category"].map(lambda category: habit_of(category).by_staff).to_numpy()
    public = rng.choice(list(PUBLIC_CHANNELS), len(frame), p=list(PUBLIC_CHANNELS.values()))
    channel = np.where(rng.random(len(frame)) < by_staff, "staff", public)
    wait_s = rng.exponential(60.0, len(frame)) * pd.Series(channel).map(DELAY_MIN).to_numpy()
    lateness = rng.random(len(frame))
    for least, share, days in ((0.0, LATE, LATE_DAYS), (LATE, VERY_LATE, VERY_LATE_DAYS)):
        late = (lateness >= least) & (lateness < least + share)
        wait_s[late] = rng.uniform(*days, int(late.sum())) * 86_400
    received = frame["occurred_at"] + pd.to_timedelta(np.floor(wait_s), unit="s")
    # Who calls the hotline says when in words: the time of the call is what is known.
    silent = channel == "hotline"
    client = frame["occurred_at"].where(~silent)
    occurred, flags = believed_time(_utc(client), _utc(received))
    words = np.array([flag.word for flag in TimeFlag], dtype=object)
    return frame.assign(
        channel=channel,
        client_time=client,
        received_at=received,
        occurred_at=pd.DatetimeIndex(occurred, tz="UTC").tz_convert(received.dt.tz),
        time_flag=words[flags],
    )


def _given(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """The coordinates as the reporter's device gave them: datum, circle, and some lies."""
    phone = frame["channel"].isin(PHONES).to_numpy()
    chance = rng.random(len(frame))
    says_gcj02 = phone & (chance < PHONE_GCJ02)
    wrong = phone & (chance >= PHONE_GCJ02) & (chance < PHONE_GCJ02 + PHONE_WRONG_DATUM)
    median_m, spread = ACCURACY_M
    accuracy = np.round(median_m * np.exp(rng.normal(0, spread, len(frame))) + 3, 1)
    lng, lat = frame["true_lng"].to_numpy(), frame["true_lat"].to_numpy()
    shifted = from_wgs84(lng, lat, Datum.GCJ02)
    is_shifted = says_gcj02 | wrong
    return frame.assign(
        lng=np.round(np.where(is_shifted, shifted[0], lng), 7),
        lat=np.round(np.where(is_shifted, shifted[1], lat), 7),
        datum=np.where(says_gcj02, Datum.GCJ02.value, Datum.WGS84.value),
        accuracy_m=np.where(phone, accuracy, np.nan),
    )


def _urgency(
    rng: np.random.Generator, category: pd.Series, urgencies: Mapping[str, str]
) -> NDArray[np.object_]:
    often = category.map(lambda code: habit_of(code).urgent or 0.0).to_numpy(float)
    by_profile = category.map(urgencies).to_numpy(object)
    raised = rng.random(len(category)) < often
    return np.where(raised | (by_profile == "urgent"), "urgent", "normal").astype(object)


def _utc(column: pd.Series) -> NDArray[np.datetime64]:
    found: NDArray[np.datetime64] = (
        column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    )
    return found
