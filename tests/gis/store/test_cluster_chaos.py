"""Users and servers of one cluster ending at random, in every way there is."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from gis.store.cluster import EmbeddedCluster
from tests.gis.store.cluster_child import ClusterChild, Hold, answer, servers_on


@pytest.mark.parametrize(("seed", "steps"), [(1, 15), pytest.param(2, 300, marks=pytest.mark.slow)])
def test_whoever_is_killed_when_there_is_one_server_at_most_and_no_confirmed_row_is_lost(
    open_folder: Path, hold: Hold, seed: int, steps: int
) -> None:
    chance = random.Random(seed)
    home = open_folder / "home"
    data = home / "cluster" / "data"
    users: list[ClusterChild] = []
    rows = 0
    with EmbeddedCluster(home) as url:
        answer(url, "create table confirmed (n int)")
    for _ in range(steps):
        step = chance.choice(["join", "join", "leave", "kill", "interrupt", "kill server", "write"])
        if step == "join" and len(users) < 4:
            users.append(hold(home))
        elif step == "kill server":
            for pid in servers_on(data):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        elif step == "write":
            with EmbeddedCluster(home) as url:
                answer(url, "insert into confirmed values (1)")
            rows += 1
        elif users and step != "join":
            user = users.pop(chance.randrange(len(users)))
            if step == "leave":
                assert user.url(), user.end()
            else:
                # At any moment of its start or use.
                time.sleep(chance.random() * 0.5)
                user.signal(signal.SIGKILL if step == "kill" else signal.SIGINT)
            user.end()
        assert len(servers_on(data)) <= 1
    for user in users:
        user.end()
    with EmbeddedCluster(home) as url:
        assert answer(url, "select count(*) from confirmed") == str(rows)
    assert servers_on(data) == []
