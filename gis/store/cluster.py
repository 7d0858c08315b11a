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

from gis.errors import Misconfigured, Unavailable
from gis.store import postmaster, server_log
from gis.store.cluster_locks import ClusterLocks
from gis.store.cluster_make import (
    DATABASE,
    SUPERUSER,
    make_cluster,
    make_database,
    remove_half_made,
    write_settings,
)
from gis.store.cluster_place import Place, choose_place, socket_folder
from gis.store.postgresql import find_postgresql
from gis.store.postmaster import Postmaster
from gis.store.postmaster_start import start_postmaster

_ATTEMPTS = 3
"""A server just killed looks alive for some milliseconds: the next attempt starts it again."""


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
    All calls block: a twentieth of a second beside a running server, a fifth to
    start one, two seconds to make one, longer after a crash. Any exit but a
    kill releases the hold; turning SIGTERM into an exit is the caller's part.
    A forked child does not hold the cluster: it makes an object of its own.
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
        self._locks: ClusterLocks | None = None
        self._place: Place | None = None
        self._process = 0

    def acquire(self) -> str:
        """Hold the cluster and return its URL, after starting the server where need be.

        Returns
        -------
        str
            ``postgresql://wangge@/wangge?host=<socket folder>&port=5432``, for
            asyncpg, libpq and SQLAlchemy. Who holds it already gets the same.

        Raises
        ------
        Misconfigured
            PostgreSQL or PostGIS is missing, or the folder cannot be used.
        Unavailable
            The server does not start.
        """
        if self._locks is not None:
            return self.ensure_running()
        self.home = _made(self.home)
        self._locks = locks = ClusterLocks(self.home)
        self._process = os.getpid()
        atexit.register(self.release)
        try:
            with locks.decision(self._say):
                locks.join_users()
                return self._started()
        except BaseException:
            self.release()
            raise

    def ensure_running(self) -> str:
        """Start the server again if it was killed under its users; return the URL.

        For a service that runs for long: call it now and then, and when a
        connection breaks. It costs two small reads while the server is up.

        Raises
        ------
        Unavailable
            The server does not start, or its data are gone.
        RuntimeError
            This process does not hold the cluster.
        """
        if self._locks is None or self._place is None or self._process != os.getpid():
            raise RuntimeError("acquire the cluster first")
        server_log.keep_short(self._place.log)
        found = postmaster.running(self._place.data)
        if found is not None and found.status == "ready":
            return _url(found)
        with self._locks.decision(self._say):
            return self._started()

    def release(self) -> None:
        """Let go of the cluster; the last user stops the server. Not holding it is fine.

        Interrupted by a second Ctrl-C it still holds, and tries again when the
        interpreter exits.
        """
        if self._locks is None or self._process != os.getpid():
            return
        if self._place is not None:
            with self._locks.decision(self._say):
                if self._locks.is_last_user():
                    postmaster.stop(self._place.data, self._say)
        self._locks.close()
        self._locks = None
        self._place = None
        atexit.unregister(self.release)

    def describe(self) -> dict[str, str | int | None]:
        """Return home, cluster folder, socket folder and server pid, for diagnostics."""
        found = postmaster.running(self._place.data) if self._place else None
        return {
            "home": str(self.home),
            "cluster": str(self._place.folder) if self._place else None,
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
        place = choose_place(self.home, self._say)
        remove_half_made(place)
        made = place.folder.exists()
        if self._place is not None and not made:
            raise Unavailable(
                "cluster_gone", f"the database cluster {self._place.folder} was deleted"
            )
        major = int((place.data / "PG_VERSION").read_text()) if made else None
        postgresql = find_postgresql(major, self._installations)
        if not made:
            self._say(f"Making the database cluster in {place.folder}.")
            make_cluster(postgresql, place)
        self._place = place
        server_log.keep_short(place.log)
        for _ in range(_ATTEMPTS):
            server = self._adopted(place)
            if server is None:
                write_settings(place)
                sockets = socket_folder(self.home, place)
                server = start_postmaster(postgresql, place, sockets, self._say)
            if make_database(postgresql, place.user, server):
                return _url(server)
        raise Unavailable(
            "server_dies",
            f"the database server in {place.data} ends as soon as it has started (log: "
            f"{place.log})",
        )

    def _adopted(self, place: Place) -> Postmaster | None:
        """Return the server that already runs there, once it is ready."""
        found = postmaster.running(place.data)
        if found is None or found.status == "ready":
            return found
        if found.status == "stopping":
            postmaster.wait_until_gone(found.pid, postmaster.STOP_PATIENCE_S)
            return None
        return postmaster.wait_until_ready(place.data, found.pid, self._say)


def _made(home: Path) -> Path:
    """Return the home folder by its real path, made when absent."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        home = home.resolve()
    except OSError as error:
        raise Misconfigured(
            "home_not_writable", f"cannot make WANGGE_HOME {home}: {error.strerror}"
        ) from error
    if not str(home).isprintable():
        # PostgreSQL's pid file and settings hold one path a line.
        raise Misconfigured("home_name", f"WANGGE_HOME {str(home)!r} has an unprintable character")
    return home


def _url(server: Postmaster) -> str:
    host = quote(str(server.sockets), safe="")
    return f"postgresql://{SUPERUSER}@/{DATABASE}?host={host}&port={server.port}"
