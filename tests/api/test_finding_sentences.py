"""A finding in words: what, where, since when, how many against how many, in both languages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from api.analysis.finding_sentences import CommunityPlace, finding_sentence, last_hour
from api.analysis.told import Told
from gis.findings import Finding
from gis.patterns.scan_windows import Block

TODAY = np.datetime64("2026-11-23", "D")
PARKING = Told("违章停车", "Illegal parking")
COMMUNITY = CommunityPlace("c1", "古塘社区", "浒山街道")
GROWING = Finding(
    category="parking",
    kind="growing",
    lng=121.2,
    lat=30.1,
    reach_m=80.0,
    since=np.datetime64("2026-09-29", "D"),
    last=TODAY,
    block=None,
    cases=45,
    occasions=44,
    expected=8.7,
    by_week=(2, 3, 4, 5, 6, 7, 8, 10),
    way=(),
    p=1e-5,
)


def test_what_grows_is_said_to_get_worse() -> None:
    told = finding_sentence(GROWING, PARKING, COMMUNITY, TODAY)
    assert told.zh == (
        "浒山街道古塘社区：违章停车增多，9 月 29 日以来 8 周 45 件，按往常约 9 件。确实在变坏。"
    )
    assert told.en == (
        "古塘社区, 浒山街道: Illegal parking is growing: since 29 September 45 cases in 8 weeks,"
        " about 9 were to be expected. It is getting worse."
    )


def test_what_returns_is_said_with_its_hours() -> None:
    weekend = replace(GROWING, kind="returning", block=Block((5, 6), 8, 2), expected=0.4)
    told = finding_sentence(weekend, PARKING, COMMUNITY, TODAY)
    assert "违章停车总在周末 8–10 时出现" in told.zh
    assert "按往常不到 1 件。确实不是偶然。" in told.zh
    assert "comes back on weekends 8:00–10:00: since 29 September" in told.en
    assert "fewer than 1 was to be expected" in told.en


def test_what_wanders_is_said_with_how_far_it_came() -> None:
    # A hundredth of a degree of latitude is 1,112 m.
    way = ((121.2, 30.10), (121.2, 30.104), (121.2, 30.11))
    wandering = replace(GROWING, kind="wandering", way=way)
    told = finding_sentence(wandering, PARKING, COMMUNITY, TODAY)
    assert "违章停车在移动，最近到了浒山街道古塘社区" in told.zh
    assert "移动了 1.1 公里" in told.zh
    assert "it moved 1.1 km" in told.en
    told = finding_sentence(replace(wandering, way=way[:2]), PARKING, COMMUNITY, TODAY)
    assert "移动了 445 米" in told.zh


@pytest.mark.parametrize(
    ("block", "zh", "en"),
    [
        (Block((2,), 22, 4), "周三 22–2 时的", ", on Wednesdays 22:00–2:00,"),
        (Block((0, 1, 2, 3, 4), 18, 6), "工作日 18–24 时的", ", on workdays 18:00–24:00,"),
        (Block(tuple(range(7)), 0, 8), "每天 0–8 时的", ", every day 0:00–8:00,"),
        (Block((5, 6), 0, 24), "周末的", ", on weekends,"),
    ],
)
def test_hours_are_said_as_people_say_them(block: Block, zh: str, en: str) -> None:
    told = finding_sentence(replace(GROWING, block=block), PARKING, COMMUNITY, TODAY)
    assert f"{zh}违章停车增多" in told.zh
    assert f"Illegal parking{en} is growing" in told.en
    assert 1 <= last_hour(block) <= 24


def test_one_is_no_plural_and_what_is_unknown_is_not_made_up() -> None:
    one = replace(GROWING, cases=1, by_week=(1,), expected=1.2, since=None)
    told = finding_sentence(one, PARKING, None, TODAY)
    assert told.zh == "社区以外：违章停车增多，一直以来 1 周 1 件，按往常约 1 件。确实在变坏。"
    assert "all along 1 case in 1 week, about 1 was to be expected" in told.en
    assert told.en.startswith("outside all communities: ")


def test_a_day_of_another_year_is_told_with_its_year() -> None:
    told = finding_sentence(GROWING, PARKING, COMMUNITY, np.datetime64("2027-02-01", "D"))
    assert "2026 年 9 月 29 日以来" in told.zh
    assert "since 29 September 2026" in told.en
