"""Homes that many tests begin with, made once a run: each test gets a copy to change."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from gis.store.cluster import EmbeddedCluster
from tests.gis.store.cluster_child import answer, copy_home
from tests.made_once import MadeOnce

DEMO_CITY = "330281"
DEMO_SEED = 7
WANGGE = Path(sys.executable).with_name("wangge")


class ReadyHomes:
    """Copies of a home with an empty cluster, and of one with the demo city."""

    def __init__(self, made_once: MadeOnce) -> None:
        self._made_once = made_once

    def copy_empty_home(self, to: Path) -> None:
        """Copy a home whose cluster holds an empty database."""
        copy_home(self._empty(), to)

    def copy_demo_home(self, to: Path) -> None:
        """Copy a home with the demo city of ``DEMO_SEED``, loaded by ``wangge demo``."""
        copy_home(self._demo() / "home", to)

    def demo_screen(self) -> str:
        """What stood on the terminal while the demo city was loaded."""
        return (self._demo() / "screen").read_text("utf-8")

    def _empty(self) -> Path:
        return self._made_once.folder("empty-home", _make_empty)

    def _demo(self) -> Path:
        return self._made_once.folder("demo-home", self._make_demo)

    def _make_demo(self, folder: Path) -> None:
        copy_home(self._empty(), folder / "home")
        (folder / "screen").write_text(_loaded_on_a_screen(folder / "home"), "utf-8")


@pytest.fixture(scope="session")
def ready_homes(made_once: MadeOnce) -> ReadyHomes:
    return ReadyHomes(made_once)


def _make_empty(folder: Path) -> None:
    with EmbeddedCluster(folder) as url:
        # No test outlives the machine, so none has to wait until the disk has written.
        answer(url, "alter system set fsync = off")


def _loaded_on_a_screen(home: Path) -> str:
    """Load the demo city from a terminal; what is shown there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WANGGE_")}
    ours, theirs = pty.openpty()
    loading = subprocess.Popen(
        [WANGGE, "demo", "--seed", str(DEMO_SEED)],
        cwd=home,
        env={
            **kept,
            "WANGGE_HOME": str(home),
            "WANGGE_CITY": DEMO_CITY,
            "TERM": "xterm",
            "COLUMNS": "100",
        },
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    # The other end closes with the program.
    with suppress(OSError):
        while piece := os.read(ours, 65_536):
            shown += piece
    os.close(ours)
    assert loading.wait(timeout=60) == 0, shown
    return shown.decode(errors="replace")
