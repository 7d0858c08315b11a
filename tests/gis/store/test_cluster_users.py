"""Several processes on one embedded cluster, and the ways they end."""

from __future__ import annotations

import os
import pwd
import signal
import time
from pathlib import Path

import pytest

from gis.store.cluster import EmbeddedCluster
from gis.store.cluster_locks import ClusterLocks
from tests.gis.store.cluster_child import Hold, answer, servers_on

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as two users")


def test_six_processes_at_once_make_one_cluster_and_share_one_server(
    open_folder: Path, hold: Hold
) -> None:
    children = [hold(open_folder / "home") for _ in range(6)]
    urls = {child.url() for child in children}
    data = open_folder / "home" / "cluster" / "data"
    assert len(urls) == 1
    assert len(servers_on(data)) == 1
    assert answer(urls.pop(), "select 1") == "1"
    for child in children[1:]:
        child.end()
    assert len(servers_on(data)) == 1
    children[0].end()
    assert servers_on(data) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_only_user_stops_the_server(
    made_home: Path, number: int, hold: Hold
) -> None:
    child = hold(made_home)
    assert child.url()
    assert len(servers_on(made_home / "cluster" / "data")) == 1
    child.signal(number)
    child.end()
    assert servers_on(made_home / "cluster" / "data") == []


def test_ctrl_c_where_the_server_was_started_leaves_it_to_the_other_user(
    made_home: Path, hold: Hold
) -> None:
    starter = hold(made_home)
    url = starter.url()
    (pid,) = servers_on(made_home / "cluster" / "data")
    with EmbeddedCluster(made_home) as ours:
        assert ours == url
        starter.signal(signal.SIGINT)
        starter.end()
        assert servers_on(made_home / "cluster" / "data") == [pid]
        assert answer(url, "select 1") == "1"
    assert servers_on(made_home / "cluster" / "data") == []


def test_a_server_whose_only_user_was_killed_is_adopted_by_the_next(
    made_home: Path, hold: Hold
) -> None:
    killed = hold(made_home)
    url = killed.url()
    (pid,) = servers_on(made_home / "cluster" / "data")
    killed.signal(signal.SIGKILL)
    killed.end()
    assert servers_on(made_home / "cluster" / "data") == [pid]
    with EmbeddedCluster(made_home) as adopted:
        assert adopted == url
        assert servers_on(made_home / "cluster" / "data") == [pid]
    assert servers_on(made_home / "cluster" / "data") == []


def test_a_killed_user_does_not_keep_the_last_one_from_stopping_the_server(
    made_home: Path, hold: Hold
) -> None:
    killed, last = hold(made_home), hold(made_home)
    assert killed.url() == last.url()
    killed.signal(signal.SIGKILL)
    killed.end()
    last.end()
    assert servers_on(made_home / "cluster" / "data") == []


def test_a_kill_while_the_cluster_is_made_leaves_nothing_half_made(
    open_folder: Path, hold: Hold
) -> None:
    home = open_folder / "home"
    child = hold(home)
    until = time.monotonic() + 30
    while not list(home.glob("cluster.new-*/data/base")) and time.monotonic() < until:
        time.sleep(0.005)
    child.signal(signal.SIGKILL)
    child.end()
    assert not (home / "cluster").exists()
    assert list(home.glob("cluster.new-*"))
    with EmbeddedCluster(home) as url:
        assert answer(url, "select postgis_lib_version() > '3.2'") == "t"
    with EmbeddedCluster(home):
        assert not list(home.glob("cluster.new-*"))


def test_asking_whether_one_is_the_last_user_does_not_end_ones_use(tmp_path: Path) -> None:
    first, second = ClusterLocks(tmp_path), ClusterLocks(tmp_path)
    first.join_users()
    assert first.is_last_user()
    second.join_users()
    assert not first.is_last_user()
    assert not second.is_last_user()
    first.close()
    assert second.is_last_user()
    second.close()


def test_who_waits_long_for_another_process_is_told_so(made_home: Path, hold: Hold) -> None:
    slow = ClusterLocks(made_home)
    with slow.decision(print):
        child = hold(made_home)
        time.sleep(3)
    assert child.url()
    assert "Waiting for another process" in child.end()
    slow.close()


def test_an_ordinary_user_runs_its_own_server_which_root_serves_as_that_user(
    open_folder: Path, hold: Hold
) -> None:
    root = os.geteuid() == 0
    ordinary = pwd.getpwnam("nobody").pw_uid if root else os.geteuid()
    os.chown(open_folder, ordinary, -1)
    home = open_folder / "home"
    first = hold(home, ordinary if root else None)
    answer(first.url(), "create table mine as select 7 as n")
    first.end()
    with EmbeddedCluster(home) as url:
        (pid,) = servers_on(home / "cluster" / "data")
        assert Path(f"/proc/{pid}").stat().st_uid == ordinary
        assert answer(url, "select n from mine") == "7"
    again = hold(home, ordinary if root else None)
    assert answer(again.url(), "select n from mine") == "7"
    again.end()
    assert servers_on(home / "cluster" / "data") == []


@as_root
def test_an_ordinary_user_is_told_whose_cluster_it_is(made_home: Path, hold: Hold) -> None:
    child = hold(made_home, uid=pwd.getpwnam("nobody").pw_uid)
    assert child.url() == ""
    said = child.end()
    assert said.startswith("Misconfigured: ")
    assert "run as the user it belongs to" in said
