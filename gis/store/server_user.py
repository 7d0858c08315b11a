"""The operating-system user the embedded database server runs as: never root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gis.errors import Misconfigured

WHEN_ROOT = "postgres"
"""Whom root hands the server to; Debian's package ``postgresql-common`` makes this user."""


@dataclass(frozen=True)
class ServerUser:
    """Who owns and runs the server.

    ``other`` is true when this process is root and hands the server to that
    user, false when this process is that user itself.
    """

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    other: bool

    def run(self, *command: str, own_session: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this user and keep what it prints."""
        with self.start(*command, out=subprocess.PIPE, own_session=own_session) as process:
            out, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, out)

    def start(
        self, *command: str, out: int | IO[bytes], own_session: bool = False
    ) -> subprocess.Popen[str]:
        """Start a program as this user; both its output streams go to ``out``.

        With ``own_session`` a Ctrl-C or hang-up of our terminal does not reach it, nor a
        signal to our process group.
        """
        try:
            return subprocess.Popen(
                command,
                user=self.uid if self.other else None,
                group=self.gid if self.other else None,
                extra_groups=self.groups if self.other else None,
                # Our own folder may be closed to that user, and initdb asks where it is.
                cwd="/",
                env=server_environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=own_session,
            )
        except (PermissionError, subprocess.SubprocessError) as error:
            raise Misconfigured(
                "server_user",
                f"cannot run {command[0]} as user {self.name}: {error}",
                user=self.name,
            ) from error

    def may_enter(self, folder: Path) -> bool:
        """Tell whether this user can reach into an existing folder.

        The kernel is asked, as that user: it alone knows modes, groups, access
        lists and mounts of every folder above.
        """
        test = shutil.which("test") or "/usr/bin/test"
        # A signal to our process group must not look like a refusal.
        return self.run(test, "-x", str(folder), own_session=True).returncode == 0

    def own(self, path: Path) -> None:
        """Give a file or folder that we made to this user."""
        if self.other:
            os.chown(path, self.uid, self.gid)


def server_user(cluster: Path) -> ServerUser:
    """Choose the user for a cluster folder, which need not exist yet.

    An ordinary user runs the server itself. Root hands it to the owner of an
    existing folder (made before by that user), else to ``postgres``.

    Raises
    ------
    Misconfigured
        The folder belongs to somebody else, or root finds no user to
        hand it to.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    us = os.geteuid()
    if us != 0:
        if owner not in (None, us):
            raise Misconfigured(
                "cluster_owner",
                f"the cluster in {cluster} belongs to user {_name(owner)}: "
                "run as that user or as root, or choose another WANGGE_HOME",
                owner=owner,
            )
        return ServerUser(_name(us), us, os.getegid(), (), other=False)
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam(WHEN_ROOT)
    except KeyError:
        raise Misconfigured(
            "server_user",
            f"root may not run PostgreSQL and user {owner or WHEN_ROOT} does not exist here: "
            "apt-get install postgresql-common makes user postgres, "
            "or run as an ordinary user",
        ) from None
    groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid, groups, other=True)


def server_environment() -> dict[str, str]:
    """Return the little that PostgreSQL needs of the environment.

    ``PGHOST``, ``PGDATA`` and the like would lead its programs elsewhere, and
    what else root has in its environment is no business of another user.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    # A pid file left by a crash may hold a number that now is our parent's, most likely in a
    # restarted container. PostgreSQL excuses its own parent, and the one named here.
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PG_GRANDPARENT_PID": str(os.getppid())}


def _name(uid: int | None) -> str:
    try:
        return pwd.getpwuid(uid or 0).pw_name
    except KeyError:
        return str(uid)
