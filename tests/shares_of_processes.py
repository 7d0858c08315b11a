"""Which tests go together to one of the processes of a run."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

BROWSER = "tests/e2e/"
# Their fixtures make a city for the file.
WHOLE = ("test_houston.py", "test_hostile_names.py", "test_long_names.py")


class SharesOfProcesses(LoadFileScheduling):  # type: ignore[misc]
    """A file at a time, but the browser's tests one by one.

    They are long, they come last, and their city is the whole process's: so no process is
    left with a file of minutes when the others have ended.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(BROWSER) and not file.endswith(WHOLE):
            return nodeid
        return file
