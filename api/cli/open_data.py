"""``wangge open-data``: what everybody may know of a city's cases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from api.cli.open_city import open_city
from api.cli.output import AsJson, counted, result
from api.open_data.months import month_named, name_of
from api.open_data.releasing import release_months
from gis.errors import BadInput
from gis.store.engine import transaction

ACTOR = "command"

open_data_app = typer.Typer(help="Counts for everybody.", add_completion=False)


@open_data_app.callback()
def _group() -> None:
    """Keep the name of the one command there is."""


@open_data_app.command("release")
def release(
    month: Annotated[
        str | None, typer.Option(help="YYYY-MM; default all that are over and not released.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Release the counts of months that are over; each once and for good."""
    only = None if month is None else month_named(month)
    if month is not None and only is None:
        raise BadInput("month_invalid", f"--month {month!r} is no YYYY-MM.", option="--month")
    asyncio.run(_release(only, as_json=as_json))


async def _release(only: date | None, *, as_json: bool) -> None:
    async with open_city() as city, transaction(city.engine) as tx:
        found = await release_months(
            tx, city.profile, actor=ACTOR, now=datetime.now(UTC), only=only
        )
    rows = sum(count for _, count in found)
    result(
        {"released": [{"month": name_of(month), "rows": count} for month, count in found]},
        as_json=as_json,
        words=f"{counted(len(found), 'month')} released, with {counted(rows, 'row')}.",
    )
