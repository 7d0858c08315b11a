"""The two locks that let many processes share one embedded cluster.

Who uses the cluster holds ``users.lock`` shared for as long as it does; the
kernel drops it with the process, however that ends. Who starts or stops the
server holds ``decision.lock`` alone, for the moment it takes; under it, being
able to take ``users.lock`` alone means being the last user.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gis.errors import Misconfigured, Unavailable

DECISION_PATIENCE_S = 360.0
"""How long to wait for another process's start or stop: longer than a crash recovery may take."""

_STEP_S = 0.02


class ClusterLocks:
    """One user's part in the two locks under ``home``.

    Both files stay open until ``close``: should the home be deleted under its
    users, they still find each other by the files they hold.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._users = _open(home / "users.lock")
        try:
            self._decision = _open(home / "decision.lock")
        except BaseException:
            os.close(self._users)
            raise
        # Threads of one process share the open file, which does not keep them apart.
        self._threads = threading.Lock()

    @contextmanager
    def decision(self, say: Callable[[str], None]) -> Iterator[None]:
        """Be the only one who starts or stops the server.

        Raises
        ------
        Unavailable
            Another process did not finish its start or stop in time.
        """
        with self._threads:
            began = time.monotonic()
            told = False
            while not _taken(self._decision):
                waited_s = time.monotonic() - began
                if waited_s > DECISION_PATIENCE_S:
                    raise Unavailable(
                        "cluster_busy",
                        f"another process holds {self._home / 'decision.lock'} for more than "
                        f"{DECISION_PATIENCE_S:.0f} s: end it and try again",
                    )
                if waited_s > 2 and not told:
                    told = True
                    say("Waiting for another process to start or stop the database server.")
                time.sleep(_STEP_S)
            try:
                yield
            finally:
                fcntl.flock(self._decision, fcntl.LOCK_UN)

    def join_users(self) -> None:
        """Count as a user from now on; call under ``decision``."""
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def is_last_user(self) -> bool:
        """Tell whether nobody else uses the cluster; call under ``decision``.

        A refused conversion to an exclusive lock loses the shared one, so it is
        taken again: nobody can be in the way, for others too hold it shared.
        """
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            fcntl.flock(self._users, fcntl.LOCK_SH)
        return True

    def close(self) -> None:
        """Stop being a user.

        Unlocks before it closes: a forked child shares the open file, and
        closing ours alone would leave the lock with it.
        """
        fcntl.flock(self._users, fcntl.LOCK_UN)
        os.close(self._users)
        os.close(self._decision)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:
            # So that the home's owner can use it again after root did.
            home = path.parent.stat()
            os.fchown(file, home.st_uid, home.st_gid)
    except OSError as error:
        raise Misconfigured(
            "home_not_writable",
            f"cannot open {path}: {error.strerror}; choose another WANGGE_HOME "
            "or run as the user it belongs to",
            path=str(path),
        ) from error
    return file
