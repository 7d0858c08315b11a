"""How much the cases of a period differ from those of another, in a sentence with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from api.analysis.told import Told

SURE = 0.05
"""Largest p of a change that is called one."""

# From so many times on a percentage is no longer read.
_TIMES = 3.0

WORSE = Told("确实在变坏", "really getting worse")
BETTER = Told("确实在好转", "really getting better")
SAME = Told("没有明显变化", "no clear change")


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """Two periods and what came of them.

    Parameters
    ----------
    before, after
        Cases of each.
    before_days, after_days
        How long each was.
    is_just_before
        Whether the one ended where the other began.
    ratio, low, high, p
        As of ``gis.patterns.change``; ``lack`` says why nothing can be told of them.
    """

    before: int
    after: int
    before_days: float
    after_days: float
    is_just_before: bool
    ratio: float
    low: float
    high: float
    p: float
    lack: str | None = None


def change_sentence(facts: ChangeFacts) -> Told:
    """Say both counts, the change with its interval, and whether it is one."""
    zh_before = "此前" if facts.is_just_before else "对比的"
    en_before = "before" if facts.is_just_before else "it is compared with"
    after_days, before_days = _days(facts.after_days), _days(facts.before_days)
    zh = f"{after_days.zh}共 {facts.after:,} 件，{zh_before} {before_days.zh} {facts.before:,} 件"
    cases = f"{facts.after:,} case{'' if facts.after == 1 else 's'}"
    en = f"{cases} in {after_days.en}, {facts.before:,} in the {before_days.en} {en_before}"
    if facts.lack is not None:
        return Told(f"不足以判断：{zh}。", f"Not enough to tell: {en}.")
    how, verdict = _how_much(facts), _verdict(facts)
    return Told(f"{zh}，{how.zh}：{verdict.zh}。", f"{en}: {how.en}, {verdict.en}.")


def _verdict(facts: ChangeFacts) -> Told:
    if facts.p > SURE:
        return SAME
    return WORSE if facts.ratio > 1 else BETTER


def _how_much(facts: ChangeFacts) -> Told:
    low, high = _change(facts.low), _change(facts.high)
    if not math.isfinite(facts.high):
        return Told(f"至少 {low.zh}（95 % 下限）", f"at least {low.en} (lower bound at 95 %)")
    if facts.after == 0:
        return Told(f"至多 {high.zh}（95 % 上限）", f"at most {high.en} (upper bound at 95 %)")
    ratio = _change(facts.ratio)
    return Told(
        f"{ratio.zh}（95 % 区间 {low.zh} 至 {high.zh}）",
        f"{ratio.en} (95 % interval {low.en} to {high.en})",
    )


def _change(ratio: float) -> Told:
    """A ratio of rates as people say it: +9 %, −40 %, 3.2 times."""
    if ratio >= _TIMES:
        return Told(f"{ratio:.1f} 倍", f"{ratio:.1f} times")
    percent = round(100 * (ratio - 1))
    # With a true minus, which stands on the height of the plus.
    sign = "+" if percent > 0 else "\N{MINUS SIGN}" if percent < 0 else "±"
    told = f"{sign}{abs(percent)} %"
    return Told(told, told)


def _days(days: float) -> Told:
    number = f"{days:,.0f}" if abs(days - round(days)) < 0.05 else f"{days:,.1f}"
    return Told(f"{number} 天", f"{number} day{'' if number == '1' else 's'}")
