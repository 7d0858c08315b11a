"""Another process that uses the embedded cluster, for the tests of its life."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from gis.store import postmaster
from gis.store.postgresql import find_postgresql
from gis.store.server_user import server_environment

_HOLD = """
import os, signal, sys
from pathlib import Path
from gis.errors import WanggeError
from gis.store.cluster import EmbeddedCluster

if len(sys.argv) > 2:
    # Only now: that user may not be let in to this interpreter and its modules.
    os.setgroups([])
    os.setgid(int(sys.argv[2]))
    os.setuid(int(sys.argv[2]))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    with EmbeddedCluster(Path(sys.argv[1]), say=lambda line: print(line, file=sys.stderr)) as url:
        print(url, flush=True)
        sys.stdin.read()
except WanggeError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""

REPOSITORY = Path(__file__).parents[3]

Hold = Callable[..., "ClusterChild"]
"""Starts a ``ClusterChild`` that does not outlive the test."""


class ClusterChild:
    """A Python process, in a process group of its own, that holds a cluster until told.

    ``uid`` runs it as another user, which only root can ask for.
    """

    def __init__(self, home: Path, *, uid: int | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _HOLD, str(home), *([] if uid is None else [str(uid)])],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def url(self) -> str:
        """Wait until it holds the cluster; the URL, or nothing when it failed."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def signal(self, number: int) -> None:
        """Send a signal to its whole process group, as a terminal does with Ctrl-C."""
        os.killpg(self.process.pid, number)

    def end(self) -> str:
        """Let it end by itself (its input ends), wait, and return what it said."""
        _, said = self.process.communicate(timeout=60)
        return said


def answer(url: str, statement: str) -> str:
    """What psql, given nothing but the URL, answers to a statement."""
    ran = subprocess.run(
        [_psql(), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", statement, url],
        env=server_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@cache
def _psql() -> Path:
    """Finding it asks every installation for its version, which takes as long as an answer."""
    return Path(find_postgresql().program("psql"))


def copy_home(made_home: Path, home: Path) -> None:
    """Give a home the cluster of a stopped one, owners kept: a tenth of the time of making it."""
    home.mkdir(parents=True)
    # Whatever the umask: the server's user has to pass.
    home.chmod(0o755)
    subprocess.run(["cp", "-a", made_home / "cluster", home], check=True)


def servers_on(data: Path) -> list[int]:
    """Pids of all servers started on a data directory.

    A server's children bear its command line for a moment, until they rename
    themselves: what has a server as its parent is none.
    """
    found = [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and str(data) in postmaster.command_line(int(entry.name))
    ]
    parents = {pid: postmaster.state_and_parent(pid)[1] for pid in found}
    return sorted(pid for pid, parent in parents.items() if parent not in parents)
