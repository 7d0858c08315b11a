"""A change in words: both counts, how much with its interval, and whether it is one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from api.analysis.change_sentence import ChangeFacts, change_sentence
from gis.patterns.change import change


def facts(before: int, after: int, **more: float) -> ChangeFacts:
    days = {"before_days": 28.0, "after_days": 28.0} | more
    found = change(
        before, after, before_exposure=days["before_days"], after_exposure=days["after_days"]
    )
    ratio, low, high, p = (float(each[0]) for each in (found.ratio, found.low, found.high, found.p))
    return ChangeFacts(
        before, after, days["before_days"], days["after_days"], True, ratio, low, high, p
    )


@pytest.mark.parametrize(
    ("before", "after", "zh", "en"),
    [
        (
            802,
            838,
            "28 天共 838 件，此前 28 天 802 件，+4 %（95 % 区间 −5 % 至 +15 %）：没有明显变化。",
            "838 cases in 28 days, 802 in the 28 days before: +4 % (95 % interval −5 % to +15 %),"
            " no clear change.",
        ),
        (
            50,
            90,
            "28 天共 90 件，此前 28 天 50 件，+80 %（95 % 区间 +26 % 至 +160 %）：确实在变坏。",
            "90 cases in 28 days, 50 in the 28 days before: +80 % (95 % interval +26 % to +160 %),"
            " really getting worse.",
        ),
        (
            90,
            50,
            "28 天共 50 件，此前 28 天 90 件，−44 %（95 % 区间 −61 % 至 −21 %）：确实在好转。",
            "50 cases in 28 days, 90 in the 28 days before: −44 % (95 % interval −61 % to −21 %),"
            " really getting better.",
        ),
        (
            10,
            40,
            "28 天共 40 件，此前 28 天 10 件，4.0 倍（95 % 区间 +97 % 至 9.0 倍）：确实在变坏。",
            "40 cases in 28 days, 10 in the 28 days before: 4.0 times (95 % interval +97 % to"
            " 9.0 times), really getting worse.",
        ),
        (
            0,
            9,
            "28 天共 9 件，此前 28 天 0 件，至少 +97 %（95 % 下限）：确实在变坏。",
            "9 cases in 28 days, 0 in the 28 days before: at least +97 % (lower bound at 95 %),"
            " really getting worse.",
        ),
        (
            9,
            0,
            "28 天共 0 件，此前 28 天 9 件，至多 −49 %（95 % 上限）：确实在好转。",
            "0 cases in 28 days, 9 in the 28 days before: at most −49 % (upper bound at 95 %),"
            " really getting better.",
        ),
        (
            100,
            100,
            "28 天共 100 件，此前 28 天 100 件，±0 %（95 % 区间 −25 % 至 +33 %）：没有明显变化。",
            "100 cases in 28 days, 100 in the 28 days before: ±0 % (95 % interval −25 % to +33 %),"
            " no clear change.",
        ),
    ],
)
def test_the_sentence_holds_both_counts_and_the_interval(
    before: int, after: int, zh: str, en: str
) -> None:
    told = change_sentence(facts(before, after))
    assert (told.zh, told.en) == (zh, en)


def test_what_cannot_be_told_is_not_told() -> None:
    few = replace(facts(1, 2), lack="too_few_cases")
    assert change_sentence(few).zh == "不足以判断：28 天共 2 件，此前 28 天 1 件。"
    assert (
        change_sentence(few).en
        == "Not enough to tell: 2 cases in 28 days, 1 in the 28 days before."
    )
    none = ChangeFacts(0, 0, 1, 1, False, np.nan, np.nan, np.nan, np.nan, "no_cases")
    assert change_sentence(none).zh == "不足以判断：1 天共 0 件，对比的 1 天 0 件。"
    assert change_sentence(none).en == (
        "Not enough to tell: 0 cases in 1 day, 0 in the 1 day it is compared with."
    )


def test_periods_of_other_lengths_and_single_cases_are_said_so() -> None:
    told = change_sentence(facts(10, 1, after_days=2.5, before_days=30.0))
    assert told.zh.startswith("2.5 天共 1 件，此前 30 天 10 件，+20 %")
    assert told.en.startswith("1 case in 2.5 days, 10 in the 30 days before: +20 %")


def test_large_numbers_are_written_so_that_they_can_be_read() -> None:
    told = change_sentence(facts(6168, 5918))
    assert told.zh.startswith("28 天共 5,918 件，此前 28 天 6,168 件，−4 %")
    assert told.en.startswith("5,918 cases in 28 days, 6,168 in the 28 days before: −4 %")
