"""What a cell is in time, in words: each class, each reason, both languages, any number."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.analysis.cell_sentences import CourseFacts, course_sentence
from gis.patterns.steps import STEPS, Step
from gis.patterns.time_classes import CLASSES, VARIANTS, Variant, classify, run_at_end

WEEKS = CourseFacts("week", 12, None)
SAID = {
    "new-hot": (
        {"hot": 1, "run": 1},
        "近 12 周中只有最近一周显著偏高：新增。",
        "Only the last of 12 weeks significantly high: new.",
    ),
    "consecutive-hot": (
        {"hot": 3, "run": 3},
        "近 12 周中最近 3 周连续显著偏高，此前没有：连续。",
        "The last 3 of 12 weeks significantly high, none before: consecutive.",
    ),
    "intensifying-hot": (
        {"hot": 11, "run": 6},
        "近 12 周中有 11 周显著偏高，且在上升：加剧。",
        "11 of the last 12 weeks significantly high, rising: intensifying.",
    ),
    "persistent-hot": (
        {"hot": 11, "run": 6},
        "近 12 周中有 11 周显著偏高，没有明显升降：持续。",
        "11 of the last 12 weeks significantly high, no clear rise or fall: persistent.",
    ),
    "diminishing-hot": (
        {"hot": 12, "run": 12},
        "近 12 周中有 12 周显著偏高，但在下降：消退。",
        "12 of the last 12 weeks significantly high, but falling: diminishing.",
    ),
    "sporadic-hot": (
        {"hot": 4, "run": 1},
        "近 12 周中有 4 周显著偏高，时有时无：零星。",
        "4 of the last 12 weeks significantly high, on and off: sporadic.",
    ),
    "oscillating-hot": (
        {"hot": 2, "cold": 1, "run": 1},
        "近 12 周中有 2 周显著偏高，包括最近一周，另有 1 周显著偏低：波动。",
        "2 of the last 12 weeks significantly high, the last one too, 1 significantly low:"
        " oscillating.",
    ),
    "historical-hot": (
        {"hot": 11},
        "近 12 周中有 11 周显著偏高，最近一周已不是：曾经偏高。",
        "11 of the last 12 weeks significantly high, but not the last one: historical.",
    ),
    "new-cold": (
        {"cold": 1, "hot": 1, "run": -1},
        "近 12 周中只有最近一周显著偏低，此前有 1 周显著偏高：新增。",
        "Only the last of 12 weeks significantly low, 1 earlier one significantly high: new.",
    ),
    "consecutive-cold": (
        {"cold": 2, "hot": 3, "run": -2},
        "近 12 周中最近 2 周连续显著偏低，此前有 3 周显著偏高：连续。",
        "The last 2 of 12 weeks significantly low, 3 earlier ones significantly high: consecutive.",
    ),
    "intensifying-cold": (
        {"cold": 12, "run": -12},
        "近 12 周中有 12 周显著偏低，且在下降：加深。",
        "12 of the last 12 weeks significantly low, falling: intensifying.",
    ),
    "persistent-cold": (
        {"cold": 11, "run": -4},
        "近 12 周中有 11 周显著偏低，没有明显升降：持续。",
        "11 of the last 12 weeks significantly low, no clear rise or fall: persistent.",
    ),
    "diminishing-cold": (
        {"cold": 11, "run": -4},
        "近 12 周中有 11 周显著偏低，但在回升：消退。",
        "11 of the last 12 weeks significantly low, but rising: diminishing.",
    ),
    "sporadic-cold": (
        {"cold": 2, "run": -1},
        "近 12 周中有 2 周显著偏低，时有时无：零星。",
        "2 of the last 12 weeks significantly low, on and off: sporadic.",
    ),
    "oscillating-cold": (
        {"cold": 3, "hot": 2, "run": -2},
        "近 12 周中有 3 周显著偏低，包括最近一周，另有 2 周显著偏高：波动。",
        "3 of the last 12 weeks significantly low, the last one too, 2 significantly high:"
        " oscillating.",
    ),
    "historical-cold": (
        {"cold": 11},
        "近 12 周中有 11 周显著偏低，最近一周已不是：曾经偏低。",
        "11 of the last 12 weeks significantly low, but not the last one: historical.",
    ),
    "none": (
        {},
        "近 12 周中没有一周显著偏高或偏低：没有明显变化。",
        "None of the last 12 weeks significantly high or low: no clear change.",
    ),
}


@pytest.mark.parametrize("class_", CLASSES)
def test_every_class_has_its_sentence(class_: str) -> None:
    facts, zh, en = SAID[class_]
    told = course_sentence(replace(WEEKS, class_=class_, **facts))  # type: ignore[arg-type]
    assert (told.zh, told.en) == (zh, en)


def test_a_cell_that_was_something_and_is_nothing_now_is_not_called_unchanged() -> None:
    was = course_sentence(CourseFacts("month", 6, "none", hot=1, cold=2))
    assert was.zh == "近 6 个月中有 1 个月显著偏高、2 个月显著偏低，最近一个月都不是：现在不突出。"
    assert was.en == (
        "1 of the last 6 months significantly high, 2 significantly low, but not the last one:"
        " nothing stands out now."
    )
    was = course_sentence(CourseFacts("day", 30, "none", cold=2))
    assert was.zh == "近 30 天中有 2 天显著偏低，最近一天不是：现在不突出。"


@pytest.mark.parametrize(
    ("step", "steps", "lack", "zh", "en"),
    [
        ("week", 0, "no_cases", "没有事件", "there are no cases"),
        ("week", 9, "too_few_cases", "事件太少", "there are too few cases"),
        ("day", 1, "too_few_steps", "只有 1 天，至少要 5 天", "only 1 day, at least 5 are needed"),
        (
            "week",
            3,
            "too_few_steps",
            "只有 3 周，至少要 5 周",
            "only 3 weeks, at least 5 are needed",
        ),
        (
            "month",
            0,
            "too_few_steps",
            "没有满一个月，至少要 5 个月",
            "no whole month, at least 5 months are needed",
        ),
        (
            "month",
            7,
            "all_equal",
            "各处每月都一样多",
            "all places have the same count every month",
        ),
        ("week", 9, "too_few_places", "范围内不到 3 个格子", "the area has fewer than 3 cells"),
    ],
)
def test_every_reason_for_no_class_is_said(
    step: Step, steps: int, lack: str, zh: str, en: str
) -> None:
    told = course_sentence(CourseFacts(step, steps, None, lack=lack))
    assert told.zh == f"不足以判断：{zh}。"
    assert told.en == f"Not enough to tell: {en}."


@given(
    signs=st.lists(st.integers(-1, 1), min_size=5, max_size=15),
    trend=st.sampled_from([-3.0, 0.0, 3.0]),
    variant=st.sampled_from(VARIANTS),
    step=st.sampled_from(STEPS),
)
def test_whatever_a_cell_was_the_figures_of_its_sentence_are_its_own(
    signs: list[int], trend: float, variant: Variant, step: Step
) -> None:
    row = np.array([signs], dtype=np.int8)
    z, p = np.array([trend]), np.array([0.001 if trend else 1.0])
    (class_,) = classify(row, z, p, variant, level=0.05)
    hot, cold = row == 1, row == -1
    run = int(run_at_end(hot)[0] - run_at_end(cold)[0])
    facts = CourseFacts(step, len(signs), class_, int(hot.sum()), int(cold.sum()), run)
    told = course_sentence(facts)
    known = {len(signs), int(hot.sum()), int(cold.sum()), abs(run)}
    for text in (told.zh, told.en):
        assert {int(number) for number in re.findall(r"\d+", text)} <= known
        assert str(len(signs)) in text
    # Whoever stands out now is never said not to, and the other way round.
    is_out = signs[-1] != 0
    assert ("not the last" in told.en or "None of" in told.en) <= (not is_out)
    assert is_out <= ("nothing stands out" not in told.en and "no clear change" not in told.en)
    assert not re.search(r"\b1 (days|weeks|months)\b|[2-9] (day|week|month)\b", told.en)
