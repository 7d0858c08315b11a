"""The cases of a period against those of the period before, by one key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from api.analysis.areas import AREA_COLUMNS, Level
from api.analysis.asking import Asked, By, Seen, Viewpoint, seen_of
from api.analysis.change_sentence import SURE, ChangeFacts, change_sentence
from api.analysis.compared_periods import Compared, whole_steps
from api.analysis.told import Told
from api.service import Service
from gis.patterns.change import Change, change
from gis.patterns.dispersion import dispersions_of_rows
from gis.patterns.false_discovery import benjamini_hochberg
from gis.store.case_counts import BySpan, ByTodaysGrid, ByWord, Key, Word, count_by
from gis.store.case_filter import CaseFilter
from gis.store.engine import Transaction
from gis.store.tables.cases import CASE_KINDS, CHANNELS

ChangeBy = Literal["all", "grid", "community", "township", "category", "kind", "channel"]
ALL = "all"
Lack = Literal["no_cases", "too_few_cases"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CaseChange:
    """Counts of both periods by key, and what came of them; aligned lists.

    ``lacks`` is ``no_cases``, or ``too_few_cases`` where not even all of them in one of the
    periods would be a change; else None. ``told`` is a sentence of all cases together.
    """

    periods: Compared
    keys: Sequence[str]
    before: Ints
    after: Ints
    changed: Change
    q: Floats
    phi: Floats
    lacks: Sequence[Lack | None]
    told: Told | None
    withheld: tuple[str, ...]


async def change_of(
    service: Service,
    tx: Transaction,
    viewpoint: Viewpoint,
    wanted: CaseFilter,
    by: ChangeBy,
    compared_with: tuple[datetime | None, datetime | None],
) -> CaseChange:
    """Compare the filter's period with another, by default as many days just before.

    Areas are those of the boundary version in force, in both periods. What is still to come of a
    period had no chance to have a case: it is no part of its length.

    Raises
    ------
    BadInput
        As ``counts_of``; ``window_missing``, ``window_empty``, ``window_too_long``,
        ``periods_overlap``.
    """
    periods = Compared.of(wanted, compared_with, viewpoint.now)
    asked = Asked("kind" if by == ALL else cast("By", by))
    narrowed = await seen_of(service, tx, viewpoint, wanted, asked)
    steps = [whole_steps(each, viewpoint.now) for each in (periods.before, periods.after)]
    ends = [(each.start, each.stop) for each in (periods.before, periods.after)]
    edges = tuple(sorted({edge for pair in (*ends, *steps[0], *steps[1]) for edge in pair}))
    both = replace(narrowed.cases, occurred_from=edges[0], occurred_to=edges[-1])
    table = await _table(service, tx, viewpoint, narrowed, both, by, edges)
    return await asyncio.to_thread(
        _told, periods, table, edges, ends, steps, narrowed.withheld, by == ALL
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """Cases by key and span between the edges."""

    keys: Sequence[str]
    counts: Ints


async def _table(
    service: Service,
    tx: Transaction,
    viewpoint: Viewpoint,
    narrowed: Seen,
    both: CaseFilter,
    by: ChangeBy,
    edges: tuple[datetime, ...],
) -> _Table:
    spans, span = len(edges) - 1, BySpan(edges)
    key: Key
    if by in AREA_COLUMNS:
        found = await count_by(tx, both, ByTodaysGrid(), span)
        located = await service.locators.at(tx, viewpoint.now)
        if not located:
            return _Table((), np.zeros((0, spans), dtype=np.int64))
        (today,) = located
        grids = viewpoint.scope.grids
        told = np.isin(today.grid_ids, list(grids)) if grids is not None else slice(None)
        areas = today.grids[AREA_COLUMNS[cast("Level", by)]].to_numpy(str)[told]
        area_of = pd.Series(areas, index=today.grid_ids[told])
        keys = np.unique(areas).tolist()
        known = np.isin(found.keys[0], area_of.index)
        rows = area_of.reindex(found.keys[0][known]).to_numpy(str)
    elif by == ALL:
        found = await count_by(tx, both, span)
        keys, rows = [ALL], np.full(len(found.counts), ALL)
        known = np.ones(len(found.counts), dtype=np.bool_)
    else:
        key = ByWord(cast("Word", by))
        found = await count_by(tx, both, key, span)
        keys = _words(by, narrowed)
        known = np.isin(found.keys[0].astype(str), keys)
        rows = found.keys[0][known].astype(str)
    counts = np.zeros((len(keys), spans), dtype=np.int64)
    at = pd.Index(keys).get_indexer(rows)
    np.add.at(counts, (at, found.keys[-1][known] - 1), found.counts[known])
    return _Table(keys, counts)


def _words(by: ChangeBy, narrowed: Seen) -> list[str]:
    if by == "category":
        return [code for code in narrowed.categories if code not in narrowed.cases.hidden]
    return list(CASE_KINDS if by == "kind" else CHANNELS)


def _told(
    periods: Compared,
    table: _Table,
    edges: tuple[datetime, ...],
    ends: list[tuple[datetime, datetime]],
    steps: list[list[tuple[datetime, datetime]]],
    withheld: tuple[str, ...],
    is_all: bool,
) -> CaseChange:
    summed = np.concatenate(
        [np.zeros((len(table.keys), 1), np.int64), table.counts.cumsum(axis=1)], axis=1
    )
    position = {edge: at for at, edge in enumerate(edges)}

    def within(pair: tuple[datetime, datetime]) -> Ints:
        found: Ints = summed[:, position[pair[1]]] - summed[:, position[pair[0]]]
        return found

    before, after = within(ends[0]), within(ends[1])
    by_step = [within(pair) for pair in (*steps[0], *steps[1])]
    group = [0] * len(steps[0]) + [1] * len(steps[1])
    phi = np.ones(len(table.keys))
    if by_step:
        phi = dispersions_of_rows(np.array(by_step).T, np.ones(len(group)), group)
    days = {"before_exposure": periods.before_days, "after_exposure": periods.after_days}
    changed = change(before, after, phi=phi, **days)
    # All of them in one of the periods is the most that could be seen.
    none, total = np.zeros(len(before)), before + after
    most = np.minimum(
        change(none, total, phi=phi, **days).p, change(total, none, phi=phi, **days).p
    )
    lacks: list[Lack | None] = [
        "no_cases" if lack else "too_few_cases" if least > SURE else None
        for lack, least in zip(changed.lack, most, strict=True)
    ]
    found = CaseChange(
        periods,
        table.keys,
        before,
        after,
        changed,
        benjamini_hochberg(changed.p),
        phi,
        lacks,
        None,
        withheld,
    )
    return replace(found, told=change_sentence(_facts(found))) if is_all else found


def _facts(found: CaseChange) -> ChangeFacts:
    periods, changed = found.periods, found.changed
    return ChangeFacts(
        int(found.before[0]),
        int(found.after[0]),
        periods.before_days,
        periods.after_days,
        periods.before.stop == periods.after.start,
        float(changed.ratio[0]),
        float(changed.low[0]),
        float(changed.high[0]),
        float(changed.p[0]),
        found.lacks[0],
    )
