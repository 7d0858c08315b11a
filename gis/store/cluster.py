"""The embedded PostGIS cluster: a private server under ``$WANGGE_HOME``.

Whoever needs the database acquires the cluster and releases it. The first
user makes and starts it, the last one stops it, and a server whose users were
all killed is adopted by the next. How the users find out about each other is
in ``cluster_locks``, where things lie in ``cluster_place``.
"""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from gis.errors import Misconfigured
from gis.store import postmaster
from gis.store.cluster_locks import UserLock, decision
from gis.store.cluster_make import (
    DATABASE,
    SUPERUSER,
    make_cluster,
    make_database,
    write_settings,
)
from gis.store.cluster_place import cluster_folder, socket_folder
from gis.store.postgresql import find_postgresql
from gis.store.postmaster import PORT, Postmaster


class EmbeddedCluster:
    """One user's hold on the cluster of a home folder; a context manager that gives its URL.

    Parameters
    ----------
    home
        ``$WANGGE_HOME``; made when absent. All its users share one server.
    say
        Gets each line a person should read (where the data went, why it takes
        longer); by default they go to the log.
    installations
        Folders to look for PostgreSQL in, instead of the usual ones.

    Notes
    -----
    All calls block: a few milliseconds beside a running server, half a second
    to start one, two seconds to make one, longer after a crash. The process
    turns SIGTERM into an exit by itself; on any exit but a kill the hold is
    released. A forked child does not hold the cluster.
    """

    def __init__(
        self,
        home: Path,
        *,
        say: Callable[[str], None] | None = None,
        installations: Sequence[Path] | None = None,
    ) -> None:
        self.home = home
        self._say = say or logging.getLogger(__name__).info
        self._installations = installations
        self._lock: UserLock | None = None
        self._holder = 0
        self._cluster: Path | None = None

    def acquire(self) -> str:
        """Hold the cluster and return its URL, after starting the server where need be.

        Returns
        -------
        str
            ``postgresql://wangge@/wangge?host=<socket folder>&port=5432``, for
            asyncpg, psql and SQLAlchemy. Holding it already, only the URL.

        Raises
        ------
        Misconfigured
            PostgreSQL or PostGIS is missing, or the folder cannot be used.
        Unavailable
            The server does not start.
        """
        if self._lock is not None:
            return self.ensure_running()
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.home = self.home.resolve()
        except OSError as error:
            raise Misconfigured(
                "home_not_writable", f"cannot make {self.home}: {error.strerror}"
            ) from error
        with decision(self.home, self._say):
            self._lock = lock = UserLock(self.home)
            self._holder = os.getpid()
            atexit.register(self.release)
            try:
                return self._started()
            except BaseException:
                self._leave(lock)
                raise

    def ensure_running(self) -> str:
        """Start the server again if it was killed under its users; return the URL.

        For a service that runs for long: call it now and then, and when a
        connection breaks. It costs two small reads while the server is up.

        Raises
        ------
        Unavailable
            The server does not start.
        RuntimeError
            The cluster is not held.
        """
        if self._lock is None or self._cluster is None:
            raise RuntimeError("acquire the cluster first")
        postmaster.keep_log_short(self._cluster / "server.log")
        found = postmaster.running(self._cluster / "data")
        if found is not None and found.ready:
            return _url(found)
        with decision(self.home, self._say):
            return self._started()

    def release(self) -> None:
        """Let go of the cluster; the last user stops the server. Not holding it is fine."""
        if self._lock is None or self._holder != os.getpid():
            return
        with decision(self.home, self._say):
            self._leave(self._lock)

    def describe(self) -> dict[str, str | int | None]:
        """Return home, cluster folder, socket folder and server pid, for diagnostics."""
        found = postmaster.running(self._cluster / "data") if self._cluster else None
        return {
            "home": str(self.home),
            "cluster": str(self._cluster) if self._cluster else None,
            "sockets": str(found.sockets) if found else None,
            "pid": found.pid if found else None,
        }

    def __enter__(self) -> str:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _started(self) -> str:
        """Make what is missing, adopt or start the server; under the decision lock."""
        cluster, user = cluster_folder(self.home, self._say)
        data = cluster / "data"
        major = int((data / "PG_VERSION").read_text()) if cluster.exists() else None
        postgresql = find_postgresql(major, self._installations)
        if major is None:
            self._say(f"Making the database cluster in {cluster}.")
            make_cluster(postgresql, user, cluster)
        self._cluster = cluster
        log = cluster / "server.log"
        postmaster.keep_log_short(log)
        server = self._adopted(data)
        if server is None:
            write_settings(user, data)
            sockets = socket_folder(self.home, cluster, user)
            server = postmaster.start(postgresql, user, data, sockets, log, self._say)
        make_database(postgresql, user, server.sockets)
        return _url(server)

    def _adopted(self, data: Path) -> Postmaster | None:
        """Return the server that already runs there, once it is ready."""
        found = postmaster.running(data)
        if found is None or found.ready:
            return found
        if found.stopping:
            postmaster.wait_until_gone(found.pid, postmaster.STOP_PATIENCE_S)
            return None
        return postmaster.wait_until_ready(data, found.pid, self._say)

    def _leave(self, lock: UserLock) -> None:
        """Stop the server if nobody else uses it, and give up the lock; under the decision lock."""
        if self._cluster is not None and lock.is_last():
            postmaster.stop(self._cluster / "data", self._say)
        lock.drop()
        self._lock = None
        atexit.unregister(self.release)


def _url(server: Postmaster) -> str:
    host = quote(str(server.sockets), safe="")
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={host}&port={PORT}"
