"""What the player sends follows the rhythm of the hour, the same for the same seed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice, pairwise, takewhile

from api.demo.habits import HABITS
from api.demo.places import Places
from api.demo.player import PlayedReport, daily_reports, play
from tests.api.demo.conftest import NOW, SEED

CATEGORIES = list(HABITS)


def played(places: Places, start: datetime, hours: int) -> list[PlayedReport]:
    until = start + timedelta(hours=hours)
    return list(
        takewhile(lambda one: one.at < until, play(places, CATEGORIES, seed=SEED, start=start))
    )


def test_a_played_day_is_as_busy_as_a_day_of_the_year(places: Places) -> None:
    """Of a Poisson process: within five deviations of what the rates sum to."""
    day = NOW.replace(hour=0, minute=0)
    expected = sum(
        sum(daily_reports(CATEGORIES, day + timedelta(hours=hour)).values()) / 24
        for hour in range(24)
    )
    assert 120 < expected < 400
    count = len(played(places, day, 24))
    assert abs(count - expected) < 5 * expected**0.5


def test_the_night_is_quieter_than_the_day(places: Places) -> None:
    night = played(places, NOW.replace(hour=2, minute=0), 3)
    noon = played(places, NOW.replace(hour=9, minute=0), 3)
    assert len(noon) > 3 * len(night)


def test_reports_come_in_order_and_are_what_the_intake_takes(places: Places) -> None:
    some = list(islice(play(places, CATEGORIES, seed=SEED, start=NOW), 200))
    assert all(a.at <= b.at for a, b in pairwise(some))
    assert some[0].at > NOW
    for one in some:
        assert set(one.body) == {"lng", "lat", "datum", "category", "description", "accuracy"}
    assert {one.body["datum"] for one in some} == {"wgs84", "gcj02"}


def test_the_same_seed_and_start_play_the_same(places: Places) -> None:
    one, again = (
        list(islice(play(places, CATEGORIES, seed=SEED, start=NOW), 50)) for _ in range(2)
    )
    other = list(islice(play(places, CATEGORIES, seed=2, start=NOW), 50))
    assert one == again != other
