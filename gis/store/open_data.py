"""The counts for everybody: what a release counts, storing it, reading what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, func, insert, literal, select, text, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.cells import Cells, parent_bits
from gis.store.tables.cases import SET_ASIDE_STATES, Case
from gis.store.tables.open_data import OpenCount, OpenRelease

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Release:
    """A released month (its first day): span, rules and categories; see ``OpenRelease``."""

    month: date
    from_at: datetime
    to_at: datetime
    timezone: str
    least: int
    coarsest: int
    finest: int
    wait_days: int
    categories: tuple[str, ...]
    released_at: datetime


@dataclass(frozen=True, eq=False)
class OpenRows:
    """Aligned columns in order of month, category and cell; each count is at least the minimum."""

    months: NDArray[np.datetime64]
    categories: NDArray[np.object_]
    cells: Cells
    counts: Ints

    def __len__(self) -> int:
        return len(self.cells)

    @classmethod
    def none(cls) -> OpenRows:
        """No row."""
        return cls(
            np.empty(0, "datetime64[D]"),
            np.empty(0, object),
            np.empty(0, np.uint64),
            np.empty(0, np.int64),
        )


async def lock_releases(tx: AsyncConnection) -> None:
    """Let nobody else release until the transaction ends; reading goes on."""
    await tx.execute(text("LOCK TABLE open_releases IN SHARE ROW EXCLUSIVE MODE"))


async def first_case_at(tx: AsyncConnection) -> datetime | None:
    """When the first case of the city happened."""
    found: datetime | None = (await tx.execute(select(func.min(Case.occurred_at)))).scalar_one()
    return found


async def cells_to_release(tx: AsyncConnection, release: Release) -> dict[str, Cells]:
    """By category, the cell of each case of the span of a release, at its finest resolution.

    Neither held cases nor those set aside: one that was merged counts with its target.
    """
    kept, set_ = parent_bits(release.finest)
    own = type_coerce(Case.cell, BigInteger)
    cell = own.op("&")(literal(kept, BigInteger)).op("|")(literal(set_, BigInteger)).label("cell")
    groups = (
        select(Case.category, cell, func.count().label("n"))
        .where(
            Case.category.in_(release.categories),
            Case.occurred_at >= release.from_at,
            Case.occurred_at < release.to_at,
            Case.held_at.is_(None),
            Case.state.not_in(SET_ASIDE_STATES),
        )
        .group_by(Case.category, cell)
        .subquery()
    )
    arrays = select(
        groups.c.category, func.array_agg(groups.c.cell), func.array_agg(groups.c.n)
    ).group_by(groups.c.category)
    return {
        category: np.repeat(np.array(cells, dtype=np.uint64), counts)
        for category, cells, counts in await tx.execute(arrays)
    }


async def add_release(tx: AsyncConnection, release: Release, rows: OpenRows) -> None:
    """Store a release with its rows; a trigger refuses a month's second, and rows that follow."""
    fields = {name: getattr(release, name) for name in Release.__slots__}
    await tx.execute(insert(OpenRelease).values({**fields, "categories": list(release.categories)}))
    columns = zip(rows.categories.tolist(), rows.cells.tolist(), rows.counts.tolist(), strict=True)
    if len(rows):
        await tx.execute(
            insert(OpenCount),
            [
                {"month": release.month, "category": category, "cell": cell, "count": count}
                for category, cell, count in columns
            ],
        )


async def releases(tx: AsyncConnection) -> list[Release]:
    """All that was released, by month."""
    columns = [getattr(OpenRelease, name) for name in Release.__slots__]
    rows = await tx.execute(select(*columns).order_by(OpenRelease.month))
    return [Release(**{**row, "categories": tuple(row["categories"])}) for row in rows.mappings()]


async def first_told_month(tx: AsyncConnection, categories: Sequence[str]) -> date | None:
    """The first month of which a row of these categories was told."""
    month = select(func.min(OpenCount.month)).where(OpenCount.category.in_(categories))
    found: date | None = (await tx.execute(month)).scalar_one()
    return found


async def open_rows(
    tx: AsyncConnection, first: date, last: date, categories: Sequence[str]
) -> OpenRows:
    """What was told of these categories from the month ``first`` to ``last``."""
    ordered = (
        select(OpenCount)
        .where(OpenCount.month.between(first, last), OpenCount.category.in_(categories))
        .order_by(OpenCount.month, OpenCount.category.collate("C"), OpenCount.cell)
        .subquery()
    )
    # One row of arrays, as for any counts: rows of their own take four times as long.
    arrays = select(*(func.array_agg(column) for column in ordered.c))
    kinds: tuple[Any, ...] = ("datetime64[D]", object, np.uint64, np.int64)
    columns = zip((await tx.execute(arrays)).one(), kinds, strict=True)
    return OpenRows(*(np.array(column or (), dtype=kind) for column, kind in columns))
