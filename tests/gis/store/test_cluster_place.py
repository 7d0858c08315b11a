"""Homes the server's user may not enter, and homes too deep for a socket."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gis.errors import Misconfigured
from gis.store import cluster_place
from gis.store.cluster import EmbeddedCluster
from gis.store.cluster_place import Place, choose_place, socket_folder
from gis.store.server_user import server_user
from tests.gis.store.cluster_child import answer, copy_home, servers_on

as_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root hands the server to another user, whom a folder may stop"
)


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder of ours that no other user may enter, like root's home."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as name:
        yield Path(name).resolve()


@pytest.fixture
def far_clusters(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for clusters elsewhere, put where nothing stays after the test."""
    monkeypatch.setattr(cluster_place, "FAR_CLUSTERS", open_folder / "far")
    return open_folder / "far"


@as_root
def test_the_cluster_of_a_home_under_a_closed_folder_lives_elsewhere_and_one_line_says_so(
    closed_folder: Path,
) -> None:
    said: list[str] = []
    cluster = EmbeddedCluster(closed_folder / "clone" / ".wangge", say=said.append)
    url = cluster.acquire()
    folder = Path(str(cluster.describe()["cluster"]))
    try:
        assert folder.is_relative_to("/var/lib/wangge")
        assert [line for line in said if str(folder) in line and str(cluster.home) in line]
        answer(url, "create table kept as select 5 as n")
        cluster.release()
        assert servers_on(folder / "data") == []
        with EmbeddedCluster(closed_folder / "clone" / ".wangge") as again:
            assert answer(again, "select n from kept") == "5"
        assert stat.S_IMODE(closed_folder.stat().st_mode) == 0o700
    finally:
        cluster.release()
        shutil.rmtree(folder)


@as_root
def test_a_moved_home_finds_its_far_cluster_and_a_copy_gets_one_of_its_own(
    closed_folder: Path, far_clusters: Path
) -> None:
    home = closed_folder / "home"
    home.mkdir()
    place = choose_place(home, print)
    place.folder.mkdir()
    moved = home.rename(closed_folder / "moved")
    assert choose_place(moved, print).folder == place.folder
    home.mkdir()
    shutil.copytree(moved, home, dirs_exist_ok=True)
    assert choose_place(home, print).folder != place.folder
    assert choose_place(moved, print).folder == place.folder


@as_root
def test_a_new_home_does_not_get_the_data_a_deleted_one_left_behind(
    closed_folder: Path, far_clusters: Path
) -> None:
    home = closed_folder / "home"
    home.mkdir()
    left_behind = choose_place(home, print).folder
    left_behind.mkdir()
    shutil.rmtree(home)
    home.mkdir()
    assert choose_place(home, print).folder != left_behind


@as_root
def test_a_cluster_moved_under_a_closed_folder_is_refused_and_not_made_anew(
    made_home: Path, closed_folder: Path
) -> None:
    shutil.copytree(made_home, closed_folder / "home", ignore=shutil.ignore_patterns("data"))
    shutil.copystat(made_home / "cluster", closed_folder / "home" / "cluster")
    with pytest.raises(Misconfigured, match="may not enter"):
        EmbeddedCluster(closed_folder / "home").acquire()


def test_a_home_too_deep_for_a_socket_gets_a_short_one_elsewhere(
    made_home: Path, open_folder: Path
) -> None:
    home = open_folder / ("深" * 30) / "with blank, comma" / ".wangge"
    copy_home(made_home, home)
    with EmbeddedCluster(home) as url:
        sockets = Path(answer(url, "show unix_socket_directories"))
        assert not sockets.is_relative_to(open_folder)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
        assert sockets.stat().st_uid == (home / "cluster").stat().st_uid
        assert str(sockets) in (home / "elsewhere.json").read_text()
    with EmbeddedCluster(home) as again:
        assert again == url
    sockets.rmdir()


@pytest.mark.parametrize("trap", ["open to all", "link", "file"])
def test_a_socket_folder_somebody_else_prepared_is_not_used(open_folder: Path, trap: str) -> None:
    home = open_folder / ("d" * 120)
    cluster = home / "cluster"
    cluster.mkdir(parents=True)
    place = Place(cluster, server_user(open_folder / "not there"))
    expected = socket_folder(home, place)
    expected.rmdir()
    if trap == "link":
        place.user.own(_private_folder(open_folder / "trap"))
        expected.symlink_to(open_folder / "trap")
    elif trap == "file":
        expected.touch()
    else:
        expected.mkdir()
        place.user.own(expected)
        expected.chmod(0o777)
    taken = socket_folder(home, place)
    assert taken != expected
    found = taken.lstat()
    assert stat.S_ISDIR(found.st_mode)
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (place.user.uid, 0o700)
    assert socket_folder(home, place) == taken
    taken.rmdir()
    expected.rmdir() if trap == "open to all" else expected.unlink()


def _private_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def test_a_home_with_a_line_break_in_its_name_is_refused(open_folder: Path) -> None:
    with pytest.raises(Misconfigured, match="unprintable"):
        EmbeddedCluster(open_folder / "two\nlines").acquire()


def test_a_home_that_cannot_be_made_is_refused_in_one_line() -> None:
    with pytest.raises(Misconfigured, match="cannot make WANGGE_HOME") as caught:
        EmbeddedCluster(Path("/dev/null/home")).acquire()
    assert "\n" not in caught.value.message
