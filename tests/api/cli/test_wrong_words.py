"""Words that make no command: one line says so, and the status tells a program."""

from __future__ import annotations

import subprocess

import pytest

from tests.api.cli.command_line import CommandLine, explanation

WRONG = {
    "nosuch": "No such command 'nosuch'",
    "import": "Missing command",
    "import grids": "Missing argument",
    "import grids x.gpkg": "'--code'",
    "import grids x.gpkg --code a --datum mars": "'mars'",
    "import grids x.gpkg --code a --max-gap -1": "--max-gap",
    "export grids --out a.csv --colour": "--colour",
    "export grids --out a.csv --as-of 2026-11-22": "--as-of '2026-11-22'",
    "serve --workers 0": "--workers",
    "locate x.csv --lng a --lat b --out y.csv": "there is no such file",
    "import reports x.csv --lng a --lat b --time t --category c": "there is no such file",
    "import grids x.gpkg --code a": "no such file",
    "import grids [red]:car:.gpkg --code a": "no such file: [red]:car:.gpkg",
}


@pytest.mark.parametrize("words", WRONG)
def test_wrong_words_are_told_in_one_line(small_city: CommandLine, words: str) -> None:
    ran = small_city.run(*words.split())
    assert ran.status != 0
    assert ran.out == ""
    assert ran.err.count("\n") == 1
    assert WRONG[words] in explanation(ran.err)


def test_no_words_at_all_show_the_commands(small_city: CommandLine) -> None:
    ran = small_city.run()
    assert ran.status == 0
    for word in ("serve", "demo", "migrate", "import", "export", "locate"):
        assert f"\n  {word} " in ran.out


@pytest.mark.parametrize(
    ("variable", "value", "word"),
    [
        ("city", "Bad City", "WANGGE_CITY='Bad City'"),
        ("port", "eighty", "WANGGE_PORT='eighty'"),
        ("database_url", "mysql://here", "WANGGE_DATABASE_URL"),
        ("profile", "/nowhere/profile.toml", "/nowhere/profile.toml"),
        ("database_url", "postgresql://127.0.0.1:1/wangge", "cannot be reached"),
        ("city", "not_there_yet", "City not_there_yet is not there yet"),
    ],
)
def test_a_wrong_setting_is_told_in_one_line(
    small_city: CommandLine, variable: str, value: str, word: str
) -> None:
    for words in (["export", "grids", "--out", "a.csv"], ["serve"]):
        ran = small_city.given(**{variable: value}).run(*words)
        assert ran.status == 1
        assert ran.err.count("\n") == 1
        assert word in explanation(ran.err)


def test_a_wrong_profile_is_told_by_line_and_key(small_city: CommandLine) -> None:
    (small_city.folder / "profile.toml").write_text(
        'timezone = "Asia/Shanghai"\nnearest_m = "near"\n[duty]\nroles = ["worker"]\n'
    )
    wrong = small_city.given(profile="profile.toml")
    line = wrong.refuses("export", "grids", "--out", "a.csv")
    assert "profile.toml, line 2, key nearest_m" in line


def test_a_folder_that_cannot_be_written_is_told_in_one_line(small_city: CommandLine) -> None:
    for out in ("/proc/a.csv", "/nowhere/a.csv", "grids.geojson/a.csv"):
        small_city.refuses("export", "grids", "--out", out)


def test_a_real_process_fails_the_same_way_on_a_narrow_terminal(small_city: CommandLine) -> None:
    words = ["import", "grids", f"{'long' * 40}.gpkg", "--code", "a"]
    told = subprocess.run(
        [small_city.program, *words],
        cwd=small_city.folder,
        env={**small_city.environment, "COLUMNS": "40"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr == f"wangge: no such file: {'long' * 40}.gpkg\n"
