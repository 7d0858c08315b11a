"""Passwords: argon2id, in a thread of its own, so that hashing never holds up the event loop.

A hash takes some 30 ms of one core and 19 MiB on purpose (19 MiB, 2 passes, 1 lane: OWASP's
choice). argon2's code lets go of the interpreter meanwhile. One lane and one thread: with
RFC 9106's four lanes, two at once were eight threads that the loop had to wait behind. At
most ``MOST_WAITING`` wait; whoever comes then is asked to come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.errors import SlowDown
from gis.errors import BadInput

LEAST_LETTERS = 8
MOST_LETTERS = 1_000
THREADS = 1
MOST_WAITING = 30
RETRY_AFTER_S = 5

Answer = TypeVar("Answer")

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def check_password(password: str) -> None:
    """Refuse a new password that is too short or absurdly long: BadInput ``password_unfit``."""
    if not LEAST_LETTERS <= len(password) <= MOST_LETTERS:
        raise BadInput(
            "password_unfit", f"A password has {LEAST_LETTERS} to {MOST_LETTERS} letters."
        )


def hash_password(password: str) -> str:
    """What is kept of a password: argon2id with its salt, as its own text form."""
    return _hasher.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is the password; without a hash no, in the same time."""
    try:
        _hasher.verify(password_hash or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


class PasswordChecks:
    """The threads in which passwords are compared; one of these a process."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
        self._under_way = 0

    async def matches(self, password: str, password_hash: str | None) -> bool:
        """As ``matches``; SlowDown ``sign_in_busy`` when too many wait already."""
        return await self._run(lambda: matches(password, password_hash))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        if self._under_way >= THREADS + MOST_WAITING:
            raise SlowDown(
                "sign_in_busy",
                "Too many people are signing in at this moment; try again.",
                retry_after_s=RETRY_AFTER_S,
            )
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1


@cache
def _nobodys() -> str:
    return hash_password("the password of no account")
