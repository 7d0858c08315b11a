"""Made-up people for the demo city: about 16,800 in the six roles, posted where they work.

"1 + 3 + N" a grid: a lead, a worker, and liaisons and micro-grid leads; people of
departments stationed in communities, others on call in the township's command room.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np

from api.demo.person_names import person_names
from api.demo.roster import roster
from gis.store.staff import Post

STAFF_COUNT = 16_800
STATIONED, ON_CALL = 360, 180
LIAISONS_PER_GRID = (2, 3)
# Posts that are open: grids without a worker (their lead answers), and without either.
WITHOUT_WORKER, WITHOUT_LEAD_EITHER = 0.045, 0.018
ASSIGNED_SINCE_DAYS = 400

Areas = Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class GeneratedStaff:
    """Names by staff code, standing assignments, duties."""

    names: dict[str, str]
    assignments: list[Post]
    duties: list[Post]


@dataclass(slots=True)
class Posted:
    """Who is posted where, before they have names: (staff code, role, area) in order."""

    posts: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, code: str, role: str, area: str) -> None:
        """Post one person."""
        self.posts.append((code, role, area))

    def at(self, role: str) -> dict[str, list[str]]:
        """Staff codes of a role by area."""
        found: dict[str, list[str]] = {}
        for code, has, area in self.posts:
            if has == role:
                found.setdefault(area, []).append(code)
        return found


def generate_staff(
    grids: gpd.GeoDataFrame, areas: Areas, *, seed: int, now: datetime, zone: ZoneInfo
) -> GeneratedStaff:
    """Staff for a GridFrame; ``areas`` maps codes to (level, id), ``now`` is aware."""
    rng = np.random.default_rng([seed, 1])
    posted = _posted(rng, grids)
    names = person_names(rng, len(posted.posts))
    since = now - timedelta(days=ASSIGNED_SINCE_DAYS)
    duties = roster(
        rng,
        grids,
        {role: posted.at(role) for role in ("worker", "micro_lead", "liaison", "on_call")},
        today=now.astimezone(zone).date(),
        zone=zone,
    )
    return GeneratedStaff(
        {code: name for (code, _, _), name in zip(posted.posts, names, strict=True)},
        [Post(code, role, *areas[area], since, None) for code, role, area in posted.posts],
        [Post(d.staff, d.role, *areas[d.area], d.start, d.end) for d in duties],
    )


def _posted(rng: np.random.Generator, grids: gpd.GeoDataFrame) -> Posted:
    posted = Posted()
    townships = sorted(grids["township"].unique())
    communities = sorted(grids["community"].unique())
    codes = list(grids["code"])
    for at in range(ON_CALL):
        township = townships[at % len(townships)]
        posted.add(f"T{township}{at // len(townships) + 1:02d}", "on_call", township)
    for at in range(STATIONED):
        community = communities[at % len(communities)]
        posted.add(f"S{community}{at // len(communities) + 1}", "stationed", community)
    vacancy = rng.random(len(codes))
    for code, chance in zip(codes, vacancy, strict=True):
        if chance >= WITHOUT_LEAD_EITHER:
            posted.add(f"L{code}", "grid_lead", code)
        if chance >= WITHOUT_WORKER:
            posted.add(f"W{code}", "worker", code)
    for code, count in zip(codes, rng.integers(*LIAISONS_PER_GRID, len(codes), endpoint=True),
                           strict=True):  # fmt: skip
        for number in range(1, count + 1):
            posted.add(f"C{code}{number}", "liaison", code)
    # The rest are micro-grid leads, a few more in some grids than in others.
    left = STAFF_COUNT - len(posted.posts)
    share = rng.gamma(12, 1 / 12, len(codes)).cumsum()
    upto = np.rint(share / share[-1] * left).astype(int)
    for code, first, last in zip(codes, np.append(0, upto[:-1]), upto, strict=True):
        for number in range(1, last - first + 1):
            posted.add(f"M{code}{number:02d}", "micro_lead", code)
    return posted
