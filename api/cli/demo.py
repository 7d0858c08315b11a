"""``wangge demo``: fill an empty city with a generated one, and play it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from api.cli.open_city import open_city
from api.cli.output import AsJson, counted, named_steps, result
from api.demo.accounts import add_demo_accounts
from gis.errors import Conflict
from gis.store.cities import cases_occurred, count_staff, get_city
from gis.store.engine import transaction

DEFAULT_SEED = 1


def demo(
    seed: Annotated[int, typer.Option(help="Same seed, same city.")] = DEFAULT_SEED,
    live: Annotated[
        bool, typer.Option("--live", help="Then play it through the running service.")
    ] = False,
    pace: Annotated[
        float,
        typer.Option(min=0.01, max=100_000, help="Seconds played in one; 60: an hour a minute."),
    ] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Fill an empty city with made-up data; do nothing where it is loaded."""
    if not live:
        asyncio.run(_demo(seed, as_json=as_json))
        return
    # Imported here: only the player needs an HTTP client.
    from api.cli.demo_live import play_live

    asyncio.run(fill_demo(seed))
    played = asyncio.run(play_live(seed, pace))
    result({"played": played}, as_json=as_json, words=f"{counted(played, 'report')} taken in.")


async def _demo(seed: int, *, as_json: bool) -> None:
    city, loaded = await fill_demo(seed)
    result(
        {"city": city, "loaded": loaded},
        as_json=as_json,
        words="The demo city is loaded." if loaded else "The demo city was loaded before.",
    )


async def fill_demo(seed: int) -> tuple[str, bool]:
    """Make the demo city where there is none; answers its code and whether it was made.

    Raises
    ------
    Conflict
        ``city_has_data``: the city is one of its own.
    """
    async with open_city(create=True) as city:
        async with transaction(city.engine) as tx:
            there = await get_city(tx)
            # Reports and people may be there before a city has grids and a name.
            in_use = await cases_occurred(tx) is not None or await count_staff(tx) > 0
            has_own_data = in_use if there is None else not there.generated
        code = city.settings.city
        if has_own_data:
            name = code if there is None else f"{code} ({there.name})"
            raise Conflict(
                "city_has_data",
                f"City {name} holds data of its own; set WANGGE_CITY to another code for the demo.",
                city=code,
            )
        if there is None:
            # Imported here: most starts find the city loaded and are a second faster so.
            from api.demo.load import STEPS, load_demo

            with named_steps(len(STEPS)) as begin:
                await load_demo(
                    city.engine,
                    city.profile,
                    code=code,
                    seed=seed,
                    now=datetime.now(UTC),
                    on_step=begin,
                )
        async with transaction(city.engine) as tx:
            await add_demo_accounts(tx)
        return code, there is None
