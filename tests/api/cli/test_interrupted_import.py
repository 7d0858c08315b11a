"""An import that is ended in the middle, and the repeat that completes it."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.api.cli.command_line import CommandLine
from tests.api.cli.report_files import COLUMNS, row, write

ROWS = 40_000
# Long rows make the file eight chunks; every tenth row is one that is rejected.
NOTE = "x" * 800


@pytest.fixture(scope="module")
def long_file(small_city: CommandLine) -> Path:
    rows = (
        row(f"r{number}", category="dragons" if number % 10 == 0 else "garbage", note=NOTE)
        for number in range(ROWS)
    )
    return write(small_city.folder / "long.csv", rows)


def stored(city: CommandLine) -> int:
    return int(city.asked("select count(*) from reports"))


def interrupted(city: CommandLine, file: Path, how: signal.Signals) -> subprocess.Popen[str]:
    """Import in a process of its own and signal it when the first chunk more is there."""
    before = stored(city)
    # Each chunk takes its time, so that the signal comes between two however fast the machine is.
    city.asked("""
        create or replace function linger() returns trigger language plpgsql
            as $$ begin perform pg_sleep(0.4); return null; end $$;
        create or replace trigger lingering after insert on reports
            for each statement execute function linger();
    """)
    importing = city.start("import", "reports", str(file), *COLUMNS)
    while stored(city) == before:
        assert importing.poll() is None, importing.communicate()
        time.sleep(0.02)
    importing.send_signal(how)
    return importing


def test_whatever_ends_an_import_a_repeat_completes_it(
    small_city: CommandLine, long_file: Path
) -> None:
    seen = [0]
    for how, status, said in (
        (signal.SIGKILL, -signal.SIGKILL, ""),
        (signal.SIGINT, 128 + signal.SIGINT, "wangge: interrupted\n"),
    ):
        importing = interrupted(small_city, long_file, how)
        out, err = importing.communicate(timeout=30)
        assert (out, err) == ("", said)
        assert importing.returncode == status
        # Whole chunks only: each committed with its cases and its line in the journal.
        seen.append(stored(small_city))
        assert seen[-2] < seen[-1] < ROWS * 9 // 10
        assert small_city.asked("select count(*) from cases") == str(seen[-1])
        journalled = small_city.asked("select sum((after ->> 'imported')::int) from journal")
        assert journalled == str(seen[-1])
    small_city.asked("drop trigger lingering on reports")
    told = small_city.does("import", "reports", long_file, *COLUMNS)
    assert told["read"] == ROWS == told["imported"] + told["unchanged"] + told["rejected"]
    assert told["rejected"] == ROWS // 10
    assert told["unchanged"] == seen[-1]
    assert stored(small_city) == ROWS * 9 // 10
    assert small_city.asked("select count(distinct external_id) from reports") == str(
        ROWS * 9 // 10
    )
