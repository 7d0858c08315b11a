"""Sums of released rows by cell, against h3's own parents and plain loops."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import h3
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.cells import names
from gis.patterns.open_counts import OpenRules, open_counts
from gis.patterns.open_sums import OpenSums, OpenTables, open_sums
from tests.gis.patterns.test_open_counts import ROOT, month_of_cases

GROUND = np.array([h3.str_to_int(cell) for cell in h3.grid_disk(ROOT, 1)], dtype=np.uint64)


@dataclass(frozen=True)
class Row:
    """A released row, with the number and the coarsest resolution of its table."""

    table: int
    coarsest: int
    cell: str
    count: int


def released(seed: int, mean: float, tables: int) -> tuple[list[Row], OpenTables]:
    """Tables cut by rules of their own, as rows and as columns."""
    rng = np.random.default_rng(seed)
    rows, rules = [], []
    for table in range(tables):
        rule = OpenRules(5, int(rng.integers(6, 8)), 8)
        rules.append(rule.coarsest)
        cut = open_counts(month_of_cases(seed + table, mean), rule)
        rows += [
            Row(table, rule.coarsest, cell, count)
            for cell, count in zip(names(cut.cells), cut.counts.tolist(), strict=True)
        ]
    columns = OpenTables(
        np.array([h3.str_to_int(row.cell) for row in rows], dtype=np.uint64),
        np.array([row.count for row in rows], dtype=np.int64),
        np.array([row.table for row in rows], dtype=np.int64),
        np.array(rules, dtype=np.int64),
    )
    return rows, columns


def lies_in(cell: str, whole: str) -> bool:
    resolution = h3.get_resolution(whole)
    return bool(
        h3.get_resolution(cell) >= resolution and h3.cell_to_parent(cell, resolution) == whole
    )


def tells_all_of(rows: list[Row], table: int, coarsest: int, cell: str) -> bool:
    """Whether every part of a cell lies in a largest cell that holds a row of the table."""
    whole = {h3.cell_to_parent(row.cell, coarsest) for row in rows if row.table == table}
    if h3.get_resolution(cell) >= coarsest:
        return h3.cell_to_parent(cell, coarsest) in whole
    return set(h3.cell_to_children(cell, coarsest)) <= whole


def shown(sums: OpenSums) -> dict[str, tuple[int, int]]:
    pairs = zip(sums.counts.tolist(), sums.tables.tolist(), strict=True)
    return dict(zip(names(sums.cells), pairs, strict=True))


@given(
    seed=st.integers(0, 2**32 - 1),
    mean=st.floats(0.05, 4),
    tables=st.integers(1, 4),
    finest=st.integers(6, 8),
)
@settings(max_examples=settings().max_examples // 3)
def test_each_row_lies_in_one_cell_whose_count_is_the_sum_of_its_rows(
    seed: int, mean: float, tables: int, finest: int
) -> None:
    rows, columns = released(seed, mean, tables)
    base = int(columns.coarsest.min())
    ground = GROUND if base == 6 else np.empty(0, np.uint64)
    found = shown(open_sums(columns, ground, max(finest, base)))
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        (whole,) = [cell for cell in found if lies_in(row.cell, cell)]
        sums[whole] += row.count
    assert {cell: count for cell, (count, _) in found.items()} == {
        cell: sums.get(cell, 0) for cell in found
    }
    for cell, (_, told) in found.items():
        assert told == sum(
            tells_all_of(rows, table, int(coarsest), cell)
            for table, coarsest in enumerate(columns.coarsest)
        )


@given(seed=st.integers(0, 2**32 - 1), mean=st.floats(0.05, 4), tables=st.integers(1, 3))
@settings(max_examples=settings().max_examples // 4)
def test_cells_share_no_ground_cover_it_and_are_as_small_as_the_rows_let_them(
    seed: int, mean: float, tables: int
) -> None:
    rows, columns = released(seed, mean, tables)
    if int(columns.coarsest.min()) != 6:
        return
    found = list(shown(open_sums(columns, GROUND, 8)))
    leaves = [leaf for cell in found for leaf in h3.cell_to_children(cell, 8)]
    wholes = {*names(GROUND), *(h3.cell_to_parent(row.cell, 6) for row in rows)}
    wanted = [leaf for cell in wholes for leaf in h3.cell_to_children(cell, 8)]
    assert sorted(leaves) == sorted(wanted)
    for cell in found:
        finer = [row for row in rows if row.cell != cell and lies_in(row.cell, cell)]
        assert not finer or any(row.cell == cell for row in rows)


def test_without_any_table_the_ground_is_shown_and_nothing_of_it_told() -> None:
    none = np.empty(0, np.int64)
    found = open_sums(OpenTables(np.empty(0, np.uint64), none, none, none), GROUND, 8)
    assert sorted(found.cells.tolist()) == sorted(GROUND.tolist())
    assert not found.counts.any()
    assert not found.tables.any()
