"""The two locks that let many processes share one embedded cluster.

Who uses the cluster holds ``users.lock`` shared for as long as it does; the
kernel drops it with the process, however that ends. Who starts or stops the
server holds ``decision.lock`` alone, for the moment it takes; under it, being
able to take ``users.lock`` alone means being the last user.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.errors import Misconfigured, Unavailable

DECISION_PATIENCE_S = 360.0
"""How long to wait for another process's start or stop: longer than a crash recovery may take."""

_STEP_S = 0.02


class UserLock:
    """One user's share of the cluster under ``home``."""

    def __init__(self, home: Path) -> None:
        self._file = _open(home / "users.lock")
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def is_last(self) -> bool:
        """Tell whether nobody else uses the cluster; ask only under the decision lock.

        A refused conversion loses the shared lock, so the one who asks must be
        on its way out.
        """
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def drop(self) -> None:
        """Stop using the cluster.

        Unlocks before it closes: a forked child shares the open file, and
        closing ours alone would leave the lock with it.
        """
        if self._file < 0:
            return
        fcntl.flock(self._file, fcntl.LOCK_UN)
        os.close(self._file)
        self._file = -1


@contextmanager
def decision(home: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Be the only one who starts or stops the server under ``home``.

    Raises
    ------
    Unavailable
        Another process did not finish its start or stop in time.
    """
    file = _open(home / "decision.lock")
    try:
        began = time.monotonic()
        told = False
        while not _taken(file):
            waited_s = time.monotonic() - began
            if waited_s > DECISION_PATIENCE_S:
                raise Unavailable(
                    "cluster_busy",
                    f"another process holds {home / 'decision.lock'} since "
                    f"{waited_s:.0f} s: end it and try again",
                )
            if waited_s > 2 and not told:
                told = True
                say("Waiting for another process to start or stop the database server.")
            time.sleep(_STEP_S)
        yield
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise Misconfigured(
            "home_not_writable",
            f"cannot open {path}: {error.strerror}; choose another WANGGE_HOME "
            "or run as the user it belongs to",
            path=str(path),
        ) from error
