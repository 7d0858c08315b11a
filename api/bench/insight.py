"""The page of hotspots over a full city, in a real browser: how long until something is seen."""

from __future__ import annotations

import asyncio
import importlib
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from api.bench.coverage import Box
from api.bench.desk_city import fill
from api.bench.scratch_city import scratch_city
from api.bench.served import OURS, served
from api.passwords import hash_password
from api.profile import CityProfile
from gis.errors import Unavailable
from gis.store.accounts import add_account
from gis.store.engine import transaction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CITY = "bench_insight"
WHO, PASSWORD = "leader", "bench-leader"
# At resolution 10 cut into some 200,000 cells; the service tells 250,000 at most.
REGION: Box = (120.9, 29.65, 121.3, 30.2)
WINDOW = {"width": 1440, "height": 900}
FINE = 10
PAN_S = 6.0
WAIT_MS = 60_000
FINDINGS_MS = 300_000

# From the first byte until the cells are painted and the map stands still.
FIRST_VIEW = """() => {
  const look = () => {
    const box = document.querySelector('[data-testid=cell-map]');
    if (!(Number(box?.dataset.painted) > 0)) return requestAnimationFrame(look);
    box.cellMap.map.once('idle', () => (window.seenAfter = performance.now()));
    box.cellMap.map.triggerRepaint();
  };
  requestAnimationFrame(look);
}"""
# From the click until the frame that has the new tones.
CHANGE = """async (index) => {
  const box = document.querySelector('[data-testid=cell-map]');
  const before = box.dataset.painted;
  const inputs = document.querySelectorAll('.dropdown input[type=checkbox]');
  const start = performance.now();
  inputs[index].click();
  while (box.dataset.painted === before) await new Promise(requestAnimationFrame);
  await new Promise((drawn) => box.cellMap.map.once('render', drawn));
  return performance.now() - start;
}"""
# Nothing in the panel is awaited any more.
ALL_TOLD = """() =>
  !document.querySelector('#insight-panel [aria-busy=true], #insight-panel .bar')"""
PAN = """async (seconds) => {
  const { map } = document.querySelector('[data-testid=cell-map]').cellMap;
  let frames = 0;
  const count = () => (frames += 1);
  map.on('render', count);
  const start = performance.now();
  for (let step = 0; performance.now() - start < 1000 * seconds; step += 1) {
    map.panBy([Math.floor(step / 10) % 2 ? -8 : 8, 0], { duration: 0 });
    await new Promise(requestAnimationFrame);
  }
  map.off('render', count);
  return (1000 * frames) / (performance.now() - start);
}"""


@dataclass(frozen=True, slots=True)
class PageTimes:
    """What a leader waits for.

    Parameters
    ----------
    first_view_ms
        From opening the page, with nothing kept in the browser, until the cells stand painted.
    change_ms
        From choosing one more category until the frame that shows it.
    cells, frames_per_s
        How many cells are in view at once, and how many frames a second a dragged map has then.
    """

    reports: int
    first_view_ms: tuple[float, ...]
    change_ms: tuple[float, ...]
    cells: int
    frames_per_s: float

    @property
    def first_view_median_ms(self) -> float:
        """Half of all openings are quicker."""
        return median(self.first_view_ms)

    @property
    def change_median_ms(self) -> float:
        """Half of all changes are quicker."""
        return median(self.change_ms)


async def measure(
    url: str,
    profile: CityProfile,
    *,
    reports: int,
    grids: int,
    runs: int,
    seed: int,
    now: datetime,
) -> PageTimes:
    """Fill a scratch city, open its page of hotspots ``runs`` times, change it as often.

    Raises
    ------
    Unavailable
        ``bench_browser_away``: Playwright or Chromium is not installed.
    """
    async with _browser() as browser, scratch_city(url, CITY) as engine:
        await fill(engine, profile, reports=reports, grids=grids, seed=seed, now=now, region=REGION)
        hashed = await asyncio.to_thread(hash_password, PASSWORD)
        async with transaction(engine) as tx:
            await add_account(tx, name=WHO, role="leader", password_hash=hashed)
        with served(url, CITY, *OURS) as server:
            return await _looked_at(browser, f"http://127.0.0.1:{server.port}", reports, runs)


async def _looked_at(browser: Any, address: str, reports: int, runs: int) -> PageTimes:
    first: list[float] = []
    # The first once more beforehand: the service prepares the cells of a version once, and what
    # gets worse is looked for once and kept.
    page = await _opened(browser, address, "lang=en")
    await page.request.get(f"{address}/api/hotspots/findings", timeout=FINDINGS_MS)
    await page.context.close()
    for _ in range(runs):
        page = await _opened(browser, address, "lang=en")
        first.append(await page.evaluate("window.seenAfter"))
        await page.context.close()
    page = await _opened(browser, address, "lang=en")
    await page.get_by_role("button", name="Category").click()
    changes = [await page.evaluate(CHANGE, index) for index in range(runs + 1)]
    await page.context.close()
    page = await _opened(browser, address, f"lang=en&res={FINE}")
    # A map is dragged by who looks at it: when all is told.
    await page.wait_for_function(ALL_TOLD)
    frames = await page.evaluate(PAN, PAN_S)
    answer = await page.request.get(
        f"{address}/api/hotspots/cells", params={"resolution": FINE, "from": "2100-01-01"}
    )
    cells = len((await answer.json())["keys"])
    await page.context.close()
    return PageTimes(reports, tuple(first), tuple(changes[1:]), cells, float(frames))


async def _opened(browser: Any, address: str, query: str) -> Any:
    """The page in a browser that has kept nothing, once its cells stand painted."""
    context = await browser.new_context(viewport=WINDOW, reduced_motion="reduce")
    context.set_default_timeout(WAIT_MS)
    answer = await context.request.post(
        f"{address}/api/session", data={"username": WHO, "password": PASSWORD}
    )
    if not answer.ok:
        raise Unavailable("bench_sign_in_failed", await answer.text())
    page = await context.new_page()
    await page.add_init_script(f"({FIRST_VIEW})()")
    await page.goto(f"{address}/insight?{query}")
    await page.wait_for_function("() => window.seenAfter !== undefined")
    return page


@asynccontextmanager
async def _browser() -> AsyncIterator[Any]:
    chromium = shutil.which("chromium")
    try:
        playwright = importlib.import_module("playwright.async_api")
    except ModuleNotFoundError:
        playwright = None
    if playwright is None or chromium is None:
        raise Unavailable(
            "bench_browser_away", "A page is measured with Playwright and Chromium: install both."
        )
    async with playwright.async_playwright() as running:
        browser = await running.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-quic"]
        )
        try:
            yield browser
        finally:
            await browser.close()
