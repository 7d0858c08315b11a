"""Cells in time are computed once for the same question and data, and kept within bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from api.analysis.cell_trends import CellTrends
from api.analysis.kept_trends import KeptTrends, TrendsKey
from api.analysis.regions import Ground
from gis.store.case_filter import CaseFilter
from gis.store.newest_change import NewestChange
from gis.store.versions import Version
from gis.trends import EmergingOptions

TODAY = np.datetime64("2026-11-22", "D")
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
GROUND = Ground(Version(1, 1, NOON, None, b""))


def key(resolution: int = 8, newest: int = 1) -> TrendsKey:
    seen = CaseFilter(categories=("garbage",))
    change = NewestChange(newest, newest)
    return TrendsKey(change, TODAY, seen, (), GROUND, resolution, "week", EmergingOptions())


class Making:
    """Makes cubes of 80 kB, and counts them."""

    def __init__(self) -> None:
        self.made = 0

    async def __call__(self) -> CellTrends:
        self.made += 1
        days, none = np.empty(0, dtype="datetime64[D]"), np.zeros(0, dtype=np.int64)
        cube = np.full((100, 100), self.made)
        return CellTrends([], 1, days, None, cube, none, None, "no_cases")


async def test_the_same_question_of_the_same_data_is_answered_once() -> None:
    kept, making = KeptTrends(), Making()
    first = await kept.of(key(), making)
    assert await kept.of(key(), making) is first
    assert await kept.of(key(9), making) is not first
    assert await kept.of(key(newest=2), making) is not first
    assert making.made == 3


@pytest.mark.parametrize(
    "other",
    [
        {"today": TODAY + 1},
        {"seen": CaseFilter(categories=("noise",))},
        {"withheld": ("neighbour_dispute",)},
        {"ground": replace(GROUND, grids=frozenset({1}))},
        {"ground": Ground(Version(2, 2, NOON, None, b""))},
        {"step": "month"},
        {"options": EmergingOptions("esri-old")},
    ],
    ids=lambda other: " ".join(other),
)
async def test_whatever_else_is_asked_is_another_question(other: dict[str, Any]) -> None:
    kept, making = KeptTrends(), Making()
    first = await kept.of(key(), making)
    assert await kept.of(replace(key(), **other), making) is not first


async def test_those_asked_for_last_are_kept_and_what_is_too_large_is_not() -> None:
    kept, making = KeptTrends(most_bytes=200_000), Making()
    for resolution in (6, 7, 6, 8, 6):
        await kept.of(key(resolution), making)
    assert making.made == 3
    await kept.of(key(7), making)
    assert making.made == 4
    small, making = KeptTrends(most_bytes=79_999), Making()
    for _ in range(2):
        await small.of(key(), making)
    assert making.made == 2
