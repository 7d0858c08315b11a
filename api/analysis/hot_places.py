"""The hot cells of a period joined to places, with what a leader asks of each."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from api.analysis.asking import Asked, Viewpoint, region_of, seen_of, version_meant
from api.analysis.cell_hotspots import hotspots_of_region
from api.analysis.cell_trends import MOST_BINS, tested_in_time
from api.analysis.compared_periods import Compared
from api.analysis.hot_place_figures import PlaceFigures, figures_of_places
from api.analysis.regions import Regions
from api.analysis.spans import Spans
from api.service import Service
from gis.cells import CellRegion, middles, names
from gis.errors import BadInput
from gis.hot_places import HotPlace, hot_places
from gis.hotspots import Hotspots
from gis.patterns.steps import Step, Steps
from gis.patterns.time_classes import Variant
from gis.store.case_counts import ByCell, BySpan, count_by
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.versions import version_chain
from gis.trends import EmergingOptions, course_of

MOST_PLACES = 50


@dataclass(frozen=True, slots=True)
class Look:
    """With how many rings of neighbours to look, how many steps back, by which definition."""

    k: int
    step: Step
    steps: int
    variant: Variant = "esri-new"


@dataclass(frozen=True, slots=True)
class PlaceFound:
    """A hot place: what it is in time, and its figures; ``peak`` is a number in the region.

    ``lng`` and ``lat`` are the peak's middle in degrees. ``by_step`` are the cases of all of its
    cells.
    """

    peak: int
    peak_name: str
    cells: Sequence[str]
    lng: float
    lat: float
    class_in_time: str | None
    by_step: Sequence[int]
    figures: PlaceFigures


@dataclass(frozen=True, slots=True)
class HotPlaces:
    """The hot places of a period, strongest first, and what is known of all cells.

    ``starts`` are the first days of the steps.
    """

    version: int | None
    compared: Compared
    found: Hotspots
    starts: Sequence[str]
    places: Sequence[PlaceFound]
    withheld: Sequence[str]


async def hot_places_of(
    service: Service,
    regions: Regions,
    tx: Transaction,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    asked: Asked,
    look: Look,
) -> HotPlaces:
    """Find the hot cells of a filter's period, and join those that lie side by side.

    Raises
    ------
    BadInput
        As ``counts_of``; ``window_missing``, ``window_empty``, ``window_too_long``,
        ``steps_too_many``.
    """
    compared = Compared.of(wanted, (None, None), viewpoint.now)
    period = compared.after
    narrowed = await seen_of(service, tx, viewpoint, wanted, asked)
    seen, resolution = narrowed.cases, asked.resolution or 0
    version = version_meant(await version_chain(tx), asked, viewpoint.now)
    if version is None:
        region = CellRegion(np.empty(0, np.uint64), np.empty(0), resolution)
    else:
        region = await region_of(service, regions, tx, viewpoint, seen, version, resolution)
    steps = Steps.ending(period.last_day, look.steps, look.step)
    _check_size(len(region.cells), steps.count)
    spans = Spans.of(steps, period, compared.before)
    counted = await count_by(tx, spans.narrowed(seen), ByCell(resolution), BySpan(spans.edges))
    cube = spans.cube(region, counted)
    now = spans.within(cube, period)
    found, places = await asyncio.to_thread(_hot, now, region, look.k)
    told: list[PlaceFound] = []
    if places:
        (today,) = await service.locators.at(tx, viewpoint.now)
        before = spans.within(cube, compared.before)
        figures = await figures_of_places(
            tx, seen, today, compared, viewpoint.now, region, places, (before, now)
        )
        by_step = spans.by_step(cube)
        told = await asyncio.to_thread(
            _told, region, places, by_step, figures, EmergingOptions(look.variant)
        )
    return HotPlaces(
        None if version is None else version.number,
        compared,
        found,
        [str(day) for day in steps.starts],
        told,
        narrowed.withheld,
    )


def _check_size(cells: int, steps: int) -> None:
    if cells * steps > MOST_BINS:
        raise BadInput(
            "steps_too_many",
            f"{cells:,} cells in {steps} steps are too many; choose fewer steps or a coarser"
            " resolution.",
            field="steps",
            steps=steps,
        )


def _hot(now: NDArray[np.int64], region: CellRegion, k: int) -> tuple[Hotspots, list[HotPlace]]:
    beside = region.rings(1)
    neighbours = beside if k == 1 else region.rings(k)
    found = hotspots_of_region(now.astype(float), region, neighbours)
    return found, hot_places(found, beside)[:MOST_PLACES]


def _told(
    region: CellRegion,
    places: Sequence[HotPlace],
    by_step: NDArray[np.int64],
    figures: Sequence[PlaceFigures],
    options: EmergingOptions,
) -> list[PlaceFound]:
    in_time, _ = tested_in_time(by_step, region, options)
    peaks = region.cells[[place.peak for place in places]]
    lng, lat = middles(peaks)
    named = names(peaks)
    return [
        PlaceFound(
            place.peak,
            named[at],
            names(region.cells[place.cells]),
            float(lng[at]),
            float(lat[at]),
            None if in_time is None else course_of(in_time, place.cells, options).word,
            by_step[place.cells].sum(axis=0).tolist(),
            figures[at],
        )
        for at, place in enumerate(places)
    ]
