"""``wangge demo --live`` against a real service, and without one."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.api.cli.command_line import CommandLine
from tests.e2e.conftest import served, service_environment

PACE = "2000"
PATIENCE_S = 180


@pytest.fixture(scope="module")
def environment(cluster_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A demo city of its own on the session's server."""
    home: Path = tmp_path_factory.mktemp("home")
    return service_environment(home, WANGGE_DATABASE_URL=cluster_url, WANGGE_CITY="live")


def test_a_city_is_played_until_ctrl_c_and_the_key_is_taken_back(
    environment: dict[str, str], cluster_url: str, tmp_path: Path
) -> None:
    prompt = CommandLine(tmp_path, cluster_url, environment)
    prompt.does("demo", "--seed", "3")
    before = int(prompt.asked("select count(*) from cases"))
    with served(environment):
        player = prompt.start("demo", "--live", "--pace", PACE)
        _wait_for_cases(prompt, player, before + 5)
        os.killpg(player.pid, signal.SIGINT)
        out, err = player.communicate(timeout=60)
    assert player.returncode == 0, err
    assert "→ case" in err
    assert "taken in" in out
    assert prompt.asked("select count(*) from channel_keys where revoked_at is null") == "0"
    new = f"select string_agg(distinct channel, ',') from cases where number > {before}"
    assert set(prompt.asked(new).split(",")) <= {"web", "program"}
    assert prompt.asked("select count(*) from cases where held_at is not null") == "0"


def test_without_a_service_one_line_says_so(
    environment: dict[str, str], cluster_url: str, tmp_path: Path
) -> None:
    prompt = CommandLine(tmp_path, cluster_url, environment)
    prompt.does("demo", "--seed", "3")
    line = prompt.refuses("demo", "--live")
    assert "wangge serve" in line
    assert prompt.asked("select count(*) from channel_keys where revoked_at is null") == "0"


def _wait_for_cases(prompt: CommandLine, player: subprocess.Popen[str], least: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while int(prompt.asked("select count(*) from cases")) < least:
        assert player.poll() is None, "the player ended by itself"
        assert time.monotonic() < deadline, f"no {least} cases in {PATIENCE_S} s"
        time.sleep(0.5)
