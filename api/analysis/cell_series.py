"""One cell step by step: its counts, what is usual for it, and what comes of both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from api.access import finest_resolution
from api.analysis.asking import Asked, Viewpoint
from api.analysis.cell_sentences import CourseFacts, course_sentence
from api.analysis.cell_trends import CellTrends, trends_of_cells
from api.analysis.kept_trends import KeptTrends
from api.analysis.regions import Regions
from api.analysis.told import Told
from api.service import Service
from gis.cells import cell_named, resolution_of
from gis.errors import BadInput
from gis.patterns.steps import Step
from gis.patterns.usual_course import UsualCourse, usual_course
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.trends import EmergingOptions


@dataclass(frozen=True, slots=True)
class CellSeries:
    """A cell among the cells of its region; ``at`` is its place there, None where none is told."""

    cell: str
    resolution: int
    trends: CellTrends
    at: int | None
    usual: UsualCourse | None
    facts: CourseFacts
    told: Told


async def series_of_cell(
    service: Service,
    regions: Regions,
    kept: KeptTrends,
    tx: Transaction,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    cell: str,
    version: str | None,
    step: Step,
    options: EmergingOptions,
) -> CellSeries:
    """Tell one cell of the cube that all cells of its resolution are classed by.

    Raises
    ------
    BadInput
        As ``counts_of``; naming the field ``of``: ``cell_invalid``, ``resolution_too_fine``,
        ``cell_outside`` for a cell that is none of the region's.
    """
    number, resolution = _cell_asked(cell, viewpoint)
    asked = Asked("cell", resolution, version)
    trends = await trends_of_cells(
        service, regions, kept, tx, viewpoint, wanted, asked, step, options
    )
    name = f"{number:x}"
    if not trends.cells:
        facts = CourseFacts(step, 0, None, lack=trends.lack)
        return CellSeries(name, resolution, trends, None, None, facts, course_sentence(facts))
    at = _position(trends.cells, name)
    usual = await asyncio.to_thread(usual_course, trends.cube.astype(float), at)
    facts = _facts(trends, at, step, options.level)
    return CellSeries(name, resolution, trends, at, usual, facts, course_sentence(facts))


def _cell_asked(name: str, viewpoint: Viewpoint) -> tuple[int, int]:
    try:
        number = cell_named(name)
    except BadInput as wrong:
        raise BadInput(wrong.code, wrong.message, field="of", value=name) from None
    resolution = resolution_of(np.array([number], dtype=np.uint64))
    finest = finest_resolution(viewpoint.account)
    if resolution > finest:
        raise BadInput(
            "resolution_too_fine",
            f"Cell {name} is of resolution {resolution}; {finest} at most.",
            field="of",
            resolution=resolution,
        )
    return number, resolution


def _position(cells: Sequence[str], name: str) -> int:
    try:
        return cells.index(name)
    except ValueError:
        raise BadInput(
            "cell_outside",
            f"Cell {name} is none of the city's, or of the area that is asked about.",
            field="of",
            value=name,
        ) from None


def _facts(trends: CellTrends, at: int, step: Step, level: float) -> CourseFacts:
    facts = CourseFacts(step, len(trends.starts), None, lack=trends.lack)
    if trends.found is None:
        return facts
    return replace(
        facts,
        class_=str(trends.found.classes[at]),
        hot=int(trends.hot(1, level)[at].sum()),
        cold=int(trends.hot(-1, level)[at].sum()),
        run=int(trends.runs(level)[at]),
    )
