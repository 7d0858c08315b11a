"""What a cell is in time, in a sentence made of facts alone.

The sentence names how many steps stand out and what that comes to; where nothing can be told it
says so, and why.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.analysis.told import Told
from gis.patterns.steps import Step
from gis.patterns.time_classes import NONE
from gis.trends import LEAST_STEPS

# Of time: "12 周", "6 个月"; "week", "weeks".
_ZH: dict[Step, str] = {"day": "天", "week": "周", "month": "个月"}
_ZH_ONE: dict[Step, str] = {"day": "一天", "week": "一周", "month": "一个月"}
_ZH_EACH: dict[Step, str] = {"day": "每天", "week": "每周", "month": "每月"}

_SIDE = {
    "hot": Told("显著偏高", "significantly high"),
    "cold": Told("显著偏低", "significantly low"),
}
_OTHER = {"hot": "cold", "cold": "hot"}

# What follows "11 of the last 12 weeks significantly high": more of what it is, or less.
_COURSE = {
    "intensifying-hot": Told("且在上升：加剧", "rising: intensifying"),
    "intensifying-cold": Told("且在下降：加深", "falling: intensifying"),
    "persistent-hot": Told("没有明显升降：持续", "no clear rise or fall: persistent"),
    "persistent-cold": Told("没有明显升降：持续", "no clear rise or fall: persistent"),
    "diminishing-hot": Told("但在下降：消退", "but falling: diminishing"),
    "diminishing-cold": Told("但在回升：消退", "but rising: diminishing"),
    "sporadic-hot": Told("时有时无：零星", "on and off: sporadic"),
    "sporadic-cold": Told("时有时无：零星", "on and off: sporadic"),
}


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A cell's course in time.

    Parameters
    ----------
    steps
        How many steps were looked at.
    class_
        One of ``gis.patterns.time_classes.CLASSES``; None where ``lack`` says why there is none.
    hot, cold
        In how many of the steps the cell is significantly so.
    run
        How many of the last steps are hot without a break; below zero how many cold.
    """

    step: Step
    steps: int
    class_: str | None
    hot: int = 0
    cold: int = 0
    run: int = 0
    lack: str | None = None


def course_sentence(facts: CourseFacts) -> Told:
    """Say what the cell is, e.g. "11 of the last 12 weeks …, rising: intensifying."."""
    if facts.class_ is None:
        return _lack_sentence(facts)
    if facts.class_ == NONE:
        return _nothing_now(facts)
    kind, _, side = facts.class_.partition("-")
    times, other = (facts.hot, facts.cold) if side == "hot" else (facts.cold, facts.hot)
    match kind:
        case "new":
            return _new(facts, side, other)
        case "consecutive":
            return _consecutive(facts, side, other)
        case "oscillating":
            return _oscillating(facts, side, times, other)
        case "historical":
            return _historical(facts, side, times)
    so, course = _so_often(facts, side, times), _COURSE[facts.class_]
    return Told(f"{so.zh}，{course.zh}。", f"{so.en}, {course.en}.")


def _new(facts: CourseFacts, side: str, other: int) -> Told:
    before = _before(facts, side, other)
    zh = f"近 {_zh(facts, facts.steps)}中只有最近{_ZH_ONE[facts.step]}{_SIDE[side].zh}"
    en = f"Only the last of {_en(facts, facts.steps)} {_SIDE[side].en}"
    return Told(f"{zh}{before.zh}：新增。", f"{en}{before.en}: new.")


def _consecutive(facts: CourseFacts, side: str, other: int) -> Told:
    run = abs(facts.run)
    before = _before(facts, side, other) if other else Told("，此前没有", ", none before")
    zh = f"近 {_zh(facts, facts.steps)}中最近 {_zh(facts, run)}连续{_SIDE[side].zh}"
    en = f"The last {run} of {_en(facts, facts.steps)} {_SIDE[side].en}"
    return Told(f"{zh}{before.zh}：连续。", f"{en}{before.en}: consecutive.")


def _before(facts: CourseFacts, side: str, other: int) -> Told:
    if not other:
        return Told("", "")
    word = _SIDE[_OTHER[side]]
    ones = "one" if other == 1 else "ones"
    return Told(f"，此前有 {_zh(facts, other)}{word.zh}", f", {other} earlier {ones} {word.en}")


def _oscillating(facts: CourseFacts, side: str, times: int, other: int) -> Told:
    so, word = _so_often(facts, side, times), _SIDE[_OTHER[side]]
    return Told(
        f"{so.zh}，包括最近{_ZH_ONE[facts.step]}，另有 {_zh(facts, other)}{word.zh}：波动。",
        f"{so.en}, the last one too, {other} {word.en}: oscillating.",
    )


def _historical(facts: CourseFacts, side: str, times: int) -> Told:
    so = _so_often(facts, side, times)
    word = "偏高" if side == "hot" else "偏低"
    zh = f"{so.zh}，最近{_ZH_ONE[facts.step]}已不是：曾经{word}。"
    return Told(zh, f"{so.en}, but not the last one: historical.")


def _nothing_now(facts: CourseFacts) -> Told:
    all_zh, all_en = _zh(facts, facts.steps), _en(facts, facts.steps)
    if not facts.hot and not facts.cold:
        return Told(
            f"近 {all_zh}中没有{_ZH_ONE[facts.step]}显著偏高或偏低：没有明显变化。",
            f"None of the last {all_en} significantly high or low: no clear change.",
        )
    both = [(n, _SIDE[side]) for n, side in ((facts.hot, "hot"), (facts.cold, "cold")) if n]
    zh = "、".join(f"{_zh(facts, n)}{word.zh}" for n, word in both)
    neither = "都不是" if len(both) > 1 else "不是"
    (first, word), *rest = both
    en = f"{first} of the last {all_en} {word.en}"
    en += "".join(f", {n} {word.en}" for n, word in rest)
    return Told(
        f"近 {all_zh}中有 {zh}，最近{_ZH_ONE[facts.step]}{neither}：现在不突出。",
        f"{en}, but not the last one: nothing stands out now.",
    )


def _so_often(facts: CourseFacts, side: str, times: int) -> Told:
    word = _SIDE[side]
    return Told(
        f"近 {_zh(facts, facts.steps)}中有 {_zh(facts, times)}{word.zh}",
        f"{times} of the last {_en(facts, facts.steps)} {word.en}",
    )


def _lack_sentence(facts: CourseFacts) -> Told:
    reasons = {
        "no_cases": Told("没有事件", "there are no cases"),
        "too_few_cases": Told("事件太少", "there are too few cases"),
        "all_equal": Told(
            f"各处{_ZH_EACH[facts.step]}都一样多",
            f"all places have the same count every {facts.step}",
        ),
        "too_few_places": Told("范围内不到 3 个格子", "the area has fewer than 3 cells"),
        "too_few_steps": _too_few_steps(facts),
    }
    reason = reasons[facts.lack or "no_cases"]
    return Told(f"不足以判断：{reason.zh}。", f"Not enough to tell: {reason.en}.")


def _too_few_steps(facts: CourseFacts) -> Told:
    least = _en(facts, LEAST_STEPS)
    if not facts.steps:
        return Told(
            f"没有满{_ZH_ONE[facts.step]}，至少要 {_zh(facts, LEAST_STEPS)}",
            f"no whole {facts.step}, at least {least} are needed",
        )
    return Told(
        f"只有 {_zh(facts, facts.steps)}，至少要 {_zh(facts, LEAST_STEPS)}",
        f"only {_en(facts, facts.steps)}, at least {LEAST_STEPS} are needed",
    )


def _zh(facts: CourseFacts, count: int) -> str:
    return f"{count} {_ZH[facts.step]}"


def _en(facts: CourseFacts, count: int) -> str:
    return f"{count} {facts.step}{'' if count == 1 else 's'}"
