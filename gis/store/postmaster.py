"""Find, await and stop the server process of one data directory.

PostgreSQL's own ``postmaster.pid`` is the truth about who serves a directory;
it is read here and never written or deleted: with it, PostgreSQL guards the
data against a second server.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Unavailable

RECOVERY_PATIENCE_S = 300.0
"""Replaying at most 1 GB of WAL takes seconds on a good disk, minutes on a poor one."""

STOP_PATIENCE_S = 60.0
"""A fast shutdown writes one checkpoint, at most the 256 MB of shared buffers."""

_STEP_S = 0.02


@dataclass(frozen=True)
class Postmaster:
    """What ``postmaster.pid`` says about the server of a data directory.

    ``status`` is PostgreSQL's word: ``starting``, ``ready``, ``stopping``.
    """

    pid: int
    port: int
    sockets: Path
    status: str


def read_pid_file(data: Path) -> Postmaster | None:
    """Read ``postmaster.pid``; ``None`` when there is none or it is just being written.

    Its lines: pid, data directory, start time, port, socket directory, listen
    address, shared memory key, status. The last ones come while it starts.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 5 or not (lines[0].isdigit() and lines[3].isdigit()):
        return None
    status = lines[7].strip() if len(lines) > 7 else "starting"
    return Postmaster(int(lines[0]), int(lines[3]), Path(lines[4]), status)


def running(data: Path) -> Postmaster | None:
    """Return the live server of a data directory, or ``None``.

    A pid file may outlive its process, and the number may by then belong to
    another process: the command line tells.
    """
    found = read_pid_file(data)
    if found is None or not is_alive(found.pid):
        return None
    return found if str(data) in command_line(found.pid) else None


def wait_until_ready(data: Path, pid: int, say: Callable[[str], None]) -> Postmaster | None:
    """Wait until a starting server answers; ``None`` when it ended instead.

    Raises
    ------
    Unavailable
        It is still recovering after ``RECOVERY_PATIENCE_S``.
    """
    began = time.monotonic()
    told = False
    while is_alive(pid):
        found = read_pid_file(data)
        if found is not None and found.pid == pid and found.status == "ready":
            return found
        waited_s = time.monotonic() - began
        if waited_s > RECOVERY_PATIENCE_S:
            raise Unavailable(
                "server_recovering",
                f"the database server (pid {pid}) is still recovering {data}; try again later",
            )
        if waited_s > 3 and not told:
            told = True
            say("The database server is recovering its data.")
        time.sleep(_STEP_S)
    return None


def stop(data: Path, say: Callable[[str], None]) -> None:
    """Stop the server of a data directory, whoever started it; none running is fine.

    A fast shutdown first (SIGINT); when that hangs, an immediate one (SIGQUIT),
    after which the next start recovers from the WAL.

    Raises
    ------
    Unavailable
        It did not end.
    """
    for number, patience_s in ((signal.SIGINT, STOP_PATIENCE_S), (signal.SIGQUIT, 10.0)):
        found = running(data)
        if found is None:
            return
        try:
            os.kill(found.pid, number)
        except ProcessLookupError:
            return
        if wait_until_gone(found.pid, patience_s):
            return
        say(f"The database server (pid {found.pid}) has not stopped in {patience_s:.0f} s.")
    raise Unavailable("server_stop", f"the database server in {data} does not stop")


def wait_until_gone(pid: int, patience_s: float) -> bool:
    """Wait until a process has ended; false when it has not."""
    until = time.monotonic() + patience_s
    while is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(_STEP_S)
    return True


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that has ended but was not reaped does not."""
    return state_and_parent(pid)[0] not in {"", "Z", "X"}


def state_and_parent(pid: int) -> tuple[str, int]:
    """Return the kernel's letter for a process (``Z``: not reaped) and its parent.

    No such process: an empty letter.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "", 0
    # The program's name stands in parentheses and may hold blanks and parentheses.
    state, parent = stat.rpartition(")")[2].split()[:2]
    return state, int(parent)


def command_line(pid: int) -> list[str]:
    """Return the words a process was started with; none when it has ended."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [os.fsdecode(word) for word in words.rstrip(b"\0").split(b"\0")]
