"""Which tests go together to one of the processes of a run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
BROWSER = "tests/e2e/"


class SharesOfProcesses(LoadFileScheduling):  # type: ignore[misc]
    """A file at a time, but the browser's tests one by one.

    They are long, they come last, and their city is the whole process's: so no process is
    left with a file of minutes when the others have ended. A file that makes something for
    all its tests stays whole.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if file.startswith(BROWSER) and not _stays_whole(file) else file


@cache
def _stays_whole(file: str) -> bool:
    """Whether a file, or one of the browser's that it imports from, has fixtures of a module."""
    text = (ROOT / file).read_text("utf-8")
    imported = re.findall(r"^from tests\.e2e\.(\w+) import", text, re.MULTILINE)
    texts = [text, *((ROOT / BROWSER / f"{name}.py").read_text("utf-8") for name in imported)]
    return any('scope="module"' in each for each in texts)
