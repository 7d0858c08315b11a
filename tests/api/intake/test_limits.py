"""The open channel's limits: an address is a network's, a cookie one browser's."""

from __future__ import annotations

import pytest

from api.cases.rate_limit import Rate
from api.intake.limits import OpenChannelLimits


def limits() -> OpenChannelLimits:
    return OpenChannelLimits(by_cookie=Rate(1, 2), by_address=Rate(1, 5))


def test_one_browser_is_limited_before_the_address_it_shares() -> None:
    told = limits()
    assert [told.exceeded("one", "10.0.0.1", 0.0) for _ in range(3)] == [False, False, True]
    assert [told.exceeded("two", "10.0.0.1", 0.0) for _ in range(2)] == [False, False]


def test_a_new_cookie_each_time_does_not_help_beyond_the_limit_of_the_address() -> None:
    told = limits()
    over = [told.exceeded(f"new {number}", "10.0.0.1", 0.0) for number in range(7)]
    assert over == [False] * 5 + [True] * 2


def test_whoever_sends_no_cookie_is_limited_by_address() -> None:
    told = limits()
    over = [told.exceeded(None, "10.0.0.1", 0.0) for _ in range(6)]
    assert over == [False] * 5 + [True]
    assert not told.exceeded(None, "10.0.0.2", 0.0)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("", "", True),
    ],
)
def test_an_ipv6_network_of_64_bits_counts_as_one_address(
    first: str, second: str, same: bool
) -> None:
    told = OpenChannelLimits(by_cookie=Rate(1, 1), by_address=Rate(1, 1))
    assert not told.exceeded(None, first, 0.0)
    assert told.exceeded(None, second, 0.0) == same
