"""The rooms of docs/architecture.md, and what no file of the repository may hold."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[1]

TOP_LEVEL_FOLDERS = {
    *("gis", "boundaries", "tiles", "api", "web", "tests", "docs"),
    *(".ci", ".github"),
}

HOMES = {
    "fastapi": ("api/",),
    "starlette": ("api/",),
    "typer": ("api/",),
    "rich": ("api/",),
    "uvicorn": ("api/",),
    "sqlalchemy": ("gis/store/", "tiles/"),
    "geoalchemy2": ("gis/store/", "tiles/"),
    # The bare endpoint that the intake is measured against is all that SQLAlchemy is not.
    "asyncpg": ("gis/store/", "tiles/", "api/bench/bare_intake.py"),
    "alembic": ("gis/store/",),
}
"""The only folders that may import these packages."""

LONGEST_FILE = 400
LONGER_FILES = {
    "gis/store/migrations/versions/0001_first.py": "all tables of a new city at once; history",
}
"""Files that may be longer, each with its reason. Generated ones are called `*.gen.*`."""

WRITTEN_BY_HAND = {".py", ".ts", ".svelte", ".css", ".sql", ".sh"}

VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "stuff", "tools", "shared"}

# In pieces, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.~-])/(?:work|root|home/\w+|tmp/build)/[\w.]",
    "the address of a package registry": "|".join(
        (r"registry\.npm" + "js", r"py" + r"pi\.org", r"python" + "hosted", r"deb\.deb" + "ian"),
    ),
    "work left to do": r"\b(?:TO" + "DO|FIX" + r"ME|XX" + r"X)\b",
}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return the files that git knows; in a copy without git there is nothing to hold to."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip(f"not a git repository: {listed.stderr.strip()}")
    named = (Path(name) for name in listed.stdout.split("\0") if name)
    return tuple(path for path in named if (ROOT / path).is_file())


def source_files() -> Iterator[tuple[Path, str]]:
    for path in tracked_files():
        if path.suffix in WRITTEN_BY_HAND and ".gen" not in path.suffixes:
            yield path, (ROOT / path).read_text("utf-8")


def imported_packages(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def test_imports_run_one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    status = lint_imports("pyproject.toml", no_cache=True, no_logo=True)
    assert status == EXIT_STATUS_SUCCESS, "the output above shows the chain of imports"


def test_the_contracts_name_the_rooms_of_the_design() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [each["layers"] for each in project["contracts"] if each["type"] == "layers"]
    assert layers == [["api", "boundaries | tiles", "gis"]]
    assert set(project["root_packages"]) == {"api", "boundaries", "tiles", "gis"}


def test_each_framework_stays_in_its_room() -> None:
    strays = [
        f"{path} imports {package}"
        for path, source in source_files()
        if path.suffix == ".py" and path.parts[0] != "tests"
        for package in imported_packages(source)
        if not path.as_posix().startswith(HOMES.get(package, ("",)))
    ]
    assert strays == []


def test_no_folder_is_added_at_the_top() -> None:
    folders = {path.parts[0] for path in tracked_files() if len(path.parts) > 1}
    assert folders <= TOP_LEVEL_FOLDERS


def test_a_file_holds_one_concept_and_is_no_longer_than_400_lines() -> None:
    too_long = {
        path.as_posix(): lines
        for path, source in source_files()
        if (lines := source.count("\n")) > LONGEST_FILE and path.as_posix() not in LONGER_FILES
    }
    assert too_long == {}


def test_the_exceptions_are_still_needed() -> None:
    for name in LONGER_FILES:
        assert (ROOT / name).read_text("utf-8").count("\n") > LONGEST_FILE, name


def test_a_file_is_named_by_its_concept() -> None:
    vague = [
        str(path)
        for path in tracked_files()
        for part in path.parts
        if VAGUE & set(re.split(r"[_.\-]", part.lower()))
    ]
    assert vague == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in tracked_files():
        try:
            text = (ROOT / path).read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture or data, not text
        found += [f"{path}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_no_lock_file_tells_where_a_package_was_fetched() -> None:
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    fetched = [name for name, package in lock["packages"].items() if "resolved" in package]
    assert fetched == []
    for requirements in ROOT.glob("requirements*.txt"):
        lines = requirements.read_text().splitlines()
        assert not [line for line in lines if "://" in line or "index-url" in line]
