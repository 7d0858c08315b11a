from __future__ import annotations

from gis.store.migrate import head_revision
from tests.api.cli.command_line import CommandLine
from tests.api.cli.conftest import NewCity


def test_a_new_city_is_made_and_the_second_time_nothing_is_changed(prompt: CommandLine) -> None:
    code = prompt.variables["WANGGE_CITY"]
    assert prompt.does("migrate") == {
        "cities": [code],
        "changed": [code],
        "revision": head_revision(),
    }
    before = prompt.contents()
    assert set(before) >= {"boundary_versions", "grids", "cases", "reports", "journal"}
    assert prompt.does("migrate")["changed"] == []
    assert prompt.contents() == before


def test_all_cities_of_the_server_are_brought_up_to_date(new_city: NewCity) -> None:
    one, other = new_city(), new_city()
    for prompt in (one, other):
        prompt.does("migrate")
    told = one.does("migrate", "--all")
    assert {p.variables["WANGGE_CITY"] for p in (one, other)} <= set(told["cities"])
    assert told["changed"] == []


def test_a_schema_newer_than_the_program_is_told_in_one_line(prompt: CommandLine) -> None:
    prompt.does("migrate")
    prompt.asked("update alembic_version set version_num = '9999'")
    before = prompt.contents()
    for words in (["migrate"], ["migrate", "--all"], ["demo"]):
        assert "9999" in prompt.refuses(*words)
    for words in (["serve"], ["export", "grids", "--out", "g.csv"]):
        line = prompt.refuses(*words)
        assert "9999" in line
        assert head_revision() in line
    assert prompt.contents() == before
