"""Find the PostgreSQL programs of this machine that come with PostGIS."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.errors import Misconfigured

MAJORS = (17, 16, 15, 14)
"""Versions of PostgreSQL the store is written for, the preferred one first."""

POSTGIS_OLDEST = (3, 2)

INSTALLATIONS = tuple(
    Path(pattern.format(major))
    for major in MAJORS
    for pattern in ("/usr/lib/postgresql/{}/bin", "/usr/pgsql-{}/bin")
)
"""Where Debian and the PGDG packages of Red Hat put the programs of each version."""

_HOW_ELSE = "or set WANGGE_DATABASE_URL to a server that has them"


@dataclass(frozen=True)
class PostgreSQL:
    """One installed PostgreSQL: its major version and the folder of its programs."""

    major: int
    folder: Path

    def program(self, name: str) -> str:
        """Return the absolute path of one of its programs, e.g. ``initdb``."""
        return str(self.folder / name)


def find_postgresql(
    major: int | None = None, installations: Sequence[Path] | None = None
) -> PostgreSQL:
    """Choose the PostgreSQL that makes or runs the embedded cluster.

    Parameters
    ----------
    major
        The version an existing cluster was made by; its data can be read by
        no other. ``None`` takes the newest that has PostGIS.
    installations
        Folders of programs to look into, the preferred first. ``None`` looks
        where packages put them and then where ``pg_config`` on the PATH points.

    Raises
    ------
    Misconfigured
        None is installed; the message names the packages to install.
    """
    found = list(_installed(_usual_folders() if installations is None else installations))
    wanted = [each for each in found if major in (None, each.major)]
    for each in wanted:
        if _postgis_version(each) >= POSTGIS_OLDEST:
            return each
    if wanted:
        package = f"postgresql-{wanted[0].major}-postgis-3"
        raise Misconfigured(
            "postgis_missing",
            f"PostgreSQL {wanted[0].major} is here, but without PostGIS 3.2 or later: "
            f"apt-get install {package}, {_HOW_ELSE}",
            package=package,
        )
    if found:
        raise Misconfigured(
            "postgresql_version",
            f"the cluster was made by PostgreSQL {major}, but only "
            f"{', '.join(str(each.major) for each in found)} is installed: "
            f"apt-get install postgresql-{major} postgresql-{major}-postgis-3",
            major=major,
        )
    packages = f"postgresql-{major or 15} postgresql-{major or 15}-postgis-3"
    raise Misconfigured(
        "postgresql_missing",
        f"PostgreSQL 14 to 17 with PostGIS 3.2 or later is not installed: "
        f"apt-get install {packages} (names of Debian 12), {_HOW_ELSE}",
        packages=packages,
    )


def _usual_folders() -> Iterator[Path]:
    yield from INSTALLATIONS
    if on_path := shutil.which("pg_config"):
        yield Path(_first_line(on_path, "--bindir"))


def _installed(folders: Sequence[Path] | Iterator[Path]) -> Iterator[PostgreSQL]:
    seen: set[Path] = set()
    for folder in folders:
        # Debian's pg_config may come with the client library alone: only a folder
        # that holds the server counts.
        if folder in seen or not (folder / "initdb").exists():
            continue
        seen.add(folder)
        version = re.search(r"\) (\d+)", _first_line(str(folder / "postgres"), "--version"))
        if version and int(version[1]) in MAJORS:
            yield PostgreSQL(int(version[1]), folder)


def _postgis_version(postgresql: PostgreSQL) -> tuple[int, ...]:
    share = Path(f"/usr/share/postgresql/{postgresql.major}")
    if Path(postgresql.program("pg_config")).exists():
        share = Path(_first_line(postgresql.program("pg_config"), "--sharedir"))
    try:
        control = (share / "extension" / "postgis.control").read_text()
    except OSError:
        return ()
    version = re.search(r"default_version\s*=\s*'(\d+)\.(\d+)", control)
    return (int(version[1]), int(version[2])) if version else ()


def _first_line(*command: str) -> str:
    # Out of our process group: a signal to it must not leave us without an answer.
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", start_new_session=True
    )
    return ran.stdout.partition("\n")[0].strip()
