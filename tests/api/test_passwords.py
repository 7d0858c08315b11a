"""How a password is kept, and who waits while one is compared: the real hasher, not a cheap one."""

from __future__ import annotations

import asyncio

from argon2 import Type, extract_parameters

from api import passwords
from api.errors import SlowDown
from api.passwords import MOST_WAITING, THREADS, PasswordChecks, hash_password

PASSWORD = "打开城市 correct horse"


def test_a_password_is_kept_by_argon2id_with_no_less_work_than_owasp_asks_for() -> None:
    kept = extract_parameters(hash_password(PASSWORD))
    assert kept.type is Type.ID
    # OWASP's least for one lane: 19 MiB in two passes.
    assert kept.memory_cost >= 19 * 1024
    assert kept.time_cost >= 2
    assert kept.hash_len >= 32
    assert kept.salt_len >= 16
    assert hash_password(PASSWORD) != hash_password(PASSWORD)


def test_a_name_without_a_password_costs_the_same_work_as_one_with() -> None:
    assert extract_parameters(passwords._nobodys()) == extract_parameters(hash_password(PASSWORD))


async def test_the_event_loop_goes_on_while_a_password_is_compared() -> None:
    checks = PasswordChecks()
    turns = 0
    try:
        comparing = asyncio.create_task(checks.matches(PASSWORD, hash_password(PASSWORD)))
        while not comparing.done():
            await asyncio.sleep(0)
            turns += 1
        assert await comparing
    finally:
        checks.close()
    # In the loop itself it would be done after two or three turns.
    assert turns > 20


async def test_a_crowd_at_the_door_is_asked_to_come_back_and_those_inside_are_served() -> None:
    checks = PasswordChecks()
    kept = hash_password(PASSWORD)
    try:
        answers = await asyncio.gather(
            *(checks.matches(PASSWORD, kept) for _ in range(THREADS + MOST_WAITING + 3)),
            return_exceptions=True,
        )
        assert answers.count(True) == THREADS + MOST_WAITING
        refused = [answer for answer in answers if isinstance(answer, SlowDown)]
        assert [each.code for each in refused] == ["sign_in_busy"] * 3
        assert await checks.matches(PASSWORD, kept)
    finally:
        checks.close()
