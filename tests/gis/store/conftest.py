"""Both kinds of server for the store, and homes for clusters whose life is a test's matter."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.store import postmaster
from gis.store.cluster import EmbeddedCluster
from tests.gis.store.cluster_child import ClusterChild, Hold


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what reads and writes the store on the embedded cluster and on an external server."""
    if "tx" in metafunc.fixturenames:
        servers = ["cluster_url", "external_server_url"]
        metafunc.parametrize("migrated_url", servers, indirect=True, scope="session")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every user may enter, unlike pytest's own (0700)."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
        for pid_file in folder.rglob("postmaster.pid"):
            postmaster.stop(pid_file.parent, print)


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home whose cluster is made; every test leaves it with its server stopped."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "home"):
            pass
        yield folder / "home"
        postmaster.stop(folder / "home" / "cluster" / "data", print)


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Start other processes that use a cluster; what is left of them ends with the test."""
    children: list[ClusterChild] = []

    def start(home: Path, uid: int | None = None) -> ClusterChild:
        children.append(ClusterChild(home, uid=uid))
        return children[-1]

    yield start
    for child in children:
        with child.process:
            if child.process.poll() is None:
                os.killpg(child.process.pid, signal.SIGKILL)
