"""The rule that slows guessing: free attempts, then pauses that double up to a bound."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from api.guessing import (
    FREE_OF_NAME,
    LONGEST_OF_NAME_S,
    LONGEST_S,
    Subjects,
    delay_s,
    wait_s,
)
from gis.store.sign_in_failures import Failures
from tests.small_city import NOON

failures = st.builds(
    lambda count, ago_s: Failures(count, NOON - timedelta(seconds=ago_s)),
    st.integers(1, 10**6),
    st.floats(0, 86_400),
)
maybe_none = st.one_of(st.just(Failures()), failures)


@given(st.integers(0, 10**6), st.integers(1, 100), st.integers(1, 10_000))
def test_a_pause_never_gets_shorter_and_has_an_end(count: int, free: int, longest_s: int) -> None:
    pause = delay_s(count, free=free, longest_s=longest_s)
    assert pause <= delay_s(count + 1, free=free, longest_s=longest_s) <= longest_s
    assert (pause == 0) == (count < free)


def test_a_day_of_guessing_one_name_from_one_address_is_a_hundred_guesses() -> None:
    seconds, guesses = 0, 0
    while seconds < 86_400:
        guesses += 1
        seconds += delay_s(guesses, free=5)
    assert 90 <= guesses <= 120


@given(maybe_none, maybe_none, maybe_none)
def test_nobody_waits_longer_than_a_quarter_of_an_hour(
    pair: Failures, address: Failures, name: Failures
) -> None:
    assert 0 <= wait_s(pair, address, name, at=NOON) <= LONGEST_S
    assert wait_s(pair, address, name, at=NOON + timedelta(seconds=LONGEST_S)) == 0


@given(failures)
def test_whoever_comes_from_elsewhere_never_waits_for_others_guesses(name: Failures) -> None:
    assert wait_s(Failures(), Failures(), name, at=NOON) == 0


@given(failures)
def test_after_a_slip_the_owner_of_a_guessed_name_waits_a_minute_from_the_slip(
    name: Failures,
) -> None:
    slip = Failures(1, NOON)
    busy = Failures(max(name.count, FREE_OF_NAME + 10), NOON)
    assert wait_s(slip, Failures(), busy, at=NOON) == LONGEST_OF_NAME_S
    later = NOON + timedelta(seconds=LONGEST_OF_NAME_S)
    assert wait_s(slip, Failures(), Failures(busy.count + 1, later), at=later) == 0


@given(st.text(), st.text(), st.ip_addresses(), st.ip_addresses())
def test_subjects_keep_names_and_addresses_apart_and_tell_neither(
    name: str, other: str, here: object, there: object
) -> None:
    subjects = Subjects.of(name, str(here))
    assert len({subjects.pair, subjects.address, subjects.name}) == 3
    assert (Subjects.of(other, str(here)).name == subjects.name) == (name == other)
    assert Subjects.of(other, str(here)).address == subjects.address
    assert all(len(part) == 32 for part in (subjects.pair, subjects.address, subjects.name))
    if here == there:
        assert Subjects.of(name, str(there)) == subjects


def test_an_ipv4_address_is_itself_however_it_is_written() -> None:
    assert Subjects.of("a", "::ffff:192.0.2.1") == Subjects.of("a", "192.0.2.1")
