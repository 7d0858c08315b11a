"""Ctrl-C while the program still imports what it needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("package", ["typer", "pandas"])
def test_an_interrupt_amid_the_imports_is_one_line_and_no_traceback(package: str) -> None:
    program = Path(sys.executable).with_name("wangge")
    starting = subprocess.Popen(
        [program, "import", "reports", "--help"],
        env={**os.environ, "PYTHONPROFILEIMPORTTIME": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert starting.stderr is not None
    # Python tells each module when it is imported; a package's first is far from its last.
    imported = iter(starting.stderr.readline, "")
    assert any(line.split("|")[-1].strip().startswith(f"{package}.") for line in imported)
    starting.send_signal(signal.SIGINT)
    out, err = starting.communicate(timeout=30)
    told = [line for line in err.splitlines() if not line.startswith("import time:")]
    assert (out, told, starting.returncode) == ("", ["wangge: interrupted"], 130)
