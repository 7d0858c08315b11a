"""Servers the tests run against: the embedded cluster, and one of somebody else's."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gis.store import postmaster
from gis.store.cluster import EmbeddedCluster
from gis.store.postgresql import find_postgresql
from gis.store.server_user import server_user
from tests.databases import engine, migrated_url, tx
from tests.gis.store.cluster_child import answer
from tests.hypothesis_profiles import register_profiles
from tests.made_once import MadeOnce
from tests.ready_homes import ReadyHomes, ready_homes

__all__ = ["engine", "migrated_url", "ready_homes", "tx"]

MADE_ONCE = pytest.StashKey[MadeOnce]()

register_profiles()

# Started in a shell's background, this process would ignore Ctrl-C and so would every program
# a test starts; a handler of our own makes them begin with the system's default.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Give all processes of the run one folder for what is made once."""
    given = getattr(config, "workerinput", None)
    if given is None:
        folder = open_folder()
        config.add_cleanup(folder.cleanup)
        given = {"made_once": folder.name}
    config.stash[MADE_ONCE] = MadeOnce(Path(given["made_once"]))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of the run that folder as it starts."""
    node.workerinput["made_once"] = str(node.config.stash[MADE_ONCE].place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share the tests out among the processes of ``-n``, unless another way is asked for."""
    if config.getvalue("dist") != "loadfile":
        return None
    # Imported here: of the plugin only who uses it needs to know.
    from tests.shares_of_processes import SharesOfProcesses

    return SharesOfProcesses(config, log)


@pytest.fixture(scope="session")
def made_once(pytestconfig: pytest.Config) -> MadeOnce:
    return pytestconfig.stash[MADE_ONCE]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser to the end: Playwright's event loop keeps running until then.

    No asynchronous test or fixture can start a loop of its own beside it.
    """
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)


# A run that is told to end (by a time limit, say) stops its servers, as it does on Ctrl-C.
signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def cluster_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of the server for this session: WANGGE_DATABASE_URL's, else an embedded cluster."""
    if given := os.environ.get("WANGGE_DATABASE_URL"):
        yield given
        return
    homes: ReadyHomes = request.getfixturevalue("ready_homes")
    with open_folder() as folder:
        home = Path(folder) / "home"
        homes.copy_empty_home(home)
        with EmbeddedCluster(home) as url:
            # Most tests write in a transaction that is rolled back: what the autovacuum sees of
            # their tables is empty, and it would have the next test's queries planned for that.
            answer(url, "alter system set autovacuum = off")
            answer(url, "select pg_reload_conf()")
            yield url


@pytest.fixture(scope="session")
def external_server_url() -> Iterator[str]:
    """URL of a server as a city's own: on TCP, with a password, its role no superuser."""
    postgresql = find_postgresql()
    with open_folder() as folder, socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
        user = server_user(Path(folder) / "data")
        # The server keeps its files in a folder of its own user.
        user.own(Path(folder))
        password = Path(folder) / "password"
        password.write_text("of-the-administrator")
        user.own(password)
        data = Path(folder) / "data"
        made = user.run(
            postgresql.program("initdb"),
            f"--pgdata={data}",
            "--username=administrator",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        assert made.returncode == 0, made.stdout
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = '127.0.0.1'\nport = {port}\n"
                "unix_socket_directories = ''\nfsync = off\n"
            )
        reserved.close()
        with (Path(folder) / "log").open("wb") as log:
            server = user.start(
                postgresql.program("postgres"), "-D", str(data), out=log, own_session=True
            )
        with server:
            try:
                assert postmaster.wait_until_ready(data, server.pid, print), log
                for database, statement in (
                    ("postgres", "create role wangge login password 'of-the-service'"),
                    ("postgres", "create database wangge owner wangge"),
                    ("wangge", "create extension postgis; create extension btree_gist"),
                ):
                    ran = user.run(
                        postgresql.program("psql"),
                        "--quiet",
                        "--no-psqlrc",
                        f"postgresql://administrator:of-the-administrator@127.0.0.1:{port}/{database}",
                        f"--command={statement}",
                    )
                    assert ran.returncode == 0, ran.stdout
                yield f"postgresql://wangge:of-the-service@127.0.0.1:{port}/wangge"
            finally:
                postmaster.stop(data, print)


def open_folder() -> tempfile.TemporaryDirectory[str]:
    """Make a temporary folder that the server's user may enter, unlike pytest's own (0700)."""
    folder = tempfile.TemporaryDirectory(prefix="wangge-test-", ignore_cleanup_errors=True)
    Path(folder.name).chmod(0o755)
    return folder
