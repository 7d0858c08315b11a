"""What gets worse in the part of a city that a viewer sees, looked for once and kept."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import shapely

from api.analysis.asking import Viewpoint
from api.analysis.finding_sentences import CommunityPlace, finding_sentence
from api.analysis.regions import shape_of_grids
from api.analysis.told import Told
from api.known_categories import KnownCategories, known_categories
from api.locators import Locator
from api.request_transaction import RequestTransaction
from api.service import Service
from gis.city_cases import CityCases
from gis.findings import Finding, Findings, Lack, find
from gis.store.case_blocks import CaseColumns, cases_of
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.newest_change import NewestChange, newest_change
from gis.store.succession import outline_of_version

KEPT_S = 600.0
"""Findings are of weeks: a report of now makes none, and a live city has one every second."""
KEPT_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class PlacedFinding:
    """A finding with the community of today that it lies in, and its sentence."""

    finding: Finding
    community: CommunityPlace | None
    told: Told


@dataclass(frozen=True, slots=True)
class CityFindings:
    """What was found on a day of the city's calendar; ``lack`` says why nothing can be."""

    as_of: np.datetime64
    tests: float
    found: Sequence[PlacedFinding]
    lack: Lack | None
    withheld: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """All that decides what is found but for the cases themselves."""

    seen: CaseFilter
    day: np.datetime64
    version_id: int | None


class KeptFindings:
    """What was found in a process lately; one looks at a time.

    An answer holds until something changed, and ten minutes at least.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Question, tuple[NewestChange, float, CityFindings]]
        self._kept = OrderedDict()
        self.looking = asyncio.Lock()

    def get(self, question: Question, newest: NewestChange) -> CityFindings | None:
        """The answer kept, if it still holds."""
        if question not in self._kept:
            return None
        change, at, found = self._kept[question]
        return found if change == newest or self._clock() < at + KEPT_S else None

    def keep(self, question: Question, newest: NewestChange, found: CityFindings) -> None:
        """Keep an answer, found from cases as new as ``newest`` or newer."""
        self._kept[question] = newest, self._clock(), found
        self._kept.move_to_end(question)
        while len(self._kept) > KEPT_ANSWERS:
            self._kept.popitem(last=False)


async def findings_of(
    service: Service, kept: KeptFindings, asked: RequestTransaction, viewpoint: Viewpoint
) -> CityFindings:
    """What stands out today of the cases a viewer sees, sensitive categories left out.

    Takes 1.4 s of a processor for 73,000 cases, 20 s for a million; off the event loop, and
    without a connection of the pool.
    """
    tx = await asked.begun()
    question, _ = await _question(service, tx, viewpoint)
    if found := kept.get(question, await newest_change(tx)):
        return found
    # Nobody waits for a connection while somebody else looks.
    await asked.end()
    async with kept.looking:
        tx = await asked.begun()
        question, today = await _question(service, tx, viewpoint)
        newest = await newest_change(tx)
        if found := kept.get(question, newest):
            return found
        known = await known_categories(tx, service.profile)
        withheld = tuple(sorted(viewpoint.scope.sensitive))
        if today is None:
            return CityFindings(question.day, 0.0, (), "no_cases", withheld)
        outline = await _outline(tx, today, viewpoint.scope.grids)
        cases = await cases_of(tx, question.seen)
        await asked.end()
        local = _local(viewpoint, service.profile.zone)
        looked = await asyncio.to_thread(_look, cases, outline, local, service.profile.zone)
        placed = [_placed(each, today, known, question.day) for each in looked.found]
        found = CityFindings(question.day, looked.tests, placed, looked.lack, withheld)
        kept.keep(question, newest, found)
    return found


async def _question(
    service: Service, tx: Transaction, viewpoint: Viewpoint
) -> tuple[Question, Locator | None]:
    located = await service.locators.at(tx, viewpoint.now)
    today = located[0] if located else None
    scope = viewpoint.scope
    seen = scope.narrowed(CaseFilter(hidden=tuple(sorted(scope.sensitive))))
    day = _local(viewpoint, service.profile.zone).astype("M8[D]")
    return Question(seen, day, None if today is None else today.version.id), today


async def _outline(
    tx: Transaction, today: Locator, grids: frozenset[int] | None
) -> shapely.Geometry:
    if grids is not None:
        return shape_of_grids(today, grids)
    return await outline_of_version(tx, today.version.id)


def _local(viewpoint: Viewpoint, zone: ZoneInfo) -> np.datetime64:
    return np.datetime64(viewpoint.now.astimezone(zone).replace(tzinfo=None), "s")


def _look(
    cases: CaseColumns, outline: shapely.Geometry, now: np.datetime64, zone: ZoneInfo
) -> Findings:
    category = cases.category.astype(np.int64)
    occurred = cases.local_times(zone)
    known = CityCases(category, cases.categories, cases.lng, cases.lat, occurred)
    return find(known, outline, now)


def _placed(
    finding: Finding, today: Locator, known: KnownCategories, day: np.datetime64
) -> PlacedFinding:
    grid = today.index.locate_one(finding.lng, finding.lat).grid
    community = None
    if grid is not None:
        row = today.grids.iloc[grid]
        community = CommunityPlace(row["community"], row["community_name"], row["township_name"])
    category = known.get(finding.category)
    told = finding_sentence(finding, Told(category.zh, category.en), community, day)
    return PlacedFinding(finding, community, told)
