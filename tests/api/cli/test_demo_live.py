"""``wangge demo --live`` against a real service, and without one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.profile import read_profile
from api.settings import SHIPPED_PROFILE
from gis.store.cluster import EmbeddedCluster
from tests.api.cli.command_line import CommandLine
from tests.conftest import open_folder
from tests.e2e.conftest import served, service_environment
from tests.ready_homes import DEMO_CITY, ReadyHomes

PACE = "2000"
PATIENCE_S = 180


@pytest.fixture
def prompt(ready_homes: ReadyHomes) -> Iterator[CommandLine]:
    """A prompt at a demo city of its own."""
    with open_folder() as folder:
        home = Path(folder) / "home"
        ready_homes.copy_demo_home(home)
        with EmbeddedCluster(home) as url:
            yield CommandLine(Path(folder), url, service_environment(home, WANGGE_CITY=DEMO_CITY))


@pytest.mark.slow
def test_a_city_is_played_until_ctrl_c_and_the_key_is_taken_back(prompt: CommandLine) -> None:
    before = int(prompt.asked("select count(*) from cases"))
    with served(prompt.environment):
        began = datetime.now(UTC)
        player = prompt.start("demo", "--live", "--pace", PACE)
        _wait_for_cases(prompt, player, before + 15)
        os.killpg(player.pid, signal.SIGINT)
        out, err = player.communicate(timeout=60)
    assert player.returncode == 0, err
    assert "→ case" in err
    assert "taken in" in out
    assert prompt.asked("select count(*) from channel_keys where revoked_at is null") == "0"
    new = f"select string_agg(distinct channel, ',') from cases where number > {before}"
    assert set(prompt.asked(new).split(",")) <= {"web", "program"}
    assert prompt.asked("select count(*) from cases where held_at is not null") == "0"
    _no_faster_than_its_pace(prompt, err, began, before)


def test_without_a_service_one_line_says_so(prompt: CommandLine) -> None:
    line = prompt.refuses("demo", "--live")
    assert "wangge serve" in line
    assert prompt.asked("select count(*) from channel_keys where revoked_at is null") == "0"


def _no_faster_than_its_pace(prompt: CommandLine, told: str, began: datetime, before: int) -> None:
    """Each played hour took its part of a real one: the player waits, it does not race."""
    asked = f"select extract(epoch from received_at), number from cases where number > {before}"
    received = {int(n): float(at) for at, n in (r.split("|") for r in prompt.asked(asked).split())}
    first = min(received.values())
    zone = read_profile(SHIPPED_PROFILE).zone
    lines = re.findall(r"^(\d\d-\d\d \d\d:\d\d) .* → case (\d+),", told, re.MULTILINE)
    assert len(lines) >= 10
    for said, number in lines:
        year = began.astimezone(zone).year
        played = datetime.strptime(f"{year}-{said}", "%Y-%m-%d %H:%M").replace(tzinfo=zone)
        if played < began - timedelta(days=2):
            played = played.replace(year=year + 1)
        # It began playing after ``began`` and before the first report came in.
        real_s = received[int(number)] - began.timestamp()
        assert (played.timestamp() - first) / float(PACE) <= real_s, said
    # It played on: the last of them is later than any clock here.
    assert (played.timestamp() - first) > 60 * 10


def _wait_for_cases(prompt: CommandLine, player: subprocess.Popen[str], least: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while int(prompt.asked("select count(*) from cases")) < least:
        assert player.poll() is None, "the player ended by itself"
        assert time.monotonic() < deadline, f"no {least} cases in {PATIENCE_S} s"
        time.sleep(0.5)
