"""`wangge --help` tells what each command says of itself, and imports none to do so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
import typer.main
from typer.core import TyperGroup

from api.cli.lazy_group import COMMANDS
from api.cli.program import app
from tests.api.cli.command_line import CommandLine

LISTING = """
import sys
from api.cli.main import main
try:
    main()
finally:
    sys.stderr.write(" ".join(sys.modules))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_listed_of_a_command_is_the_first_line_of_its_help(name: str) -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    command = group.get_command(typer.Context(group), name)
    assert command is not None
    assert str(command.help).split("\n")[0] == COMMANDS[name].says


def test_each_command_is_listed(tmp_path: Path) -> None:
    prompt = CommandLine(tmp_path, "")
    listed = prompt.run("--help").out
    assert listed == prompt.run().out
    begin = listed.index("Commands:")
    rows = [row for row in listed[begin:].splitlines() if row[2:3].strip()]
    assert [row.split()[0] for row in rows[1:]] == list(COMMANDS)
    assert "  migrate    Create the city's schema when it is new" in listed


def test_the_list_imports_no_command() -> None:
    words = [sys.executable, "-c", LISTING, "--help"]
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    loaded = set(ran.stderr.split())
    assert "api.cli.lazy_group" in loaded
    assert loaded.isdisjoint(each.where.split(":")[0] for each in COMMANDS.values())
    assert loaded.isdisjoint({"numpy", "shapely", "fastapi", "sqlalchemy"})
