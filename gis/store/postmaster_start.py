"""Start the server of the embedded cluster, patiently."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gis.errors import Unavailable
from gis.store import postmaster
from gis.store.cluster_place import PORT, Place
from gis.store.postgresql import PostgreSQL
from gis.store.postmaster import Postmaster

REFUSAL_PATIENCE_S = 30.0
"""After a kill -9 of the postmaster PostgreSQL refuses a new start for 1.5 to 2 s, until its
children are gone; a backend deep in a long query takes longer."""

_REFUSED = re.compile(r'lock file ".*" (already exists|is empty)|pre-existing shared memory block')


def start_postmaster(
    postgresql: PostgreSQL, place: Place, sockets: Path, say: Callable[[str], None]
) -> Postmaster:
    """Start the server and wait until it answers; call only under the decision lock.

    The server is our child, in a session of its own, so that a Ctrl-C meant
    for us does not reach it.

    Raises
    ------
    Unavailable
        It did not come up; the message carries PostgreSQL's own reason.
    """
    refused_until = time.monotonic() + REFUSAL_PATIENCE_S
    told = False
    while True:
        log_before = place.log.stat().st_size if place.log.exists() else 0
        server, exit_status = _start_once(postgresql, place, sockets, say)
        if server is not None:
            return server
        with place.log.open("rb") as lines:
            lines.seek(log_before)
            reason = _reason(lines.read().decode(errors="replace"), exit_status)
        again = exit_status == -signal.SIGKILL or _REFUSED.search(reason)
        if not again or time.monotonic() > refused_until:
            raise Unavailable(
                "server_start",
                f"the database server in {place.data} did not start: {reason}"
                f"{_who_is_in_the_way(place.data)} (log: {place.log})",
                data=str(place.data),
                log=str(place.log),
            )
        if not told:
            told = True
            say("The database server did not end in order; waiting until the last of it is gone.")
        time.sleep(0.2)


def _start_once(
    postgresql: PostgreSQL, place: Place, sockets: Path, say: Callable[[str], None]
) -> tuple[Postmaster | None, int]:
    """Return the server once it answers, else how it ended: its status, or minus a signal."""
    with place.log.open("ab") as log:
        place.user.own(place.log)
        child = place.user.start(
            postgresql.program("postgres"),
            *("-D", str(place.data), "-k", str(sockets), "-p", str(PORT)),
            out=log,
            own_session=True,
        )
    # Reaped at once when it ends: PostgreSQL counts a process that is not as alive.
    reaper = threading.Thread(target=child.wait, name="postmaster reaper", daemon=True)
    reaper.start()
    try:
        if server := postmaster.wait_until_ready(place.data, child.pid, say):
            return server, 0
    except BaseException:
        child.send_signal(signal.SIGINT)
        postmaster.wait_until_gone(child.pid, postmaster.STOP_PATIENCE_S)
        raise
    reaper.join()
    return None, child.returncode


def _reason(output: str, exit_status: int) -> str:
    """Pick PostgreSQL's reason out of what it printed while it failed to start."""
    if exit_status < 0:
        return f"it was killed by signal {-exit_status}"
    lines = [line for line in output.splitlines() if line.strip()]
    for line in lines:
        if found := re.search(r"(?:FATAL|PANIC): +(.*)", line):
            return found[1]
    return lines[-1] if lines else f"it ended with status {exit_status} and without a word"


def _who_is_in_the_way(data: Path) -> str:
    """Name the process that PostgreSQL takes for a running server, when there is one."""
    found = postmaster.read_pid_file(data)
    state, parent = postmaster.state_and_parent(found.pid) if found else ("", 0)
    if found is None or not state:
        return ""
    if state == "Z":
        return (
            f"; process {found.pid} has ended, but its parent {parent} does not reap it: end "
            "the parent, or run the container with an init process"
        )
    words = " ".join(postmaster.command_line(found.pid))
    return (
        f'; process {found.pid} is "{words[:120]}": if that is no PostgreSQL, it got the number '
        "of a server that died with the machine, and has to end before this one can start"
    )
