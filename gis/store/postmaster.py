"""Start, find and stop the server process of one data directory.

PostgreSQL's own ``postmaster.pid`` is the truth about who serves a directory;
it is read here and never written or deleted: with it, PostgreSQL guards the
data against a second server.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Unavailable
from gis.store.postgresql import PostgreSQL
from gis.store.server_user import ServerUser

PORT = 5432
"""Only part of the socket's file name: no TCP port is opened."""

REFUSAL_PATIENCE_S = 30.0
"""After a kill -9 of the postmaster PostgreSQL refuses a new start for 1.5 to 2 s, until its
children are gone; a backend deep in a long query takes longer."""

RECOVERY_PATIENCE_S = 300.0
"""Replaying at most 1 GB of WAL takes seconds on a good disk, minutes on a poor one."""

STOP_PATIENCE_S = 60.0
"""A fast shutdown writes one checkpoint, at most the 256 MB of shared buffers."""

LOG_LIMIT_BYTES = 4_000_000
_LOG_KEPT_BYTES = 1_000_000
_STEP_S = 0.02
_REFUSED = re.compile(r'lock file ".*" (already exists|is empty)|pre-existing shared memory block')


@dataclass(frozen=True)
class Postmaster:
    """What ``postmaster.pid`` says about the server of a data directory."""

    pid: int
    data: Path
    sockets: Path
    ready: bool
    stopping: bool


def read_pid_file(data: Path) -> Postmaster | None:
    """Read ``postmaster.pid``; ``None`` when there is none or it is not yet complete.

    Its lines: pid, data directory, start time, port, socket directory, listen
    address, shared memory key, status.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    if len(lines) < 2 or not lines[0].strip().isdigit():
        return None
    sockets = Path(lines[4]) if len(lines) > 4 else Path()
    status = lines[7].strip() if len(lines) > 7 else "starting"
    return Postmaster(
        int(lines[0]), Path(lines[1]), sockets, status == "ready", status == "stopping"
    )


def running(data: Path) -> Postmaster | None:
    """Return the live server of a data directory, or ``None``.

    A pid file may outlive its process, and the number may by then belong to
    another process: the command line tells.
    """
    found = read_pid_file(data)
    if found is None or process_state(found.pid) in (None, "Z"):
        return None
    return found if os.fsencode(data) in _command_line(found.pid) else None


def start(
    postgresql: PostgreSQL,
    user: ServerUser,
    data: Path,
    sockets: Path,
    log: Path,
    say: Callable[[str], None],
) -> Postmaster:
    """Start the server and wait until it answers; call only under the decision lock.

    The server is our child, in a session of its own, and is reaped by a thread
    as soon as it ends, since PostgreSQL counts an unreaped one as alive.

    Raises
    ------
    Unavailable
        It did not come up; the message carries PostgreSQL's own reason.
    """
    refused_until = time.monotonic() + REFUSAL_PATIENCE_S
    told = False
    while True:
        log_before = log.stat().st_size if log.exists() else 0
        if up := _start_once(postgresql, user, data, sockets, log, say):
            return up
        with log.open("rb") as lines:
            lines.seek(log_before)
            reason = _reason(lines.read().decode(errors="replace"))
        if not _REFUSED.search(reason) or time.monotonic() > refused_until:
            raise Unavailable(
                "server_start",
                f"the database server in {data} did not start: {reason}{_who_is_in_the_way(data)} "
                f"(more in {log})",
                data=str(data),
                log=str(log),
            )
        if not told:
            told = True
            say("The database server was killed; waiting until the last of it has ended.")
        time.sleep(0.2)


def wait_until_ready(data: Path, pid: int, say: Callable[[str], None]) -> Postmaster | None:
    """Wait until a starting server answers; ``None`` when it ended instead.

    Raises
    ------
    Unavailable
        It is still recovering after ``RECOVERY_PATIENCE_S``.
    """
    began = time.monotonic()
    told = False
    while process_state(pid) not in (None, "Z"):
        found = read_pid_file(data)
        if found is not None and found.pid == pid and found.ready:
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
    """Wait until a process has ended, reaped or not."""
    until = time.monotonic() + patience_s
    while process_state(pid) not in (None, "Z"):
        if time.monotonic() > until:
            return False
        time.sleep(_STEP_S)
    return True


def process_state(pid: int) -> str | None:
    """Return the kernel's letter for a process (``Z`` ended but not reaped), or ``None``."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The program's name stands in parentheses and may hold blanks and parentheses.
    return stat.rpartition(")")[2].split()[0]


def keep_log_short(log: Path) -> None:
    """Cut the log to its last megabyte when it has grown past four.

    The server appends, so it goes on at the new end; a line written in this
    instant may be lost.
    """
    if not log.exists() or log.stat().st_size <= LOG_LIMIT_BYTES:
        return
    with log.open("rb") as lines:
        lines.seek(-_LOG_KEPT_BYTES, os.SEEK_END)
        tail = lines.read().partition(b"\n")[2]
    os.truncate(log, 0)
    with log.open("ab") as lines:
        lines.write(tail)


def _start_once(
    postgresql: PostgreSQL,
    user: ServerUser,
    data: Path,
    sockets: Path,
    log: Path,
    say: Callable[[str], None],
) -> Postmaster | None:
    with log.open("ab") as lines:
        user.own(log)
        child = user.start(
            postgresql.program("postgres"),
            "-D",
            str(data),
            "-c",
            f"unix_socket_directories={sockets}",
            "-p",
            str(PORT),
            out=lines,
            own_session=True,
        )
    threading.Thread(target=child.wait, name="postmaster reaper", daemon=True).start()
    return wait_until_ready(data, child.pid, say)


def _reason(output: str) -> str:
    """Pick PostgreSQL's reason out of what it printed while it failed to start."""
    lines = [line for line in output.splitlines() if line.strip()]
    for line in lines:
        if found := re.search(r"(?:FATAL|PANIC): +(.*)", line):
            return found[1]
    return lines[-1] if lines else "it ended without a word"


def _who_is_in_the_way(data: Path) -> str:
    found = read_pid_file(data)
    state = process_state(found.pid) if found else None
    if found is None or state is None:
        return ""
    if state == "Z":
        stat = Path(f"/proc/{found.pid}/stat").read_text()
        parent = stat.rpartition(")")[2].split()[1]
        return (
            f"; process {found.pid} has ended but its parent {parent} does not reap it: "
            "end that one, or run the container with an init process"
        )
    words = " ".join(os.fsdecode(word) for word in _command_line(found.pid))
    return f'; process {found.pid} is "{words[:120]}"'


def _command_line(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return []
