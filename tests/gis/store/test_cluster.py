"""Making, sharing, stopping and recovering the embedded cluster within one process."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import asyncpg
import pytest

from gis.errors import Misconfigured, Unavailable
from gis.store import postmaster, server_log
from gis.store.cluster import EmbeddedCluster
from gis.store.cluster_locks import ClusterLocks
from tests.gis.store.cluster_child import Hold, answer, copy_home, servers_on


def test_a_new_home_gets_a_server_that_speaks_postgis_and_keeps_what_it_confirms(
    open_folder: Path,
) -> None:
    home = open_folder / "not" / "yet" / "there"
    with EmbeddedCluster(home) as url:
        assert answer(url, "select st_area('POLYGON((0 0,2 0,2 2,0 2,0 0))'::geometry)") == "4"
        assert answer(url, "select '[1,2]'::int4range && '[2,3]'::int4range") == "t"
        schemas = "select distinct extnamespace::regnamespace from pg_extension where extname in "
        assert answer(url, f"{schemas} ('postgis', 'btree_gist')") == "public"
        for setting, value in {
            "data_checksums": "on",
            "server_encoding": "UTF8",
            "fsync": "on",
            "full_page_writes": "on",
            "synchronous_commit": "on",
            "listen_addresses": "",
            "shared_buffers": "512MB",
            "jit": "off",
        }.items():
            assert answer(url, f"show {setting}") == value, setting
    assert servers_on(home / "cluster" / "data") == []


def test_nobody_but_the_servers_user_may_enter_the_cluster_or_its_socket(made_home: Path) -> None:
    with EmbeddedCluster(made_home):
        for folder in (made_home / "cluster", made_home / "cluster" / "run"):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (made_home / "cluster").stat().st_uid != 0


def test_chinese_letters_are_letters_and_sort_by_code_point(made_home: Path) -> None:
    with EmbeddedCluster(made_home) as url:
        assert answer(url, r"select '网格' ~ '^\w+$'") == "t"
        assert (
            answer(url, "select string_agg(w, '' order by w) from unnest('{网,a,格,B}'::text[]) w")
            == "Ba格网"
        )


def test_the_second_user_joins_the_server_and_the_last_one_stops_it(made_home: Path) -> None:
    first, second = EmbeddedCluster(made_home), EmbeddedCluster(made_home)
    url = first.acquire()
    pid = first.describe()["pid"]
    assert second.acquire() == url
    assert second.describe()["pid"] == pid
    first.release()
    assert servers_on(made_home / "cluster" / "data") == [pid]
    assert answer(url, "select 1") == "1"
    second.release()
    assert servers_on(made_home / "cluster" / "data") == []


def test_rows_are_there_after_a_stop_and_a_start(made_home: Path) -> None:
    with EmbeddedCluster(made_home) as url:
        answer(url, "create table kept as select generate_series(1, 1000) as n")
    with EmbeddedCluster(made_home) as url:
        assert answer(url, "select sum(n) from kept; drop table kept") == "500500"


def test_acquiring_and_releasing_twice_is_as_good_as_once(made_home: Path) -> None:
    cluster = EmbeddedCluster(made_home)
    assert cluster.acquire() == cluster.acquire()
    cluster.release()
    cluster.release()
    assert servers_on(made_home / "cluster" / "data") == []
    with pytest.raises(RuntimeError):
        cluster.ensure_running()


@pytest.mark.parametrize("leaving", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_block_left_by_any_exception_releases(
    made_home: Path, leaving: type[BaseException]
) -> None:
    with pytest.raises(leaving), EmbeddedCluster(made_home):
        raise leaving
    assert servers_on(made_home / "cluster" / "data") == []


async def test_asyncpg_opens_the_url_whatever_postgresql_variables_are_set(
    made_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGHOST": "127.0.0.1",
        "PGPORT": "1",
        "PGDATA": "/",
        "PGUSER": "x",
        "PGOPTIONS": "-c geqo=maybe",
    }.items():
        monkeypatch.setenv(name, value)
    with EmbeddedCluster(made_home) as url:
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select current_user || '@' || current_database()") == (
            "wangge@wangge"
        )
        await connection.close()


def test_a_server_killed_under_its_user_comes_back_with_its_rows(made_home: Path) -> None:
    said: list[str] = []
    with EmbeddedCluster(made_home) as url:
        answer(url, "create table committed as select generate_series(1, 1000) as n")
    cluster = EmbeddedCluster(made_home, say=said.append)
    with cluster as url:
        answer(url, "insert into committed select generate_series(1001, 2000)")
        killed = int(str(cluster.describe()["pid"]))
        os.kill(killed, signal.SIGKILL)
        assert postmaster.wait_until_gone(killed, 10)
        assert cluster.ensure_running() == url
        assert cluster.describe()["pid"] != killed
        assert answer(url, "select count(*) from committed; drop table committed") == "2000"
        assert cluster.ensure_running() == url
    assert servers_on(made_home / "cluster" / "data") == []


def test_a_killed_server_is_recovered_by_the_next_user_too(made_home: Path, hold: Hold) -> None:
    starter = hold(made_home)
    answer(starter.url(), "create table survives as select 1 as n")
    (pid,) = servers_on(made_home / "cluster" / "data")
    os.kill(pid, signal.SIGKILL)
    with EmbeddedCluster(made_home) as url:
        assert answer(url, "select n from survives; drop table survives") == "1"
        starter.end()
        assert answer(url, "select 1") == "1"
    assert servers_on(made_home / "cluster" / "data") == []


def test_a_missing_postgresql_is_one_clear_line_and_leaves_nothing(open_folder: Path) -> None:
    home = open_folder / "home"
    with pytest.raises(Misconfigured) as caught:
        EmbeddedCluster(home, installations=[open_folder / "empty"]).acquire()
    assert "apt-get install postgresql" in caught.value.message
    assert "\n" not in caught.value.message
    assert {entry.name for entry in home.iterdir()} == {"users.lock", "decision.lock"}
    nobody_else = ClusterLocks(home)
    assert nobody_else.is_last_user()
    nobody_else.close()


def test_a_cluster_deleted_under_its_user_is_not_replaced_by_an_empty_one(
    made_home: Path, open_folder: Path
) -> None:
    home = open_folder / "home"
    copy_home(made_home, home)
    cluster = EmbeddedCluster(home)
    cluster.acquire()
    os.kill(int(str(cluster.describe()["pid"])), signal.SIGKILL)
    (home / "cluster").rename(home / "taken-away")
    with pytest.raises(Unavailable, match="deleted"):
        cluster.ensure_running()
    cluster.release()


def test_a_users_forked_child_neither_stops_the_server_nor_keeps_it(made_home: Path) -> None:
    cluster = EmbeddedCluster(made_home)
    url = cluster.acquire()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        cluster.release()
        os.read(reading, 1)
        os._exit(0)
    try:
        assert answer(url, "select 1") == "1"
        cluster.release()
        assert servers_on(made_home / "cluster" / "data") == []
        with EmbeddedCluster(made_home) as url:
            assert answer(url, "select 1") == "1"
        assert servers_on(made_home / "cluster" / "data") == []
    finally:
        os.write(writing, b".")
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)


def test_the_log_keeps_its_end_and_the_server_goes_on_writing_to_it(made_home: Path) -> None:
    log = made_home / "cluster" / "server.log"
    with EmbeddedCluster(made_home) as url:
        with log.open("a") as lines:
            lines.writelines(f"line {number}\n" for number in range(500_000))
        assert log.stat().st_size > server_log.LIMIT_BYTES
        server_log.keep_short(log)
        assert log.stat().st_size <= server_log.KEPT_BYTES
        answer(url, "do $$ begin raise warning 'written after the cut'; end $$")
    text = log.read_text()
    assert text.startswith("line ")
    assert "line 499999\n" in text
    assert "written after the cut" in text
    assert "\0" not in text


def test_the_log_never_holds_the_values_of_a_failed_statement(made_home: Path) -> None:
    with EmbeddedCluster(made_home) as url:
        answer(url, "create table contacts (phone text unique)")
        insert = "insert into contacts values ('13800001111')"
        answer(url, insert)
        with pytest.raises(AssertionError, match="duplicate key"):
            answer(url, insert)
        answer(url, "drop table contacts")
    assert "duplicate key" in (made_home / "cluster" / "server.log").read_text()
    assert "13800001111" not in (made_home / "cluster" / "server.log").read_text()
