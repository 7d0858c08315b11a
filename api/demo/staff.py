"""Made-up people for the demo city: a worker and a lead a grid, duties around now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np

from gis.store.staff import Post

SURNAMES = "陈王张李沈周徐孙朱胡郑史吴黄谢鲁韩杨施诸"
GIVEN = (
    "建国", "志强", "海波", "丽萍", "晓东", "雪芬", "永康", "美娟", "国平", "小燕", "立群", "亚萍",
    "伟民", "秋月", "大维", "文静", "利锋", "春梅", "世杰", "红霞", "明远", "佩芳", "泽民", "素珍",
    "一鸣", "爱华", "少军", "云飞", "惠君", "炳南",
)  # fmt: skip
ASSIGNED_SINCE_DAYS = 400
DUTY_DAYS_BEFORE, DUTY_DAYS_AFTER = 3, 7
# A grid's worker is on duty by day; at night the community answers, then the township.
DAY_SHIFT = (time(8), time(20))


@dataclass(frozen=True, slots=True)
class GeneratedStaff:
    """Names by staff code, standing assignments, duties."""

    names: dict[str, str]
    assignments: list[Post]
    duties: list[Post]


def generate_staff(
    grids: gpd.GeoDataFrame,
    areas: Mapping[str, tuple[str, int]],
    *,
    seed: int,
    now: datetime,
    zone: ZoneInfo,
) -> GeneratedStaff:
    """Staff for a GridFrame; ``areas`` maps codes to (level, id), ``now`` is aware."""
    rng = np.random.default_rng([seed, 1])
    made = GeneratedStaff({}, [], [])
    since = now - timedelta(days=ASSIGNED_SINCE_DAYS)
    today = now.astimezone(zone).date()
    days = [
        today + timedelta(days=offset) for offset in range(-DUTY_DAYS_BEFORE, DUTY_DAYS_AFTER + 1)
    ]

    def hire(kind: str, area: str) -> str:
        code = f"{kind}{area}"
        made.names[code] = str(rng.choice(list(SURNAMES))) + str(rng.choice(GIVEN))
        return code

    def assign(code: str, role: str, area: str) -> None:
        level, area_id = areas[area]
        made.assignments.append(Post(code, role, level, area_id, since, None))

    def put_on_duty(code: str, role: str, area: str, hours: tuple[time, time] | None) -> None:
        level, area_id = areas[area]
        for day in days:
            start = datetime.combine(day, hours[0] if hours else time(0), zone)
            end = datetime.combine(
                day if hours else day + timedelta(days=1), hours[1] if hours else time(0), zone
            )
            made.duties.append(Post(code, role, level, area_id, start, end))

    for township in sorted(grids["township"].unique()):
        put_on_duty(hire("T", township), "on_call", township, None)
    for community, members in grids.groupby("community", sort=True):
        lead = hire("L", str(community))
        put_on_duty(hire("C", str(community)), "liaison", str(community), None)
        for grid in members["code"]:
            worker = hire("W", str(grid))
            assign(worker, "worker", str(grid))
            assign(lead, "grid_lead", str(grid))
            put_on_duty(worker, "worker", str(grid), DAY_SHIFT)
    return made
