"""``wangge demo --live``: play the demo city through the HTTP intake of the running service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx2
import numpy as np

from api.cli.open_city import OpenCity, open_city
from api.cli.output import named_steps, say
from api.demo.background import background_shapes
from api.demo.buildings import generate_counts
from api.demo.coverage import generate_ground
from api.demo.places import Places
from api.demo.player import PlayedReport, play
from api.settings import Settings
from gis.errors import Unavailable
from gis.store import channel_keys, journal
from gis.store.cities import generated_seed
from gis.store.engine import Transaction, transaction

CHANNEL = "program"
# Residents at their phones, each a browser of its own; few reports a minute each.
BROWSERS = 12
# A browser is held after a few reports a minute: what is faster comes with the key.
PUBLIC_SHARE, PUBLIC_A_MINUTE = 0.6, 30.0
WAIT_S = 10.0


async def play_live(seed: int, pace: float) -> int:
    """Send reports until Ctrl-C; answers how many were taken in.

    ``pace`` is how many seconds are played in one. The city is that of its own seed, where
    the journal tells it, else of ``seed``.

    Raises
    ------
    Unavailable
        ``service_not_there``: nothing answers at WANGGE_HOST and WANGGE_PORT.
    """
    async with open_city() as city:
        base_url = _address(city.settings)
        async with httpx2.AsyncClient(base_url=base_url, timeout=WAIT_S) as client:
            await _refuse_absent(client, city.settings.city)
        async with transaction(city.engine) as tx:
            city_seed = await generated_seed(tx)
        places = _places(seed if city_seed is None else city_seed)
        say(f"Playing at {pace:g} s a second into {base_url}. Ctrl-C ends it.")
        async with _key(city) as key, _browsers(base_url) as browsers:
            return await _send_all(city, places, seed, pace, key, browsers)


async def _send_all(
    city: OpenCity,
    places: Places,
    seed: int,
    pace: float,
    key: str,
    browsers: list[httpx2.AsyncClient],
) -> int:
    loop = asyncio.get_running_loop()
    rng = np.random.default_rng([seed, 7])
    names = {category.code: category.zh for category in city.profile.categories}
    start, began = datetime.now(city.profile.zone), loop.time()
    last_public, taken = -60.0, 0
    try:
        for report in play(places, list(names), seed=seed, start=start):
            due = began + (report.at - start).total_seconds() / pace
            await asyncio.sleep(max(0.0, due - loop.time()))
            is_public = (
                rng.random() < PUBLIC_SHARE and loop.time() - last_public > 60 / PUBLIC_A_MINUTE
            )
            if is_public:
                last_public = loop.time()
            browser = browsers[int(rng.integers(len(browsers)))]
            taken += await _send(browser, report, None if is_public else key, names)
    except asyncio.CancelledError:
        say("Ended.")
    return taken


async def _send(
    browser: httpx2.AsyncClient, report: PlayedReport, key: str | None, names: dict[str, str]
) -> bool:
    """Send one report and print a line about it; whether it was taken in."""
    headers = {} if key is None else {"X-API-Key": key}
    try:
        answer = await browser.post("/api/reports", json=report.body, headers=headers)
    except httpx2.HTTPError as error:
        raise Unavailable("service_not_there", f"The service went away ({error}).") from error
    what = f"{report.at:%m-%d %H:%M} {names[str(report.body['category'])]}"
    if answer.status_code != httpx2.codes.CREATED:
        say(f"{what}: not taken in ({answer.status_code} {answer.json().get('code', '')})")
        return False
    told = answer.json()
    say(f"{what} → case {told['case']}, {told['grid'] or 'no grid'} ({told['reason']})")
    return True


def _places(seed: int) -> Places:
    """Where things happen in the city of this seed."""
    with named_steps(2) as begin:
        begin("Drawing the grids")
        ground = generate_ground(seed)
        begin("Drawing rivers and roads")
        return Places.of(
            np.random.default_rng([seed, 4]),
            ground,
            generate_counts(ground, seed=seed),
            background_shapes(ground),
        )


@asynccontextmanager
async def _key(city: OpenCity) -> AsyncIterator[str]:
    """A key for this run; the only thing the player writes to the database."""
    name = f"demo {datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    async with transaction(city.engine) as tx:
        secret = await channel_keys.add_key(tx, name, CHANNEL)
        await _told(tx, "channel_key.added", name)
    try:
        yield secret
    finally:
        async with transaction(city.engine) as tx:
            await channel_keys.revoke_key(tx, name)
            await _told(tx, "channel_key.revoked", name)


async def _told(tx: Transaction, kind: str, name: str) -> None:
    await journal.append(
        tx, actor="demo", kind=kind, subject=f"channel_key/{name}", after={"channel": CHANNEL}
    )


@asynccontextmanager
async def _browsers(base_url: str) -> AsyncIterator[list[httpx2.AsyncClient]]:
    browsers = [httpx2.AsyncClient(base_url=base_url, timeout=WAIT_S) for _ in range(BROWSERS)]
    try:
        yield browsers
    finally:
        for browser in browsers:
            await browser.aclose()


async def _refuse_absent(client: httpx2.AsyncClient, code: str) -> None:
    try:
        answer = await client.get("/api/city")
        served = answer.json()["code"] if answer.is_success else None
    except (httpx2.HTTPError, ValueError, KeyError):
        served = None
    if served != code:
        raise Unavailable(
            "service_not_there",
            f"No service of city {code} answers at {client.base_url};"
            " start it first: `wangge serve --demo`.",
        )


def _address(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
