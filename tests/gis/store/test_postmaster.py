"""Starts that PostgreSQL refuses: a pid file whose number means something else."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from gis.errors import Unavailable
from gis.store import postmaster, postmaster_start
from gis.store.cluster import EmbeddedCluster
from gis.store.server_user import server_user
from tests.gis.store.cluster_child import answer


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postmaster_start, "REFUSAL_PATIENCE_S", 0.5)


def _leave_pid_file(home: Path, pid: int) -> Path:
    """Write the pid file that a server of this number leaves when the machine goes down."""
    data = home / "cluster" / "data"
    file = data / "postmaster.pid"
    sockets = home / "cluster" / "run"
    file.write_text(f"{pid}\n{data}\n1700000000\n5432\n{sockets}\n\n    0         0\nready   \n")
    os.chown(file, data.stat().st_uid, data.stat().st_gid)
    file.chmod(0o600)
    return file


def test_a_pid_file_whose_process_is_gone_does_not_stop_the_start(made_home: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    _leave_pid_file(made_home, gone.pid)
    with EmbeddedCluster(made_home) as url:
        assert answer(url, "select 1") == "1"


@pytest.mark.usefixtures("short_patience")
def test_a_pid_file_whose_number_another_process_got_is_kept_and_that_process_is_named(
    made_home: Path,
) -> None:
    user = server_user(made_home / "cluster")
    with user.start("sleep", "54321", out=subprocess.DEVNULL) as sleeper:
        file = _leave_pid_file(made_home, sleeper.pid)
        before = file.read_text()
        with pytest.raises(Unavailable) as caught:
            EmbeddedCluster(made_home).acquire()
        assert "sleep 54321" in caught.value.message
        assert str(sleeper.pid) in caught.value.message
        assert file.read_text() == before
        assert sleeper.poll() is None
        sleeper.send_signal(signal.SIGTERM)
    with EmbeddedCluster(made_home) as url:
        assert answer(url, "select 1") == "1"


@pytest.mark.usefixtures("short_patience")
def test_a_dead_server_that_nobody_reaps_is_told_with_its_parent(made_home: Path) -> None:
    user = server_user(made_home / "cluster")
    with user.start("true", out=subprocess.DEVNULL) as zombie:
        while postmaster.is_alive(zombie.pid):
            pass
        _leave_pid_file(made_home, zombie.pid)
        with pytest.raises(Unavailable, match=f"its parent {os.getpid()} does not reap it"):
            EmbeddedCluster(made_home).acquire()
    with EmbeddedCluster(made_home) as url:
        assert answer(url, "select 1") == "1"


def test_a_refused_setting_is_told_in_postgresqls_own_words(made_home: Path) -> None:
    settings = made_home / "cluster" / "data" / "postgresql.conf"
    text = settings.read_text()
    settings.write_text(text + "shared_buffers = 'much'\n")
    try:
        with pytest.raises(Unavailable, match=r"shared_buffers|configuration file"):
            EmbeddedCluster(made_home).acquire()
    finally:
        settings.write_text(text)


def test_a_half_written_pid_file_names_no_server(tmp_path: Path) -> None:
    for text in ("", "12\n", f"12\n{tmp_path}\n1700000000\n"):
        (tmp_path / "postmaster.pid").write_text(text)
        assert postmaster.read_pid_file(tmp_path) is None
