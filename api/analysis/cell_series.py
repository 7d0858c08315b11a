"""Some cells that are one place, step by step: their counts, what is usual, what comes of both."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

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
from gis.store.case_filter import MOST_CELLS, CaseFilter
from gis.store.engine import Transaction
from gis.trends import Course, EmergingOptions, course_of

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CellSeries:
    """Cells of one resolution among the cells of their region, taken for one place.

    ``at`` are their rows there, none where nothing is told; ``counts`` are summed over them.
    """

    cells: tuple[str, ...]
    resolution: int
    trends: CellTrends
    at: Ints
    counts: Ints
    usual: UsualCourse | None
    course: Course | None
    facts: CourseFacts
    told: Told


async def series_of_cells(
    service: Service,
    regions: Regions,
    kept: KeptTrends,
    tx: Transaction,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    of: Sequence[str],
    version: str | None,
    step: Step,
    options: EmergingOptions,
) -> CellSeries:
    """Tell some cells of the cube that all cells of their resolution are classed by.

    Raises
    ------
    BadInput
        As ``counts_of``; naming the field ``of``: ``cell_invalid``, ``resolution_too_fine``,
        ``cell_outside`` for a cell that is none of the region's, ``resolutions_mixed``,
        ``too_many_cells``.
    """
    names_, resolution = _cells_asked(of, viewpoint)
    asked = Asked("cell", resolution, version)
    trends = await trends_of_cells(
        service, regions, kept, tx, viewpoint, wanted, asked, step, options
    )
    if not trends.cells:
        facts, none = CourseFacts(step, 0, None, lack=trends.lack), np.zeros(0, dtype=np.int64)
        told = course_sentence(facts)
        return CellSeries(names_, resolution, trends, none, none, None, None, facts, told)
    at = _positions(trends.cells, names_)
    usual = await asyncio.to_thread(_usual, trends.cube.astype(float), at)
    course = None if trends.found is None else course_of(trends.found, at, options)
    facts = _facts(trends, course, step)
    counts = trends.cube[at].sum(axis=0)
    told = course_sentence(facts)
    return CellSeries(names_, resolution, trends, at, counts, usual, course, facts, told)


def _usual(cube: NDArray[np.float64], at: Ints) -> UsualCourse:
    if len(at) == 1:
        return usual_course(cube, int(at[0]))
    others = np.delete(cube, at, axis=0)
    return usual_course(np.vstack([others, cube[at].sum(axis=0)]), len(others))


def _cells_asked(of: Sequence[str], viewpoint: Viewpoint) -> tuple[tuple[str, ...], int]:
    if not 0 < len(of) <= MOST_CELLS:
        raise BadInput(
            "too_many_cells" if of else "cell_missing",
            f"of must name 1 to {MOST_CELLS} cells, not {len(of)}.",
            field="of",
        )
    asked = [_cell_asked(name, viewpoint) for name in of]
    resolutions = sorted({resolution for _, resolution in asked})
    if len(resolutions) > 1:
        raise BadInput(
            "resolutions_mixed",
            "The cells of one place are of one resolution, not of"
            f" {' and '.join(map(str, resolutions))}.",
            field="of",
        )
    return tuple(dict.fromkeys(f"{number:x}" for number, _ in asked)), resolutions[0]


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


def _positions(cells: Sequence[str], asked: Sequence[str]) -> Ints:
    known = {name: at for at, name in enumerate(cells)}
    for name in asked:
        if name not in known:
            raise BadInput(
                "cell_outside",
                f"Cell {name} is none of the city's, or of the area that is asked about.",
                field="of",
                value=name,
            )
    return np.array([known[name] for name in asked])


def _facts(trends: CellTrends, course: Course | None, step: Step) -> CourseFacts:
    facts = CourseFacts(step, len(trends.starts), None, lack=trends.lack)
    if course is None:
        return facts
    return replace(
        facts,
        class_=course.word,
        hot=int((course.signs == 1).sum()),
        cold=int((course.signs == -1).sum()),
        run=course.run,
    )
