"""What is made once for a whole test run, however many processes share it."""

from __future__ import annotations

import fcntl
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class MadeOnce:
    """Folders filled by whichever process of the run asks first; the others wait for it."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def folder(self, name: str, fill: Callable[[Path], None]) -> Path:
        """The folder of this name, filled by ``fill``; nobody may change what is in it."""
        whole, half = self.place / name, self.place / f"{name}.half"
        with (self.place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                # Left by a process that failed at it.
                shutil.rmtree(half, ignore_errors=True)
                half.mkdir()
                half.chmod(0o755)
                fill(half)
                half.rename(whole)
        return whole

    def value(self, name: str, make: Callable[[], T]) -> T:
        """What ``make`` answers, each time as a copy of its own."""

        def fill(folder: Path) -> None:
            (folder / "value").write_bytes(pickle.dumps(make()))

        made: T = pickle.loads((self.folder(name, fill) / "value").read_bytes())
        return made
