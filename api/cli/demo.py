"""``wangge demo``: fill an empty city with a generated one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.open_city import open_city
from api.cli.output import AsJson, progress, result
from api.demo.load import load_demo
from api.locators import Locators
from gis.errors import Conflict
from gis.store.cities import get_city
from gis.store.engine import transaction


def demo(
    seed: Annotated[int, typer.Option(help="Same seed, same city.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Fill an empty city with made-up data; do nothing where it is loaded."""
    asyncio.run(_demo(seed, as_json=as_json))


async def _demo(seed: int, *, as_json: bool) -> None:
    async with open_city(create=True) as city:
        async with transaction(city.engine) as tx:
            there = await get_city(tx)
        if there is not None and not there.generated:
            raise Conflict(
                "city_has_data",
                f"City {there.code} ({there.name}) holds data of its own;"
                " set WANGGE_CITY to another code for the demo.",
                city=there.code,
            )
        if there is None:
            locators = Locators(nearest_m=city.profile.nearest_m, metric=city.profile.metric_crs)
            with progress("Making the demo city", None) as bar:
                await load_demo(
                    city.engine,
                    city.profile,
                    locators,
                    code=city.settings.city,
                    seed=seed,
                    now=datetime.now(UTC),
                    on_step=bar,
                )
    result(
        {"city": city.settings.city, "loaded": there is None},
        as_json=as_json,
        words="The demo city is loaded." if there is None else "The demo city was loaded before.",
    )
