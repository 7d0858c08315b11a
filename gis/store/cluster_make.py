"""Make the embedded cluster and its database, each step whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from gis.errors import Misconfigured, Unavailable
from gis.store.cluster_place import Place
from gis.store.postgresql import PostgreSQL
from gis.store.postmaster import Postmaster, is_alive
from gis.store.server_user import ServerUser

DATABASE = "wangge"
SUPERUSER = "wangge"

SETTINGS = {
    # Only the socket in a folder that nobody else may enter leads to the server.
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # Holds the open cases' pages and the upper parts of the indexes of a million reports.
    "shared_buffers": "512MB",
    "random_page_cost": "1.1",
    # Compiling a query costs 50 to 500 ms, more than nearly all of ours take.
    "jit": "off",
    "max_parallel_workers_per_gather": "1",
    # What was answered "stored" is on the disk.
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "wal_compression": "on",
    # A million reports write 2 GB of it; every checkpoint in between writes whole pages again.
    "max_wal_size": "2GB",
    # A forgotten transaction keeps old row versions of the whole server alive. The longest
    # honest pause is the proof of a large coverage between two statements.
    "idle_in_transaction_session_timeout": "10min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # One line a problem, and never a statement or a value: they may hold a reporter's contact.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    # To standard error, which is the file server.log (kept short by server_log.keep_short).
    "logging_collector": "off",
    "log_destination": "stderr",
}
"""What differs from PostgreSQL's defaults or must not be changed by them."""

_EXTENSIONS = """
set client_min_messages = warning;
create extension if not exists postgis schema public;
create extension if not exists btree_gist schema public;
"""


def make_cluster(postgresql: PostgreSQL, place: Place) -> None:
    """Make the cluster folder with an empty data directory in it, by ``initdb``.

    All is made under another name and renamed at the end, so that a kill in
    the middle leaves nothing half-made. Call only under the decision lock.

    Raises
    ------
    Misconfigured
        ``initdb`` refused; the message carries its reason.
    """
    cluster = place.folder
    new = Path(tempfile.mkdtemp(prefix=f"{cluster.name}.new-", dir=cluster.parent))
    try:
        place.user.own(new)
        ran = place.user.run(
            postgresql.program("initdb"),
            f"--pgdata={new / 'data'}",
            f"--username={SUPERUSER}",
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            # Knows Chinese letters as letters; sorts by code point, the same on every machine
            # and by comparing bytes: "C.UTF-8" sorts alike through the C library, far slower.
            "--locale=C.UTF-8",
            "--lc-collate=C",
            "--data-checksums",
            "--no-instructions",
        )
        if ran.returncode != 0:
            lines = ran.stdout.strip().splitlines() or ["it ended without a word"]
            reason = next((line for line in lines if "error" in line), lines[-1])
            raise Misconfigured("initdb", f"cannot make a database cluster in {cluster}: {reason}")
        with (new / "data" / "postgresql.conf").open("a") as settings:
            settings.write("\ninclude 'wangge.conf'\n")
        new.rename(cluster)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    parent = os.open(cluster.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(parent)
    os.close(parent)


def remove_half_made(place: Place) -> None:
    """Remove what a kill in the middle of ``make_cluster`` left; under the decision lock.

    Its initdb may live on for a moment and write again what was just removed,
    so each start of the server looks anew.
    """
    for left_over in place.folder.parent.glob(f"{place.folder.name}.new-*"):
        shutil.rmtree(left_over, ignore_errors=True)


def write_settings(place: Place) -> None:
    """Write ``wangge.conf``, which ``postgresql.conf`` includes.

    It is written anew at each start. A person's own settings go below the
    include line of ``postgresql.conf``.
    """
    fresh = place.data / "wangge.conf.new"
    fresh.write_text("".join(f"{name} = '{value}'\n" for name, value in SETTINGS.items()))
    place.user.own(fresh)
    fresh.replace(place.data / "wangge.conf")


def make_database(
    postgresql: PostgreSQL, user: ServerUser, server: Postmaster, *, patience_s: float = 30.0
) -> bool:
    """See to it that the database and its extensions are there; false when the server ended.

    Each start asks again, for a kill may have come between them.

    Raises
    ------
    Unavailable
        The server does not let us in for ``patience_s``, or refuses an
        extension.
    """
    until = time.monotonic() + patience_s
    while (refused := _execute(postgresql, user, server, DATABASE, _EXTENSIONS)) is not None:
        if f'database "{DATABASE}" does not exist' in refused:
            statement = f"create database {DATABASE}"
            refused = _execute(postgresql, user, server, "postgres", statement)
            if refused is None:
                continue
        if not is_alive(server.pid):
            return False
        # After the crash of one backend the server recovers for a moment, still up.
        if "connection" not in refused or time.monotonic() > until:
            raise Unavailable("database_make", f"cannot make the database: {refused}")
        time.sleep(0.1)
    return True


def _execute(
    postgresql: PostgreSQL, user: ServerUser, server: Postmaster, database: str, statements: str
) -> str | None:
    """Run statements by psql; return its last words when they failed."""
    ran = user.run(
        postgresql.program("psql"),
        "--no-psqlrc",
        "--quiet",
        "--no-password",
        "--set=ON_ERROR_STOP=1",
        f"--host={server.sockets}",
        f"--port={server.port}",
        f"--username={SUPERUSER}",
        f"--dbname={database}",
        f"--command={statements}",
        # A service told to stop while it starts finishes the start, then stops in order.
        own_session=True,
    )
    return None if ran.returncode == 0 else " ".join(ran.stdout.split())
