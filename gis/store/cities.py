"""The one city of a schema, and the categories it knows beside its profile's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from gis.store.tables.cases import Case, Category
from gis.store.tables.journal import JournalRow
from gis.store.tables.places import City
from gis.store.tables.staff import StaffMember


@dataclass(frozen=True, slots=True)
class CityRow:
    """Code and name; ``generated`` marks a city whose data is made up."""

    code: str
    name: str
    generated: bool


async def get_city(tx: AsyncConnection) -> CityRow | None:
    """The city of this schema; None before anything was imported."""
    row = (await tx.execute(select(City.code, City.name, City.generated))).one_or_none()
    return None if row is None else CityRow(*row)


async def add_city(tx: AsyncConnection, city: CityRow) -> None:
    """Name the city; a second call with the same code changes nothing."""
    await tx.execute(
        postgresql.insert(City)
        .values(code=city.code, name=city.name, generated=city.generated)
        .on_conflict_do_nothing()
    )


async def generated_seed(tx: AsyncConnection) -> int | None:
    """The seed a made-up city was made from; None for a city of its own."""
    after = (
        await tx.execute(
            select(JournalRow.after)
            .where(JournalRow.kind == "city.generated")
            .order_by(JournalRow.id.desc())
            .limit(1)
        )
    ).scalar_one_or_none()
    return None if after is None else int(after["seed"])


async def added_categories(tx: AsyncConnection) -> dict[str, tuple[str, str]]:
    """Categories stored by an import: code → (Chinese name, English name)."""
    rows = await tx.execute(select(Category.code, Category.name_zh, Category.name_en))
    return {code: (name_zh, name_en) for code, name_zh, name_en in rows}


async def add_categories(tx: AsyncConnection, names: Mapping[str, tuple[str, str]]) -> None:
    """Store categories beside the profile's; known codes are left as they are."""
    if names:
        await tx.execute(
            postgresql.insert(Category).on_conflict_do_nothing(),
            [{"code": code, "name_zh": zh, "name_en": en} for code, (zh, en) in names.items()],
        )


async def count_staff(tx: AsyncConnection) -> int:
    """How many people answer for grids."""
    return int((await tx.execute(select(func.count()).select_from(StaffMember))).scalar_one())


async def cases_occurred(tx: AsyncConnection) -> tuple[datetime, datetime] | None:
    """The first and last instant a case occurred; None without a case.

    Two looks into an index. To count them beside it reads all of it: 0.1 to 0.3 s for a million.
    """
    found = await tx.execute(select(func.min(Case.occurred_at), func.max(Case.occurred_at)))
    ends = [instant for instant in found.one() if instant is not None]
    return (ends[0], ends[1]) if ends else None
