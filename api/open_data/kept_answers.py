"""Answers made lately: everybody may ask, and most ask the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable

KEPT_BYTES = 16 * 2**20


class KeptAnswers:
    """Bodies by their ETag, which names all they depend on; the least recently used go first."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._size_bytes = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    async def of(self, etag: str, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """The answer of that name, made where it is not kept."""
        if etag in self._kept:
            self._kept.move_to_end(etag)
            return self._kept[etag]
        body = await make()
        # Who asked the same meanwhile has made the same.
        if etag not in self._kept and len(body) <= self._most_bytes:
            self._kept[etag] = body
            self._size_bytes += len(body)
        while self._size_bytes > self._most_bytes:
            _, gone = self._kept.popitem(last=False)
            self._size_bytes -= len(gone)
        return body
