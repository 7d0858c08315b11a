"""The stream's tasks for as long as the service runs."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

from api.open_files import allow_many_open_files
from api.service import Service
from api.stream.events import Encode
from api.stream.feed import Feed
from api.stream.lookout import Lookout
from api.stream.stamper import Stamper


@asynccontextmanager
async def running_stream(service: Service, encode: Encode) -> AsyncIterator[Feed]:
    """Stamper, feed and lookout run while the block does."""
    allow_many_open_files()
    city = service.settings.city
    feed = Feed(service.engine, city, encode)
    stamper = Stamper(service.engine, city, service.written)
    lookout = Lookout(service.engine, feed)
    tasks = [asyncio.create_task(each.run()) for each in (stamper, feed, lookout)]
    try:
        with _told_to_end(feed.close):
            yield feed
    finally:
        feed.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _told_to_end(close: Callable[[], None]) -> Iterator[None]:
    """Close as soon as the process is told to end.

    Uvicorn waits for responses to finish before it tells the application that it ends, and
    these do not finish by themselves.
    """
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    ours = {}
    for number, handler in before.items():
        if callable(handler):
            ours[number] = _first(loop, close, handler)
            try:
                signal.signal(number, ours[number])
            except ValueError:  # a loop beside the main thread hears no signals
                ours.clear()
                break
    try:
        yield
    finally:
        for number, handler in ours.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, before[number])


_Handler = Callable[[int, FrameType | None], object]


def _first(loop: asyncio.AbstractEventLoop, close: Callable[[], None], then: _Handler) -> _Handler:
    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(close)
        then(number, frame)

    return handle
