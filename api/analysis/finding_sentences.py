"""A finding in a sentence made of its facts: what, where, since when, how many against how many."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from api.analysis.told import Told
from gis.city_cases import Plane
from gis.findings import Finding
from gis.patterns.scan_windows import Block

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = (
    "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays",
)  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAY_SETS = {
    (0, 1, 2, 3, 4): Told("工作日", "on workdays"),
    (5, 6): Told("周末", "on weekends"),
    (0, 1, 2, 3, 4, 5, 6): Told("每天", "every day"),
}


@dataclass(frozen=True, slots=True)
class CommunityPlace:
    """A community of today with the name of its township."""

    code: str
    name: str
    township: str


def finding_sentence(
    finding: Finding, category: Told, community: CommunityPlace | None, today: np.datetime64
) -> Told:
    """Say a finding plainly; ``today`` decides whether a year is told."""
    since, times = _since(finding.since, today), _times(finding)
    where, hours = _where(community), _hours(finding.block)
    match finding.kind:
        case "returning":
            return Told(
                f"{where.zh}：{category.zh}总在{hours.zh}出现，{since.zh}{times.zh}。确实不是偶然。",
                f"{where.en}: {category.en} comes back {hours.en}: {since.en} {times.en}."
                " This is not by chance.",
            )
        case "wandering":
            moved = _moved(finding)
            return Told(
                f"{category.zh}在移动，最近到了{where.zh}：{since.zh}{times.zh}，"
                f"移动了 {moved.zh}。确实不是偶然。",
                f"{category.en} is moving, lastly to {where.en}: {since.en} {times.en}; it moved"
                f" {moved.en}. This is not by chance.",
            )
    then = Told(f"{hours.zh}的", f", {hours.en},") if finding.block else Told("", "")
    return Told(
        f"{where.zh}：{then.zh}{category.zh}增多，{since.zh}{times.zh}。确实在变坏。",
        f"{where.en}: {category.en}{then.en} is growing: {since.en} {times.en}."
        " It is getting worse.",
    )


def _since(day: np.datetime64 | None, today: np.datetime64) -> Told:
    if day is None:
        return Told("一直以来", "all along")
    date = day.astype("M8[D]").item()
    zh, en = f"{date.month} 月 {date.day} 日", f"{date.day} {_MONTHS[date.month - 1]}"
    if date.year != today.astype("M8[D]").item().year:
        zh, en = f"{date.year} 年 {zh}", f"{en} {date.year}"
    return Told(f"{zh}以来", f"since {en}")


def _times(finding: Finding) -> Told:
    weeks, cases = len(finding.by_week), finding.cases
    of_weeks = f"{cases:,} case{_s(cases)} in {weeks} week{_s(weeks)}"
    if finding.expected < 0.95:
        return Told(
            f" {weeks} 周 {cases:,} 件，按往常不到 1 件",
            f"{of_weeks}, fewer than 1 was to be expected",
        )
    usual = round(finding.expected)
    verb = "was" if usual == 1 else "were"
    return Told(
        f" {weeks} 周 {cases:,} 件，按往常约 {usual:,} 件",
        f"{of_weeks}, about {usual:,} {verb} to be expected",
    )


def _where(community: CommunityPlace | None) -> Told:
    if community is None:
        return Told("社区以外", "outside all communities")
    return Told(f"{community.township}{community.name}", f"{community.name}, {community.township}")


def _hours(block: Block | None) -> Told:
    if block is None:
        return Told("", "")
    days = _DAY_SETS.get(block.days) or Told(
        "、".join(f"周{_WEEKDAYS_ZH[day]}" for day in block.days),
        "on " + " and ".join(_WEEKDAYS_EN[day] for day in block.days),
    )
    if block.hours == 24:
        return days
    first, last = block.from_hour, last_hour(block)
    return Told(f"{days.zh} {first}–{last} 时", f"{days.en} {first}:00–{last}:00")


def last_hour(block: Block) -> int:
    """The hour a block ends at, 1 to 24; below its first it is past midnight."""
    return (block.from_hour + block.hours - 1) % 24 + 1


def _moved(finding: Finding) -> Told:
    way = np.array(finding.way)
    x_m, y_m = Plane(*finding.way[0]).to_metres(*way.T)
    moved_m = math.hypot(x_m[-1], y_m[-1])
    if moved_m < 1_000:
        return Told(f"{moved_m:.0f} 米", f"{moved_m:.0f} m")
    return Told(f"{moved_m / 1_000:.1f} 公里", f"{moved_m / 1_000:.1f} km")


def _s(count: int) -> str:
    return "" if count == 1 else "s"
