"""Where the embedded cluster and its socket may live.

Both belong inside ``$WANGGE_HOME``. Two things can forbid it: root's server runs
as another user, who may not be let in (a clone under ``/root`` is the usual
case), and the path of a unix socket ends at 107 bytes. What then lives
elsewhere is recorded in ``$WANGGE_HOME/elsewhere.json``.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Misconfigured
from gis.store.server_user import ServerUser, server_user

PORT = 5432
"""Only part of the socket's file name: no TCP port is opened."""

FAR_CLUSTERS = Path("/var/lib/wangge")
"""Where root's clusters go whose home is closed to the server's user."""

SOCKET_PATH_BYTES = 107

_RECORD = "elsewhere.json"


@dataclass(frozen=True)
class Place:
    """The folder of a cluster, which need not exist yet, and the user it belongs to."""

    folder: Path
    user: ServerUser

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server writes to its standard error."""
        return self.folder / "server.log"


def choose_place(home: Path, say: Callable[[str], None]) -> Place:
    """Choose where the cluster of ``home`` lies.

    A cluster once made stays where it is. A folder elsewhere is recorded before
    it is made, so that no cluster is ever without its home.

    Raises
    ------
    Misconfigured
        A cluster exists where its user cannot reach it any more, or no folder
        can be found for a new one.
    """
    near = home / "cluster"
    recorded = _recorded(home).get("cluster")
    folder = near if near.exists() or recorded is None else Path(recorded)
    user = server_user(folder)
    if folder.exists():
        if not user.may_enter(folder):
            raise Misconfigured(
                "cluster_unreachable",
                f"the cluster in {folder} runs as user {user.name}, who may not enter a folder "
                "above it: move it back to where it was, or open that folder to others (chmod +x)",
                folder=str(folder),
            )
        return Place(folder, user)
    if folder != near or user.may_enter(home):
        return Place(folder, user)
    folder = _free_name(FAR_CLUSTERS / _digest(home))
    if not FAR_CLUSTERS.exists():
        FAR_CLUSTERS.mkdir(parents=True)
        # Whatever the umask: the server's user has to pass.
        FAR_CLUSTERS.chmod(0o755)
    if not user.may_enter(FAR_CLUSTERS):
        raise Misconfigured(
            "cluster_unreachable",
            f"user {user.name}, who runs the database server for root, may enter neither {home} "
            f"nor {FAR_CLUSTERS}: choose another WANGGE_HOME",
        )
    _record(home, cluster=str(folder))
    say(f"{home} is closed to user {user.name}, so the database lives in {folder}.")
    return Place(folder, user)


def socket_folder(home: Path, place: Place) -> Path:
    """Return the folder for the server's socket, made and open to its user alone.

    It is ``run`` inside the cluster when the path is short enough, else a
    folder under ``/run`` or ``/tmp`` named by a hash of ``home``. Where
    somebody else sits on that name, a new name nobody can foresee is taken.
    """
    user = place.user
    near = place.folder / "run"
    if _fits(near):
        if not near.exists():
            _make_private(near, user)
        return near
    recorded = _recorded(home).get("sockets")
    if recorded is not None and _is_private(Path(recorded), user):
        return Path(recorded)
    base = Path("/run") if user.other and os.access("/run", os.W_OK) else Path("/tmp")  # noqa: S108
    far = base / f"wangge-{_digest(home)}"
    try:
        _make_private(far, user)
    except FileExistsError:
        if not _is_private(far, user):
            far = Path(tempfile.mkdtemp(prefix=f"{far.name}-", dir=base))
            user.own(far)
    _record(home, sockets=str(far))
    return far


def _fits(sockets: Path) -> bool:
    """Tell whether a socket in this folder can be named in a setting and in a URL.

    A comma separates folders for the server and hosts for its clients; a
    double quote begins a quoted name.
    """
    path = os.fsencode(sockets / f".s.PGSQL.{PORT}")
    return len(path) <= SOCKET_PATH_BYTES and not any(mark in path for mark in b',"')


def _make_private(folder: Path, user: ServerUser) -> None:
    folder.mkdir(mode=0o700)
    user.own(folder)


def _is_private(folder: Path, user: ServerUser) -> bool:
    """Tell whether it is a real folder of this user that nobody else may enter."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == user.uid and not found.st_mode & 0o077


def _free_name(folder: Path) -> Path:
    """Return the folder's name, numbered when it is taken.

    A home that was deleted may have left its cluster behind. A new home does
    not get its data, just as it would not had they lain inside.
    """
    names = itertools.chain(
        [folder], (folder.with_name(f"{folder.name}-{number}") for number in itertools.count(2))
    )
    return next(name for name in names if not name.exists())


def _digest(home: Path) -> str:
    return hashlib.sha256(os.fsencode(home)).hexdigest()[:12]


def _recorded(home: Path) -> dict[str, str]:
    """Read what is recorded for this home.

    A home that was moved keeps its record. The record in a home that was copied
    belongs to the original: two homes have two sets of locks, which could not
    keep two servers off one directory.
    """
    try:
        record: dict[str, str] = json.loads((home / _RECORD).read_text())
    except FileNotFoundError:
        return {}
    origin = Path(record["home"])
    if origin == home:
        return record
    if (origin / _RECORD).exists():
        return {}
    return _write_record(home, record)


def _record(home: Path, **places: str) -> None:
    _write_record(home, _recorded(home) | places)


def _write_record(home: Path, places: dict[str, str]) -> dict[str, str]:
    record = places | {"home": str(home)}
    fresh = home / f"{_RECORD}.new"
    fresh.write_text(json.dumps(record, indent=2) + "\n")
    fresh.replace(home / _RECORD)
    return record
